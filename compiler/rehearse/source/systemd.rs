//! The source's binaries: etcd and Kubernetes under units and files of flags as scripts of 2016 leave them.
//!
//! `stand_ins/binaries/deploy.py` sets the cluster up, from what plan.json says; this file brings what it cannot have by itself.

use std::time::Duration;

use serde_json::json;

use crate::rehearse::finding::{Result, Stop};
use crate::rehearse::stage::Stage;
use crate::rehearse::world::WORKSTATION;

use super::{certificates, etcd, wait_for_nodes};

/// A cluster of some machines takes half a minute.
const DEPLOYMENT: Duration = Duration::from_secs(300);

/// What the etcd of this machine must be told to serve the API that these clusters use; one of 2016 does it by itself.
const SERVES_V2: &str = "enable-v2";

pub fn build(stage: &Stage<'_>) -> Result<()> {
    if stage.etcd_api() == "v2" && stage.cluster().etcd.flags.get(SERVES_V2).map(String::as_str) != Some("true") {
        let reason = "the etcd of this machine is one of version 3, and serves the v2 API on demand alone\n\
                      help: for a rehearsal, add to the spec's cluster.etcd and compile again:\n  flags: {enable-v2: true}";
        return Err(Stop::Machine(reason.to_owned()));
    }
    certificates::make(stage)?;
    for machine in &stage.plan.topology.source.etcd {
        etcd::bring_programs(stage, machine)?;
    }
    let order = json!({ "plan": stage.plan }).to_string();
    stage.world.write(WORKSTATION, "/run/deployment.json", "0600", &order)?;
    let deployed = stage.world.run(WORKSTATION, "/usr/bin/python3 -B /stand-ins/binaries/deploy.py </run/deployment.json", DEPLOYMENT)?;
    if !deployed.succeeded() {
        return Err(Stop::Machine(format!("the source is not deployed: {}{}\n{}", deployed.stdout, deployed.stderr, stage.logs())));
    }
    wait_for_nodes(stage)
}
