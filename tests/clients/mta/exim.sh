# shellcheck shell=bash
# Exim as Debian configures it for an "internet site".
# packages: exim4-daemon-light
# row default: Exim
# row tls: Exim, TLS required

mta_start() {
    cat >/etc/exim4/update-exim4.conf.conf <<CONFIG
dc_eximconfig_configtype='internet'
dc_other_hostnames='$DOMAIN'
dc_local_interfaces='127.0.0.1'
dc_localdelivery='mail_spool'
dc_use_split_config='false'
CONFIG
    if [ "$ROW" = tls ]; then
        echo 'REMOTE_SMTP_HOSTS_REQUIRE_TLS = *' >/etc/exim4/exim4.conf.localmacros
    fi
    update-exim4.conf
}

mta_retry() {
    exim4 -qff
}
