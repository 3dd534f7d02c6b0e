#!/bin/bash
# Has keepalived read configurations, each in an overlay of this machine's files and a network of its own interfaces.
# Prints one line for each complaint, with the file's name in front. Runs inside `unshare --mount --net`.
set -euo pipefail

root=$(mktemp -d)
mount -t tmpfs tmpfs "$root"
mkdir "$root"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=/,upperdir=$root/upper,workdir=$root/work" "$root/root"
root=$root/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
ip link set lo up

for file in "$@"; do
    name=$(basename "$file")
    if [ ! -s "$file" ]; then
        echo "$name: empty, which keepalived accepts without a word"
        continue
    fi
    for interface in $(awk '$1 == "interface" { print $2 } { for (i = 1; i < NF; i++) if ($i == "dev") print $(i + 1) }' "$file" | sort -u); do
        ip link show "$interface" >/dev/null 2>&1 || ip link add "$interface" type bridge
        ip link set "$interface" up
        for address in $(awk '$1 == "unicast_src_ip" { print $2 }' "$file") 192.0.2.7; do
            ip address replace "$address" dev "$interface"
        done
    done
    for included in $(awk '$1 ~ /^include/ { gsub(/"/, "", $2); print $2 }' "$file"); do
        mkdir -p "$(dirname "$root$included")"
        printf 'authentication {\n    auth_type PASS\n    auth_pass Ab3dEf7h\n}\n' >"$root$included"
        chmod 0600 "$root$included"
    done
    for script in $(awk '$1 == "script" || $1 ~ /^notify/ { gsub(/"/, "", $2); print $2 }' "$file"); do
        mkdir -p "$(dirname "$root$script")"
        printf '#!/bin/sh\n' >"$root$script"
        chmod 0755 "$root$script"
    done
    mkdir -p "$root/etc/keepalived"
    cp "$file" "$root/etc/keepalived/keepalived.conf"
    chmod 0644 "$root/etc/keepalived/keepalived.conf"
    exit=0
    said=$(chroot "$root" keepalived -t -f /etc/keepalived/keepalived.conf 2>&1) || exit=$?
    if [ "$exit" -ne 0 ] || [ -n "$said" ]; then
        printf '%s\n' "exit $exit" "${said:-without a word}" | sed "s|^|$name: keepalived -t: |"
    fi
done
