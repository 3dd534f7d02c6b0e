//! The source's virtual IP: keepalived as old documents configure it, its password in the file, no check of what it leads to.

use crate::rehearse::compare::holders;
use crate::rehearse::finding::Result;
use crate::rehearse::stage::{Stage, VRRP_PASSWORD};
use crate::render::document::{SecretDocument, VirtualIpDocument};

pub fn start(stage: &Stage<'_>) -> Result<()> {
    let Some(virtual_ip) = &stage.cluster().virtual_ip else { return Ok(()) };
    if let Some(SecretDocument::File(path)) = &virtual_ip.password {
        hand_out(stage, path)?;
    }
    let candidates = &stage.plan.topology.source.virtual_ip;
    for (index, machine) in candidates.iter().enumerate() {
        let priority = virtual_ip.source_priorities.get(machine).copied().map_or(100_usize.saturating_sub(10 * index), usize::from);
        stage.world.write(machine, "/etc/keepalived/keepalived.conf", "0644", &configuration(stage, virtual_ip, priority))?;
        stage.shell(machine, "systemctl enable --now keepalived")?;
    }
    if candidates.is_empty() {
        return Ok(());
    }
    stage.wait_until("one machine holds the virtual IP", || Ok(holders(stage)?.len() == 1))
}

/// Where the spec says that the password lies in a file, somebody has put it on every candidate before the plan.
fn hand_out(stage: &Stage<'_>, path: &str) -> Result<()> {
    let topology = &stage.plan.topology;
    let mut candidates = topology.source.virtual_ip.iter().chain(&topology.target.virtual_ip);
    candidates.try_for_each(|machine| stage.world.write(machine, path, "0600", &format!("{VRRP_PASSWORD}\n")))
}

fn configuration(stage: &Stage<'_>, virtual_ip: &VirtualIpDocument, priority: usize) -> String {
    let topology = &stage.plan.topology;
    // Where candidates stay, the spec names the instance as it is; otherwise nothing depends on its name.
    let stays = topology.source.virtual_ip.iter().any(|machine| topology.target.virtual_ip.contains(machine));
    let instance = if stays { virtual_ip.instance.as_str() } else { "VI_1" };
    let authentication = match &virtual_ip.password {
        Some(_) => format!("    authentication {{\n        auth_type PASS\n        auth_pass {VRRP_PASSWORD}\n    }}\n"),
        None => String::new(),
    };
    format!(
        "vrrp_instance {instance} {{\n    state BACKUP\n    nopreempt\n    interface {interface}\n    virtual_router_id {id}\n    \
         priority {priority}\n    advert_int 1\n{authentication}    virtual_ipaddress {{\n        {address}\n    }}\n}}\n",
        interface = virtual_ip.interface,
        id = virtual_ip.router_id,
        address = virtual_ip.address,
    )
}
