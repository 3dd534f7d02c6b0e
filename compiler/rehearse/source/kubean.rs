//! The source's kubean: a cluster as kubespray leaves it, and a management cluster whose operator knows it.
//!
//! `stand_ins/kubean/deploy.py` sets both up, from what plan.json says; this file brings what it needs, and lets machines fail.

use std::net::IpAddr;
use std::time::Duration;

use serde_json::json;

use crate::rehearse::finding::{Result, Stop};
use crate::rehearse::stage::{Stage, TOKEN};
use crate::rehearse::world::WORKSTATION;
use crate::render::document::KubeanDocument;

use super::{certificates, failed, join_url, seed, set_up_workstation, wait_for_nodes};

/// A cluster of some machines takes half a minute.
const DEPLOYMENT: Duration = Duration::from_secs(300);

/// The stand-ins hand these out as images and downloads.
const PROGRAMS: &str = "for program in etcd etcdctl; do
    install -D -m 0755 \"$(command -v \"$program\")\" \"/run/rehearsal/stand-ins/programs/$program\"
done";

pub fn build(stage: &mut Stage<'_>, kubean: &KubeanDocument) -> Result<()> {
    if kubean.load_balancer.is_some() {
        let what = "a cluster behind a load balancer that the plan does not manage is not rehearsed: there is nothing that stands for it";
        return Err(Stop::Machine(what.to_owned()));
    }
    let authority = certificates::make_authority(stage)?;
    let brought = stage.world.observe("sh", &["-euc", PROGRAMS])?;
    if !brought.succeeded() {
        return Err(Stop::Machine(format!("etcd is not brought to the hosts: {}", brought.stderr)));
    }
    serve_packages(stage, kubean)?;
    deploy(stage, &authority)?;
    let first = stage.plan.topology.source.control_plane.first().map_or("", String::as_str);
    let trusted = stage.shell(first, "cat /etc/kubernetes/ssl/ca.crt")?;
    set_up_workstation(stage, &trusted, &join_url(stage)?)?;
    seed(stage)?;
    failed::end(stage)?;
    wait_for_nodes(stage)
}

fn deploy(stage: &Stage<'_>, authority: &[String; 2]) -> Result<()> {
    let order = json!({"plan": stage.plan, "token": TOKEN, "authority": authority}).to_string();
    stage.world.write(WORKSTATION, "/run/deployment.json", "0600", &order)?;
    let deployed = stage.world.run(WORKSTATION, "/usr/bin/python3 -B /stand-ins/kubean/deploy.py </run/deployment.json", DEPLOYMENT)?;
    if deployed.succeeded() {
        return Ok(());
    }
    Err(Stop::Machine(format!("the source is not deployed: {}{}\n{}", deployed.stdout, deployed.stderr, stage.logs())))
}

/// The object store answers from beside the hosts, and has the packages of the systems that the machines have today.
fn serve_packages(stage: &Stage<'_>, kubean: &KubeanDocument) -> Result<()> {
    let Some(repository) = &kubean.repository else { return Ok(()) };
    let place = repository.strip_prefix("http://").and_then(|place| place.rsplit_once(':'));
    let place = place.and_then(|(host, port)| Some((host.trim_matches(['[', ']']).parse::<IpAddr>().ok()?, port)));
    let Some((address, port)) = place else {
        return Err(Stop::Machine(format!(
            "the packages lie at {repository}; a rehearsal wants http://ADDRESS:PORT with an address, no name"
        )));
    };
    let width = if address.is_ipv6() { 128 } else { 32 };
    let added = stage.world.observe("ip", &["address", "replace", &format!("{address}/{width}"), "dev", "br0"])?;
    if !added.succeeded() {
        return Err(Stop::Machine(format!("{address}: {}", added.stderr)));
    }
    let mut arguments = vec![address.to_string(), port.to_owned()];
    let mut systems: Vec<_> = stage.plan.machines.values().filter_map(|machine| machine.source_os.as_deref()).collect();
    systems.sort_unstable();
    systems.dedup();
    arguments.extend(systems.into_iter().map(str::to_owned));
    stage.world.serve("kubean/repository.py", &arguments)
}
