#!/bin/sh
# The install script of k3s in small. Models k3s-io/k3s install.sh in what a migration can notice: the command comes from
# INSTALL_K3S_EXEC or, without one, from K3S_URL; unit and environment file are written anew on each run, the latter from
# exported K3S_* and proxy variables alone; each flag stands quoted on a line of its own; the killall and uninstall scripts. It
# downloads nothing: without INSTALL_K3S_SKIP_DOWNLOAD=true it ends with 1, as the real one does without a network.
set -e
set -o noglob

fatal() { echo "[ERROR]  $*" >&2; exit 1; }

[ "$INSTALL_K3S_SKIP_DOWNLOAD" = true ] || fatal 'Download failed'
# shellcheck disable=SC2086,SC2048
set -- $INSTALL_K3S_EXEC $*
case "$1" in
    -* | '')
        role=server
        if [ -n "$K3S_URL" ]; then role=agent; fi
        ;;
    *)
        role=$1
        shift
        ;;
esac
case "$K3S_URL" in '' | https://*) ;; *) fatal "Only https:// URLs are supported for K3S_URL (have $K3S_URL)" ;; esac
[ -x /usr/local/bin/k3s ] || fatal 'Executable k3s binary not found at /usr/local/bin/k3s'
name=k3s
if [ "$role" != server ]; then name=k3s-$role; fi
unit=/etc/systemd/system/$name.service
uninstall=/usr/local/bin/$name-uninstall.sh
killall=/usr/local/bin/k3s-killall.sh

hashes() { sha256sum /usr/local/bin/k3s "$unit" "$unit.env" 2>&1 || true; }
before=$(hashes)

cat >"$killall" <<'END'
#!/bin/sh
set -x
for service in /etc/systemd/system/k3s*.service; do
    [ -s $service ] && systemctl stop $(basename $service)
done
ip link delete cni0
ip link delete flannel.1
rm -rf /var/lib/cni/
iptables-save | grep -v KUBE- | iptables-restore
END
cat >"$uninstall" <<END
#!/bin/sh
set -x
$killall
systemctl disable $name
systemctl reset-failed $name
systemctl daemon-reload
rm -f $unit $unit.env
remove_uninstall() { rm -f $uninstall; }
trap remove_uninstall EXIT
if ls /etc/systemd/system/k3s*.service >/dev/null 2>&1; then
    echo 'Additional k3s services installed, skipping uninstall of k3s'
    exit
fi
rm -rf /etc/rancher/k3s /run/k3s /run/flannel /var/lib/rancher/k3s /var/lib/kubelet
rm -f /usr/local/bin/k3s $killall
if type yum >/dev/null 2>&1; then
    yum remove -y k3s-selinux
fi
END
chmod 755 "$killall" "$uninstall"

systemctl disable "$name" >/dev/null 2>&1 || true
rm -f "$unit" "$unit.env"
touch "$unit.env"
chmod 0600 "$unit.env"
sh -c export | while read -r _ value; do echo "$value"; done | grep -E '^(K3S|CONTAINERD)_' >"$unit.env" || true
sh -c export | while read -r _ value; do echo "$value"; done | grep -Ei '^(NO|HTTP|HTTPS)_PROXY' >>"$unit.env" || true
{
    cat <<END
[Unit]
Description=Lightweight Kubernetes
Documentation=https://k3s.io
Wants=network-online.target
After=network-online.target

[Install]
WantedBy=multi-user.target

[Service]
Type=notify
EnvironmentFile=-/etc/default/%N
EnvironmentFile=-/etc/sysconfig/%N
EnvironmentFile=-$unit.env
KillMode=process
Delegate=yes
# Having non-zero Limit*s causes performance problems due to accounting overhead
# in the kernel. We recommend using cgroups to do container-local accounting.
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=0
Restart=always
RestartSec=5s
ExecStartPre=/bin/sh -xc '! /usr/bin/systemctl is-enabled --quiet nm-cloud-setup.service 2>/dev/null'
ExecStartPre=-/sbin/modprobe br_netfilter
ExecStartPre=-/sbin/modprobe overlay
ExecStart=/usr/local/bin/k3s \\
    $role \\
END
    for argument; do printf "\t'%s' \\\\\n" "$argument"; done
    echo
} >"$unit"

systemctl enable "$name" >/dev/null
systemctl daemon-reload >/dev/null
if [ "$INSTALL_K3S_SKIP_START" = true ]; then exit 0; fi
if [ "$before" = "$(hashes)" ] && [ "$INSTALL_K3S_FORCE_RESTART" != true ]; then
    echo '[INFO]  No change detected so skipping service start'
    exit 0
fi
systemctl restart "$name"
