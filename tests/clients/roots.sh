# shellcheck shell=bash
#
# Throw-away roots. Debian's mail servers conflict with each other, so each is installed in a root of
# its own: overlays over this machine's /usr, /etc and /var, whose upper layers are kept below
# CLIENTS_CACHE from one run to the next. Nothing is changed on this machine itself. Needs root in
# earnest, but for ROOT "host", which adds nothing.

: "${CLIENTS_CACHE:=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/op25bd-clients}"

# root_frame FOLDER: all of a root but /usr, /etc and /var, in memory.
root_frame() {
    local link

    mount -t tmpfs -o mode=755 root "$1"
    for link in bin sbin lib lib32 lib64 libx32; do
        [ ! -L "/$link" ] || cp -P "/$link" "$1"
    done
    mkdir -p "$1"/{dev,proc,run,root,home,srv,usr,etc,var,layers}
    mkdir -m 1777 "$1/tmp"
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
}

# root_layers FOLDER UPPER [LOWER]: puts the three overlays there, writing to UPPER, over what is kept
# in LOWER, over this machine's.
root_layers() {
    local part below

    for part in usr etc var; do
        below=/$part
        [ -z "${3:-}" ] || below=$3/$part:$below
        mkdir -p "$2/$part" "$2/.work-$part"
        mount -t overlay overlay -o "lowerdir=$below,upperdir=$2/$part,workdir=$2/.work-$part" "$1/$part"
    done
}

# root_install_inside ROOT PACKAGE...: in a mount namespace. What it prints is for the log.
root_install_inside() {
    local root=/mnt

    mount --make-rprivate /
    root_frame $root
    root_layers $root "$CLIENTS_CACHE/$1"
    cat /etc/resolv.conf >$root/etc/resolv.conf 2>/dev/null || true
    # No daemon is started here, and no index of manual pages is missed.
    printf '#!/bin/sh\nexit 101\n' >$root/usr/sbin/policy-rc.d
    chmod 755 $root/usr/sbin/policy-rc.d
    rm -f $root/var/lib/man-db/auto-update
    echo "courier-base courier-base/webadmin-configmode boolean false" | chroot $root debconf-set-selections
    set -- DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        -o Dpkg::Options::=--force-unsafe-io "${@:2}"
    chroot $root env "$@" || { chroot $root apt-get update && chroot $root env "$@"; }
    chroot $root apt-get clean
}

# root_install ROOT PACKAGE...: unless that has been done before.
root_install() {
    local mark=$CLIENTS_CACHE/$1.installed wanted log=$CLIENTS_CACHE/$1.log

    wanted="$(cat /etc/debian_version) ${*:2}"
    [ "$(cat "$mark" 2>/dev/null)" != "$wanted" ] || return 0
    echo "installing for $1: ${*:2}"
    rm -rf "${CLIENTS_CACHE:?}/$1" "$mark"
    mkdir -p "$CLIENTS_CACHE/$1"
    CLIENTS_CACHE=$CLIENTS_CACHE unshare --mount --pid --fork --kill-child "$BASH" -euc \
        '. "$0"; root_install_inside "$@"' "${BASH_SOURCE[0]}" "$@" >"$log" 2>&1 </dev/null || {
        tail -n 20 "$log" >&2
        echo "cannot install $*" >&2
        return 1
    }
    echo "$wanted" >"$mark"
}
