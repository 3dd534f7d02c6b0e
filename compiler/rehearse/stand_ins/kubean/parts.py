"""What kubespray puts on a machine, as text: units, manifests, settings and certificates. Who gets it is decided elsewhere.

Models kubespray v2.23 to v2.31 in the names of files and in what stands in them that a migration can notice.
"""

import json

import yaml

KUBE, BIN = "/etc/kubernetes", "/usr/local/bin"
SSL = f"{KUBE}/ssl"
ETCD_SSL = "/etc/ssl/etcd/ssl"
ETCD_DATA = "/var/lib/etcd"
PROGRAMS = "/stand-ins/programs"

ETCD_UNIT = f"""[Unit]
Description=etcd
After=network.target

[Service]
Type=notify
User=root
EnvironmentFile=/etc/etcd.env
ExecStart={BIN}/etcd
NotifyAccess=all
Restart=always
RestartSec=2s
LimitNOFILE=40000

[Install]
WantedBy=multi-user.target
"""

KUBELET_UNIT = f"""[Unit]
Description=Kubernetes Kubelet Server

[Service]
ExecStart={BIN}/kubelet
Restart=always
RestartSec=2s
KillMode=process

[Install]
WantedBy=multi-user.target
"""

KUBECTL = f"""#!/bin/sh
# kubectl of the rehearsal, see docs/rehearsal/kubectl.md.
exec /usr/bin/python3 -B -c 'import sys; sys.path.insert(0, "/stand-ins/shared"); from kube_client import main; main(sys.argv[1:], "{KUBE}/admin.conf")' "$@"
"""

# A key and a certificate for servers and clients, for the addresses that follow name, certificate, key, authority and its key.
SIGN = r"""
name=$1 certificate=$2 key=$3 authority=$4 authority_key=$5
shift 5
mkdir -p "$(dirname "$certificate")"
work=$(mktemp -d)
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$name" -keyout "$work/key" -out "$work/request" 2>/dev/null
printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$(IFS=,; echo "$*")" >"$work/extensions"
openssl x509 -req -in "$work/request" -CA "$authority" -CAkey "$authority_key" -set_serial "0x$(openssl rand -hex 8)" -days 365 -extfile "$work/extensions" \
    -out "$work/certificate" 2>/dev/null
install -m 0640 "$work/certificate" "$certificate"
install -m 0600 "$work/key" "$key"
rm -r "$work"
"""

AUTHORITY = r"""
mkdir -p "$(dirname "$1")"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=kubernetes -keyout "$2" -out "$1" 2>/dev/null
"""


def bracketed(address):
    return f"[{address}]" if ":" in address else address


def client_url(host):
    return f"https://{bracketed(host.ip)}:2379"


def peer_url(host):
    return f"https://{bracketed(host.ip)}:2380"


def sign(host, task, name, certificate, key, authority, authority_key, addresses):
    """Signs on a machine that has the authority's key."""
    names = [f"IP:{address}" for address in dict.fromkeys([*addresses, "127.0.0.1"])] + [f"DNS:{name}", "DNS:localhost"]
    words = " ".join(f"'{word}'" for word in [name, certificate, key, authority, authority_key, *names])
    host.must(task, f"set -- {words}\n{SIGN}")


def manifest(name, command, tag="latest"):
    """A static pod."""
    return yaml.safe_dump({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "kube-system"},
                           "spec": {"hostNetwork": True, "containers": [{"name": name, "image": f"registry.k8s.io/{name}:{tag}", "command": command}]}}, sort_keys=False)


def etcd_manifest(host, members, state):
    """kubeadm's: `members` are (name, peer URL)."""
    own = f"{SSL}/etcd"
    return manifest("etcd", [
        "etcd", f"--name={host.name}", f"--data-dir={ETCD_DATA}",
        f"--listen-client-urls=https://127.0.0.1:2379,{client_url(host)}", f"--advertise-client-urls={client_url(host)}",
        f"--listen-peer-urls={peer_url(host)}", f"--initial-advertise-peer-urls={peer_url(host)}",
        "--initial-cluster=" + ",".join(f"{name}={url}" for name, url in members), f"--initial-cluster-state={state}",
        f"--cert-file={own}/server.crt", f"--key-file={own}/server.key", f"--trusted-ca-file={own}/ca.crt", "--client-cert-auth=true",
        f"--peer-cert-file={own}/peer.crt", f"--peer-key-file={own}/peer.key", f"--peer-trusted-ca-file={own}/ca.crt",
        "--peer-client-cert-auth=true", "--snapshot-count=10000"])


def etcd_environment(host, name, members, state):
    """/etc/etcd.env of a member that is a service."""
    file = lambda kind: f"{ETCD_SSL}/{kind}-{host.name}"
    lines = {
        "ETCD_DATA_DIR": ETCD_DATA, "ETCD_ADVERTISE_CLIENT_URLS": client_url(host), "ETCD_INITIAL_ADVERTISE_PEER_URLS": peer_url(host),
        "ETCD_INITIAL_CLUSTER_STATE": state, "ETCD_LISTEN_CLIENT_URLS": f"{client_url(host)},https://127.0.0.1:2379",
        # Half of kubespray's own, so that the world is not slower than it need be.
        "ETCD_ELECTION_TIMEOUT": "2500", "ETCD_HEARTBEAT_INTERVAL": "125",
        "ETCD_INITIAL_CLUSTER_TOKEN": "k8s_etcd", "ETCD_LISTEN_PEER_URLS": peer_url(host), "ETCD_NAME": name, "ETCD_PROXY": "off",
        "ETCD_INITIAL_CLUSTER": ",".join(f"{each}={url}" for each, url in members), "ETCD_AUTO_COMPACTION_RETENTION": "8",
        "ETCD_TRUSTED_CA_FILE": f"{ETCD_SSL}/ca.pem", "ETCD_CERT_FILE": f"{file('member')}.pem", "ETCD_KEY_FILE": f"{file('member')}-key.pem",
        "ETCD_CLIENT_CERT_AUTH": "true", "ETCD_PEER_TRUSTED_CA_FILE": f"{ETCD_SSL}/ca.pem", "ETCD_PEER_CERT_FILE": f"{file('member')}.pem",
        "ETCD_PEER_KEY_FILE": f"{file('member')}-key.pem", "ETCD_PEER_CLIENT_CERT_AUTH": "true",
    }
    return "".join(f"{key}={value}\n" for key, value in lines.items())


def api_manifest(host, version, endpoints, certificates):
    """`certificates`: authority, certificate and key of a client of etcd."""
    return manifest("kube-apiserver", [
        "kube-apiserver", f"--advertise-address={host.ip}", "--secure-port=6443", f"--etcd-servers={','.join(endpoints)}",
        f"--etcd-cafile={certificates[0]}", f"--etcd-certfile={certificates[1]}", f"--etcd-keyfile={certificates[2]}",
        f"--tls-cert-file={SSL}/apiserver.crt", f"--tls-private-key-file={SSL}/apiserver.key", f"--client-ca-file={SSL}/ca.crt",
        f"--token-auth-file={KUBE}/tokens.csv"], version)


def proxy_settings(control_planes):
    servers = "".join(f"    server {bracketed(host.ip)}:6443;\n" for host in control_planes)
    # The image has the module built in, a distribution beside it.
    return ("load_module modules/ngx_stream_module.so;\nerror_log stderr notice;\npid /run/nginx-proxy.pid;\nworker_processes 1;\nevents {\n  worker_connections 1024;\n}\n"
            f"stream {{\n  upstream kube_apiserver {{\n    least_conn;\n{servers}  }}\n  server {{\n    listen 127.0.0.1:6443;\n"
            "    proxy_pass kube_apiserver;\n    proxy_timeout 10m;\n    proxy_connect_timeout 1s;\n  }\n}\n")


def proxy_manifest(digest):
    """The digest of its settings is an annotation: who changes them restarts the pod."""
    pod = yaml.safe_load(manifest("nginx-proxy", ["nginx", "-g", "daemon off;"]))
    pod["metadata"]["annotations"] = {"nginx-cfg-checksum": digest}
    return yaml.safe_dump(pod, sort_keys=False)


def kubeconfig(server, authority, token):
    """In the shape of the stand-in for kubectl."""
    return json.dumps({"current-context": "kubernetes-admin@cluster.local", "contexts": {"kubernetes-admin@cluster.local": "cluster.local"},
                       "clusters": {"cluster.local": {"server": server, "ca": authority, "token": token}}})
