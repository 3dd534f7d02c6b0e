#!/usr/bin/env bash
# Made by replank 0.1.0 for step 65-repoint-clients/l-33-39.
# Caused by line 76, column 20 of the spec: /spec/target/controlPlane/0. Change the spec, not this file.
# On a node, as root, with `apply` or `undo`. Each may be run again. The last line says what became of it.
set -euo pipefail
# Whoever is cut off goes on to an end: repointed, or taken back.
trap '' PIPE HUP
# A kubeconfig holds a key.
umask 077
kept=/var/backups/replank/relocate-master/65-repoint-clients.l-33-39
files=(/etc/sysconfig/kubelet /etc/sysconfig/kube-proxy /etc/sysconfig/flanneld)
units=(kubelet kube-proxy flanneld)

# Whether each address stands where the spec says. A flag whose name ends alike is another flag.
has_flag() { grep -Eq "^ *$2=(.*[ '\"])?--?$3[= ]" "$1" || { echo "$1 has no $2 with --$3"; return 1; }; }
has_value() {
  grep -Eq "^ *$2=" "$1" || { echo "$1 has no $2"; return 1; }
  if grep -Eq "^ *$2=['\"]? *-" "$1"; then echo "$2 in $1 holds a flag: name it under flag in the spec"; return 1; fi
}
has_server() { [ "$(grep -Ec '^ *server: ' "$1")" = 1 ] || { echo "$1 does not name one server"; return 1; }; }

# One line of a file that units read. What stands beside the flag, and the quotes, stay as they are.
set_flag() {
  sed "/^ *$2=/s|\([= '\"]--*$3[= ]\)[^ '\"]*|\1$4|" "$1" > "$1.replank-new" && cat "$1.replank-new" > "$1" && rm -f "$1.replank-new"
}
set_value() {
  sed "s|^\( *$2=[\"']\{0,1\}\)[^\"']*|\1$3|" "$1" > "$1.replank-new" && cat "$1.replank-new" > "$1" && rm -f "$1.replank-new"
}
set_server() {
  sed "s|^\( *server: \).*|\1$2|" "$1" > "$1.replank-new" && cat "$1.replank-new" > "$1" && rm -f "$1.replank-new"
}

# Units that are required by others, as flannel is by docker, are restarted without those: containers go on.
restart() {
  systemctl daemon-reload || return 1
  for unit in "${units[@]}"; do
    timeout 60 systemctl restart --job-mode=ignore-dependencies "$unit" || { echo "$unit did not restart"; return 1; }
  done
  sleep 3
  for unit in "${units[@]}"; do
    systemctl is-active --quiet "$unit" || { echo "$unit does not run"; return 1; }
  done
}

keep() {
  if [ -e "$kept/whole" ]; then return 0; fi
  rm -rf -- "$kept.part"
  # `cp -p --parents` fails under a strict umask (coreutils 9.1).
  for file in "${files[@]}"; do
    mkdir -p "$kept.part${file%/*}" || return 1
    cp -p "$file" "$kept.part$file" || return 1
  done
  touch "$kept.part/whole" && mv "$kept.part" "$kept"
}

fits() {
  for file in "${files[@]}"; do test -r "$file" || { echo "missing: $file"; return 1; }; done
  has_flag /etc/sysconfig/kubelet API_SERVERS api-servers || return 1
  has_flag /etc/sysconfig/kube-proxy KUBE_MASTER master || return 1
  has_value /etc/sysconfig/flanneld FLANNEL_ETCD || return 1
}

change() {
  set_flag /etc/sysconfig/kubelet API_SERVERS api-servers 'http://10.17.33.20:8080' || return 1
  set_flag /etc/sysconfig/kube-proxy KUBE_MASTER master 'http://10.17.33.20:8080' || return 1
  set_value /etc/sysconfig/flanneld FLANNEL_ETCD 'http://10.17.33.21:4012,http://10.17.33.22:4012,http://10.17.33.23:4012' || return 1
}

is_changed() {
  grep -qF -- 'http://10.17.33.20:8080' /etc/sysconfig/kubelet || return 1
  grep -qF -- 'http://10.17.33.20:8080' /etc/sysconfig/kube-proxy || return 1
  grep -qF -- 'http://10.17.33.21:4012,http://10.17.33.22:4012,http://10.17.33.23:4012' /etc/sysconfig/flanneld || return 1
}

undo() {
  if [ ! -e "$kept/whole" ]; then return 0; fi
  for file in "${files[@]}"; do cat "$kept$file" > "$file" || return 1; done
  restart || return 1
  # What somebody mends before the next attempt is not taken back with that one.
  rm -rf -- "$kept.undone" && mv "$kept" "$kept.undone"
}

subnet() { grep -hs '^FLANNEL_SUBNET=' /run/flannel/subnet.env || true; }

case ${1:-} in
  apply)
    # Nothing is changed on a node that would not find what it is sent to.
    [ "$(curl --silent --show-error --fail --max-time 20 --write-out '\n' http://10.17.33.20:8080/healthz || true)" = ok ] || { echo 'not changed: the API does not answer here'; exit 1; }
    curl --silent --fail --max-time 10 --output /dev/null 'http://10.17.33.21:4012/version' || { echo 'not changed: etcd does not answer here'; exit 1; }
    fits || { echo 'not changed: a file is not as the spec says'; exit 1; }
    before=$(subnet)
    keep || { echo 'not changed: nothing could be kept'; exit 1; }
    if change && restart && is_changed && [ "$(subnet)" = "$before" ]; then
      echo 'repointed'
    elif undo; then
      echo 'rolled back'
      exit 1
    else
      echo 'NEITHER changed nor rolled back: look at this node'
      exit 1
    fi
    ;;
  undo)
    undo || { echo 'not rolled back: look at this node'; exit 1; }
    echo 'as before'
    ;;
  *)
    echo 'expected apply or undo'
    exit 64
    ;;
esac
