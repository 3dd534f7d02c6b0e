//! The source's k3s: servers and agents installed by the script, with flags in the unit and the rest in the environment.

use serde_json::{Value, json};

use crate::rehearse::finding::{Result, Stop};
use crate::rehearse::stage::{Stage, TOKEN};
use crate::rehearse::stand_ins;
use crate::render::document::{DistributionDocument, K3sDocument, RuntimeDocument};

pub fn k3s<'a>(stage: &Stage<'a>) -> Result<&'a K3sDocument> {
    match &stage.plan.cluster.distribution {
        DistributionDocument::K3s(k3s) => Ok(k3s),
        DistributionDocument::Kubean(_) | DistributionDocument::Kubeadm(_) | DistributionDocument::Systemd(_) => {
            Err(Stop::Machine("the cluster is none of k3s".to_owned()))
        }
    }
}

/// The release, its install script and its images on every machine; installed on those that run it already.
pub fn bring_media(stage: &Stage<'_>) -> Result<()> {
    let (k3s, source) = (k3s(stage)?, &stage.plan.topology.source);
    for machine in stage.world.machines() {
        bring_media_to(stage, k3s, machine)?;
        if source.control_plane.iter().chain(&source.workers).any(|node| node == machine) {
            stage.shell(machine, &format!("install -m 0755 {} /usr/local/bin/k3s", k3s.binary))?;
        } else {
            stage.shell(machine, "hostname fresh-from-the-vendor")?;
        }
    }
    Ok(())
}

pub fn bring_media_to(stage: &Stage<'_>, k3s: &K3sDocument, machine: &str) -> Result<()> {
    let program = stand_ins::text("media/k3s").replace("@VERSION@", &k3s.version);
    stage.world.write(machine, &k3s.binary, "0755", &program)?;
    stage.world.write(machine, &k3s.install_script, "0755", stand_ins::text("media/install-k3s.sh"))?;
    k3s.images.iter().try_for_each(|image| stage.world.write(machine, image, "0644", "an image archive of the rehearsal\n"))
}

/// An older k3s that was never taken away, an etcd that still runs, and a container of somebody else.
pub fn leave_remains(stage: &Stage<'_>, machine: &str) -> Result<()> {
    let containers = json!({"containers": {"aaa111": "k8s_POD_coredns", "bbb222": "somebodys_database"}, "images": []});
    let script = format!(
        "cp {binary} /usr/local/bin/k3s\n\
         INSTALL_K3S_SKIP_DOWNLOAD=true INSTALL_K3S_SKIP_START=true INSTALL_K3S_EXEC='server --cluster-cidr 10.1.0.0/16' \
         K3S_DATASTORE_ENDPOINT=http://192.0.2.1:2379 sh {script} >/dev/null 2>&1\n\
         mkdir -p /var/lib/rancher/k3s/server/db/etcd /etc/rancher/k3s/config.yaml.d {data}/member\n\
         echo 'old-key: 1' >/etc/rancher/k3s/config.yaml.d/old.yaml\necho old >{data}/member/wal\n\
         echo wrong-token >/etc/rancher/k3s/join-token\n\
         cat >/var/lib/docker-of-the-rehearsal.json <<'END'\n{containers}\nEND\n",
        binary = k3s(stage)?.binary,
        script = k3s(stage)?.install_script,
        data = stage.cluster().etcd.data_dir,
    );
    stage.shell(machine, &script).map(|_| ())
}

/// The first server alone, since it makes the cluster's authority; then the others at once.
pub fn start_servers(stage: &Stage<'_>) -> Result<()> {
    let servers = &stage.plan.topology.source.control_plane;
    let Some((first, others)) = servers.split_first() else { return Ok(()) };
    start_server(stage, first)?;
    wait_for_api(stage, first)?;
    others.iter().try_for_each(|machine| start_server(stage, machine))?;
    others.iter().try_for_each(|machine| wait_for_api(stage, machine))
}

pub fn wait_for_api(stage: &Stage<'_>, machine: &str) -> Result<()> {
    let question = "/usr/local/bin/k3s kubectl get --raw=/readyz";
    stage.wait_until(&format!("the API of {machine} serves"), || {
        Ok(stage.world.run(machine, question, std::time::Duration::from_secs(30))?.succeeded())
    })
}

/// The flags of every server, wherever its data lie.
pub fn server_flags(stage: &Stage<'_>, k3s: &K3sDocument, machine: &str) -> Result<String> {
    let mut command = format!(" --node-name {machine} --node-ip {} --https-listen-port {}", stage.address(machine)?, k3s.https_listen_port);
    if let Some(address) = stage.virtual_ip() {
        command.push_str(&format!(" --tls-san {address}"));
    }
    if k3s.runtime == RuntimeDocument::Docker {
        command.push_str(" --docker");
    }
    command.push_str(&flags(k3s.server_config.iter()));
    Ok(command)
}

/// As the old documents have it: flags in the unit, the datastore and the token in the environment.
fn start_server(stage: &Stage<'_>, machine: &str) -> Result<()> {
    let (k3s, etcd) = (k3s(stage)?, &stage.cluster().etcd);
    let endpoints = stage.client_urls(&stage.plan.topology.source.etcd)?.join(",");
    let command = format!("server{}", server_flags(stage, k3s, machine)?);
    let mut exports = format!("export K3S_TOKEN={TOKEN} K3S_DATASTORE_ENDPOINT={endpoints}");
    if let Some(files) = &etcd.tls {
        exports.push_str(&format!(
            " K3S_DATASTORE_CAFILE={} K3S_DATASTORE_CERTFILE={} K3S_DATASTORE_KEYFILE={}",
            files.ca, files.client_certificate, files.client_key
        ));
    }
    install(stage, machine, &exports, &command, "k3s")
}

pub fn start_agents(stage: &Stage<'_>) -> Result<()> {
    let exports = format!("export K3S_TOKEN={TOKEN} K3S_URL={}", super::join_url(stage)?);
    for machine in &stage.plan.topology.source.workers {
        let mut command = format!("agent --node-name {machine} --node-ip {}", stage.address(machine)?);
        command.push_str(&flags(k3s(stage)?.agent_config.iter()));
        install(stage, machine, &exports, &command, "k3s-agent")?;
    }
    Ok(())
}

/// Keys of config.yaml as flags of the command line: a list with commas, `true` alone.
fn flags<'a>(configuration: impl Iterator<Item = (&'a String, &'a Value)>) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let flag = |(key, value): (&String, &Value)| match value {
        Value::Array(items) => format!(" --{key}={}", items.iter().map(text).collect::<Vec<_>>().join(",")),
        Value::Bool(true) => format!(" --{key}"),
        Value::Null | Value::Bool(false) | Value::Number(_) | Value::String(_) | Value::Object(_) => format!(" --{key}={}", text(value)),
    };
    configuration.map(flag).collect()
}

pub fn install(stage: &Stage<'_>, machine: &str, exports: &str, command: &str, unit: &str) -> Result<()> {
    let script = format!(
        "{exports}\nexport INSTALL_K3S_SKIP_DOWNLOAD=true INSTALL_K3S_SKIP_START=true INSTALL_K3S_EXEC='{command}'\n\
         sh {} >/dev/null\nsystemctl start --no-block {unit}",
        k3s(stage)?.install_script
    );
    stage.shell(machine, &script).map(|_| ())
}

/// The certificate of the cluster's authority.
pub fn authority(stage: &Stage<'_>) -> Result<String> {
    let first = stage.plan.topology.source.control_plane.first().map_or("", String::as_str);
    stage.shell(first, "cat /var/lib/rancher/k3s/server/tls/server-ca.crt")
}
