//! When a control plane leaves, workers that stay and the operator's kubeconfig get the target's address first; so they do when the
//! target has a virtual IP that the source had not.
//!
//! Which control plane a worker once joined through is written on that worker only. So every worker is repointed as soon as any
//! control plane leaves, unless the spec declares that the workers use the virtual IP already; and so are the kubelets of control planes,
//! where those go by an address as well. Where service proxies have an address of
//! their own, they get the new one with the others.

use std::collections::BTreeSet;

use crate::ir::{Action, Phase};
use crate::model::{JoinAddress, MachineName};
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::source::Located;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    let (source, target) = (&change.migration.source.join_address, &change.migration.target.join_address);
    let is_new = change.virtual_ip_is_new() && target.value == JoinAddress::VirtualIp;
    if (change.control_plane.leaving.is_empty() && !is_new) || source.value == JoinAddress::VirtualIp {
        return;
    }
    let join = &target.value;
    let standing = draft.standing();
    let is_to_come = match join {
        JoinAddress::Machine(server) => !standing.api.contains(server),
        JoinAddress::VirtualIp => standing.virtual_ip.is_empty(),
        JoinAddress::OwnProxy | JoinAddress::LoadBalancer => false,
    };
    if is_to_come {
        // Whoever leaves meanwhile sends its clients to another one.
        return;
    }
    draft.then(Phase::RepointClients, "workstation", Action::RepointWorkstation { join: join.clone() }, &target.place);
    if change.migration.cluster.distribution.publishes_its_control_plane() {
        draft.then(Phase::RepointClients, "service-proxies", Action::RepointServiceProxies { join: join.clone() }, &target.place);
    }
    for role in change.workers.staying.iter().copied().chain(servers_to_tell(change)) {
        let action = Action::RepointWorker { machine: role.value.clone(), join: join.clone() };
        draft.then(Phase::RepointClients, role.value.as_str(), action, &target.place);
    }
}

/// A control plane's kubelet may go by another control plane, where it does not go by its own. Told are those that outlive the one that
/// they go by: as nodes of the target, or for the time until they are drained.
fn servers_to_tell<'m>(change: &Change<'m>) -> Vec<&'m Located<MachineName>> {
    let (source, target) = (&change.migration.source, &change.migration.target);
    let JoinAddress::Machine(server) = &source.join_address.value else { return Vec::new() };
    if !change.migration.cluster.distribution.control_planes_have_an_address() {
        return Vec::new();
    }
    let removed: Vec<_> = change.control_plane.leaving.iter().filter(|role| !target.is_node(&role.value)).collect();
    let outlive = removed.iter().skip_while(|role| role.value != *server).map(|role| &role.value).collect::<BTreeSet<_>>();
    let is_told = |role: &&Located<MachineName>| target.is_node(&role.value) || outlive.contains(&role.value);
    source.control_plane.iter().filter(|role| role.value != *server).filter(is_told).collect()
}
