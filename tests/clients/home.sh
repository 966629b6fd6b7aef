#!/usr/bin/env bash
# home.sh ROOT NAME STAGE CLIENT ROW: one client in its home, which is one throw-away root (roots.sh), in
# namespaces of mounts and processes that end with it. Started by clients_try (clients.sh), in the home's
# network.
set -eu
. "$(dirname "$0")/roots.sh"
root=$1 name=$2
mount --make-rprivate /
home=/mnt
root_frame $home
if [ "$root" = host ]; then
    root_layers $home $home/layers
else
    root_layers $home $home/layers "$CLIENTS_CACHE/$root"
fi
mkdir -p $home/clients $home/template $home/run/{out,box,lock,systemd/journal}
mount --bind "$(dirname "$0")" $home/clients
mount --bind "$CLIENTS_TEMPLATE" $home/template
mount --bind "$LAB_DIR/homes/$name" $home/run/out
mount --bind "$LAB_DIR/daemon" $home/run/box
exec chroot $home /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C \
    LAB_PATIENCE="${LAB_PATIENCE:-1}" /bin/bash /clients/attempts.sh "${@:3}"
