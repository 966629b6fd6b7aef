# shellcheck shell=bash
# DragonFly Mail Agent, which delivers by itself.
# packages: dma
# row default: dma

mta_start() {
    echo "MAILNAME $DOMAIN" >/etc/dma/dma.conf
    rm -f /var/spool/dma/*
}

mta_retry() {
    dma -q1
}
