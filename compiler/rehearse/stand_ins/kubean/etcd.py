"""kubespray's role etcd, for members that are services: certificates from the first, settings for all, members that join one by one.

Models roles/etcd of v2.23 to v2.31: positional names, settings that are written and services that restart because of them, all at
once before v2.27.0 and half of them afterwards. etcd and etcdctl are the real ones.
"""

from hosts import Failed
from parts import BIN, ETCD_SSL, ETCD_UNIT, PROGRAMS, SSL, client_url, etcd_environment, peer_url, sign
from run import until

# kubespray waits 3 s and more between tries.
JOIN_SECONDS = 60


def endpoints(run, host):
    """Where an API server keeps its data, and with which certificates it asks."""
    if run.etcd_is_kubeadm():
        return ["https://127.0.0.1:2379"], (f"{SSL}/etcd/ca.crt", f"{SSL}/apiserver-etcd-client.crt", f"{SSL}/apiserver-etcd-client.key")
    members = run.inventory.group("etcd")
    return [client_url(each) for each in members], (f"{ETCD_SSL}/ca.pem", f"{ETCD_SSL}/node-{host.name}.pem", f"{ETCD_SSL}/node-{host.name}-key.pem")


def configure(run):
    members, here = run.inventory.group("etcd"), run.hosts("etcd")
    certificates(run)
    if not here:
        return
    for host in here:
        install(host)
    everybody = [(f"etcd{position}", peer_url(host)) for position, host in enumerate(members, 1)]
    until("Configure | Check if etcd cluster is healthy", here[0], JOIN_SECONDS, lambda: any(is_healthy(run, host) for host in here))
    joined = {host.name: is_member(run, host) for host in here}
    changed = [host for host in here if refresh(run, host, everybody) and joined[host.name]]
    for host in here:
        host.write("Configure | Copy etcd.service systemd file", "/etc/systemd/system/etcd.service", ETCD_UNIT)
        host.must("Configure | reload systemd", "systemctl daemon-reload")
        # A new member fails to start here, and that is forgiven: it is not in the cluster yet.
        host.run("Configure | Ensure etcd is running", "systemctl enable etcd; systemctl start --no-block etcd")
    for host in here:
        if not joined[host.name]:
            add(run, host, joined)
    restart(run, changed)
    for host in here:
        refresh(run, host, everybody)


def install(host):
    """New files beside the old ones: a program that runs cannot be written to."""
    for name in ("etcd", "etcdctl"):
        host.must("Install etcd", f"install -D -m 0755 {PROGRAMS}/{name} {BIN}/{name}.new && mv {BIN}/{name}.new {BIN}/{name}")


def add(run, host, joined):
    members = run.inventory.group("etcd")
    name = f"etcd{members.index(host) + 1}"
    command = f"{environment(run, host)}{BIN}/etcdctl member add {name} --peer-urls={peer_url(host)}"
    def attempt():
        code, _, complaint = host.run("Join Member | Add member to etcd cluster", command)
        return code == 0 or "Peer URLs already exists" in complaint
    until("Join Member | Add member to etcd cluster", host, JOIN_SECONDS, attempt)
    in_cluster = lambda each: joined.get(each.name, False) if each.name in joined else is_member(run, each)
    those = [(f"etcd{position}", peer_url(each)) for position, each in enumerate(members, 1) if each is not host and in_cluster(each)]
    refresh(run, host, [*those, (name, peer_url(host))])
    host.must("Configure | Ensure etcd is running", "systemctl stop etcd\nsystemctl reset-failed etcd || true\nsystemctl start --no-block etcd")
    until("Join Member | Ensure member is in etcd cluster", host, JOIN_SECONDS, lambda: is_healthy(run, host))
    joined[host.name] = True


def restart(run, hosts):
    """The handler of changed settings: how many at once depends on the release."""
    count = len(hosts) if run.version < (2, 27, 0) else max(1, len(run.inventory.group("etcd")) // 2)
    for start in range(0, len(hosts), count):
        some = hosts[start:start + count]
        for host in some:
            host.must("Reload etcd", "systemctl daemon-reload\nsystemctl restart --no-block etcd")
        for host in some:
            until("Wait for etcd up", host, JOIN_SECONDS, lambda host=host: is_healthy(run, host, own=True))


def refresh(run, host, members):
    """Whether the settings are other ones now."""
    position = run.inventory.group("etcd").index(host) + 1
    name = run.variables.get("etcd_member_name") or f"etcd{position}"
    return host.write("Refresh config | Create etcd config file", "/etc/etcd.env", etcd_environment(host, name, members, "existing"), "0640")


def environment(run, host, own=False):
    addresses = "https://127.0.0.1:2379" if own else ",".join(client_url(each) for each in run.inventory.group("etcd"))
    admin = f"{ETCD_SSL}/admin-{host.name}"
    return f"export ETCDCTL_API=3 ETCDCTL_CERT={admin}.pem ETCDCTL_KEY={admin}-key.pem ETCDCTL_CACERT={ETCD_SSL}/ca.pem ETCDCTL_ENDPOINTS={addresses}\n"


def is_healthy(run, host, own=False):
    """As one member or all of them have it. Who is listed and not there yet makes no difference to the others."""
    question = f"{environment(run, host, own)}{BIN}/etcdctl --command-timeout=5s --dial-timeout=2s endpoint health 2>&1 | grep -q 'is healthy'"
    return host.run("Check if etcd cluster is healthy", question)[0] == 0


def is_member(run, host):
    question = f"{environment(run, host)}{BIN}/etcdctl member list | grep -w -q '{host.ip}'"
    return host.run("Configure | Check if member is in etcd cluster", question)[0] == 0


def certificates(run):
    """Made on the first of the group, which holds the authority's key, and brought to the others."""
    first, hosts = run.inventory.first("etcd"), run.hosts("etcd:kube_control_plane")
    authority, key = f"{ETCD_SSL}/ca.pem", f"{ETCD_SSL}/ca-key.pem"
    if first.read(authority) is None:
        raise Failed("Gen_certs | run cert generation script", first.name, "no authority here: kubespray would make another one, which nobody trusts")
    members = run.inventory.group("etcd")
    for host in hosts:
        kinds = (["member", "admin"] if host in members else []) + (["node"] if host in run.inventory.group("kube_control_plane") else [])
        for kind in kinds:
            files = [f"{ETCD_SSL}/{kind}-{host.name}.pem", f"{ETCD_SSL}/{kind}-{host.name}-key.pem"]
            if first.read(files[0]) is None:
                sign(first, "Gen_certs | run cert generation script", host.name, *files, authority, key, [host.ip])
            if host is not first:
                for path in [authority, *([key] if host in members else []), *files]:
                    host.write("Gen_certs | Write certs", path, first.read(path), "0640")
