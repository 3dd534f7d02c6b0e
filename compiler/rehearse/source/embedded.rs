//! The source's k3s with etcd inside its servers: the first founds the cluster, the others join it one after the other.
//!
//! Each server is installed as the documentation of k3s has it: flags in the unit, the token in the environment. The authority of
//! etcd's certificates is the rehearsal's own, put in place before the first start, so that the witnesses may ask every member.

use crate::rehearse::finding::{Result, Stop};
use crate::rehearse::stage::{Stage, TOKEN};
use crate::rehearse::world::DESK;
use crate::render::document::K3sDocument;

use super::{certificates, k3s};

/// etcd's own client lies beside k3s, which does not bring one along; the stand-in finds both programs where stand-ins lie.
const PROGRAMS: &str = "programs=/run/rehearsal/stand-ins/programs
for program in etcd etcdctl; do install -D -m 0755 \"$(command -v \"$program\")\" \"$programs/$program\"; done
ln -sf etcd \"$programs/k3s-etcd\"";

/// The programs, the client on whoever is a server at either end, and the authority on the first server.
pub fn bring(stage: &Stage<'_>) -> Result<()> {
    let brought = stage.world.observe("sh", &["-euc", PROGRAMS])?;
    if !brought.succeeded() {
        return Err(Stop::Machine(format!("etcd is not brought to the hosts: {}", brought.stderr)));
    }
    let topology = &stage.plan.topology;
    for machine in topology.source.control_plane.iter().chain(&topology.target.control_plane) {
        bring_client(stage, machine)?;
    }
    certificates::make_authority(stage)?;
    let Some(first) = topology.source.control_plane.first() else { return Ok(()) };
    for (file, mode) in [("ca.crt", "0644"), ("ca.key", "0600")] {
        let destination = format!("/var/lib/rancher/k3s/server/tls/etcd/server-{file}");
        stage.world.install(first, mode, &format!("{DESK}/{file}"), &destination)?;
    }
    Ok(())
}

pub fn bring_client(stage: &Stage<'_>, machine: &str) -> Result<()> {
    let client = format!("{}/etcdctl", stage.cluster().etcd.binary_directory);
    stage.world.install(machine, "0755", "/run/rehearsal/stand-ins/programs/etcdctl", &client)
}

/// One after the other: etcd takes one learner at a time, and a server that comes too early ends.
pub fn start_servers(stage: &Stage<'_>, given: &K3sDocument) -> Result<()> {
    let servers = &stage.plan.topology.source.control_plane;
    let Some((first, others)) = servers.split_first() else { return Ok(()) };
    start_server(stage, given, first, "--cluster-init")?;
    let join = format!("--server https://{}", std::net::SocketAddr::new(stage.address(first)?, given.https_listen_port));
    others.iter().try_for_each(|machine| start_server(stage, given, machine, &join))
}

fn start_server(stage: &Stage<'_>, given: &K3sDocument, machine: &str, how: &str) -> Result<()> {
    let command = format!("server {how}{}", k3s::server_flags(stage, given, machine)?);
    k3s::install(stage, machine, &format!("export K3S_TOKEN={TOKEN}"), &command, "k3s")?;
    k3s::wait_for_api(stage, machine)
}
