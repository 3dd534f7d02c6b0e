//! The source's etcd: every member from a unit as people write them by hand, bootstrapped together.

use crate::rehearse::finding::Result;
use crate::rehearse::stage::Stage;
use crate::render::document::TlsDocument;

pub fn start(stage: &Stage<'_>) -> Result<()> {
    let members = &stage.plan.topology.source.etcd;
    let (user, data) = (&stage.cluster().etcd.user, &stage.cluster().etcd.data_dir);
    for machine in members {
        bring_programs(stage, machine)?;
        stage.world.write(machine, "/etc/systemd/system/etcd.service", "0644", &unit(stage, machine)?)?;
        let script = format!(
            "getent passwd {user} >/dev/null || useradd --system --shell /usr/sbin/nologin {user}\n\
             mkdir -p {data}\nchown {user} {data}\nchmod 0700 {data}\n\
             systemctl daemon-reload\nsystemctl enable etcd\nsystemctl start --no-block etcd"
        );
        stage.shell(machine, &script)?;
    }
    let endpoints = stage.client_urls(members)?;
    stage.wait_until("the source's etcd takes a write", || stage.takes_a_write(&endpoints))
}

/// This machine's own etcd and etcdctl, where the spec says that the cluster's lie.
pub fn bring_programs(stage: &Stage<'_>, machine: &str) -> Result<()> {
    for program in ["etcd", "etcdctl"] {
        let path = stage.world.observe("sh", &["-c", &format!("command -v {program}")])?.stdout;
        stage.world.install(machine, "0755", path.trim(), &format!("{}/{program}", stage.cluster().etcd.binary_directory))?;
    }
    Ok(())
}

fn unit(stage: &Stage<'_>, machine: &str) -> Result<String> {
    let etcd = &stage.cluster().etcd;
    let (peer, client, scheme) = (stage.peer_url(machine)?, stage.client_url(machine)?, stage.etcd_scheme());
    let mut members = Vec::new();
    for each in &stage.plan.topology.source.etcd {
        members.push(format!("{}={}", etcd.member_names.get(each).unwrap_or(each), stage.peer_url(each)?));
    }
    let any = if stage.address(machine)?.is_ipv6() { "[::]" } else { "0.0.0.0" };
    let flags: String = etcd.flags.iter().map(|(name, value)| format!(" \\\n    --{name}={value}")).collect();
    Ok(format!(
        "[Unit]\nDescription=Etcd Server\nAfter=network-online.target\nWants=network-online.target\n\n\
         [Service]\nType=notify\nUser={user}\nExecStart={bin}/etcd \\\n    --name {name} \\\n    --data-dir {data} \\\n    \
         --initial-advertise-peer-urls {peer} \\\n    --listen-peer-urls {scheme}://{any}:{peer_port} \\\n    \
         --listen-client-urls {scheme}://{any}:{client_port} \\\n    --advertise-client-urls {client} \\\n    \
         --initial-cluster-token {token} \\\n    --initial-cluster {members} \\\n    --initial-cluster-state new{tls}{flags}\n\
         Restart=on-failure\nRestartSec=5\nLimitNOFILE=65536\n\n[Install]\nWantedBy=multi-user.target\n",
        user = etcd.user,
        bin = etcd.binary_directory,
        name = etcd.member_names.get(machine).map_or(machine, String::as_str),
        data = etcd.data_dir,
        peer_port = etcd.peer_port,
        client_port = etcd.client_port,
        token = etcd.cluster_token,
        members = members.join(","),
        tls = etcd.tls.as_ref().map(tls_flags).unwrap_or_default(),
    ))
}

fn tls_flags(files: &TlsDocument) -> String {
    let TlsDocument { ca, certificate, key, .. } = files;
    let side = |side: &str| {
        format!(" --{side}trusted-ca-file {ca} --{side}cert-file {certificate} --{side}key-file {key} --{side}client-cert-auth")
    };
    ["", "peer-"].map(side).concat()
}
