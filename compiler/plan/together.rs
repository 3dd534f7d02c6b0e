//! Machines that come and go with all their roles: what every rule about them shares.
//!
//! An installer asks the first of its list about all others, so that nobody leaves or joins while it stands there: who leads the list
//! is decided here, before each change. Does not know why a machine comes or goes.

use crate::ir::{Action, MachineRole, Phase};
use crate::model::{JoinAddress, MachineName, Migration, WorkerAccess};
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::plan::rule::drain_nodes_before_they_stop::CORDONED;
use crate::plan::volumes::clear;
use crate::source::{Located, Place};

/// What the machine becomes.
fn roles(change: &Change<'_>, machine: &MachineName) -> Vec<MachineRole> {
    let migration = change.migration;
    let becomes = [
        (MachineRole::ControlPlane, migration.becomes_control_plane(machine)),
        (MachineRole::Worker, migration.becomes_worker(machine)),
        (MachineRole::EtcdMember, migration.becomes_etcd_member(machine)),
    ];
    becomes.into_iter().filter(|(_, becomes)| *becomes).map(|(role, _)| role).collect()
}

/// A machine that was not there joins.
pub fn join(change: &Change<'_>, draft: &mut Draft, phase: Phase, role: &Located<MachineName>) {
    let machine = &role.value;
    let roles = roles(change, machine);
    if roles.contains(&MachineRole::ControlPlane) {
        let asked = first_by_name(draft, machine);
        lead_with(change, draft, phase, machine, asked, &role.place);
    }
    add(change, draft, phase, machine.as_str(), role);
}

fn add(change: &Change<'_>, draft: &mut Draft, phase: Phase, step: &str, role: &Located<MachineName>) {
    let join = change.migration.policy.etcd_join.value;
    let action = Action::JoinCluster { machine: role.value.clone(), roles: roles(change, &role.value), join };
    draft.then(phase, step, action, &role.place);
}

/// A machine leaves for good.
pub fn leave(change: &Change<'_>, draft: &mut Draft, phase: Phase, role: &Located<MachineName>, next: Next) {
    clear(change, draft, phase, &role.value, &format!("{}.volumes", role.value));
    step_aside(change, draft, phase, role);
    remove(change, draft, phase, role.value.as_str(), role, next);
    repoint_bootstrap(change, draft, phase, &format!("{}.bootstrap", role.value), role);
}

/// What comes after a machine has left.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It comes back. It stays listed: installers want an odd number of etcd members in their list.
    SameMachine,
    /// Another etcd member leaves. Where one member fewer would make their number even, both are taken out of the list then.
    AnotherMemberLeaves,
    SomethingElse,
}

/// A machine leaves, is reinstalled, and joins again, with the same name and address.
pub fn rebuild(change: &Change<'_>, draft: &mut Draft, phase: Phase, role: &Located<MachineName>) {
    let machine = &role.value;
    clear(change, draft, phase, machine, &format!("{machine}/volumes"));
    step_aside(change, draft, phase, role);
    remove(change, draft, phase, &format!("{machine}/remove"), role, Next::SameMachine);
    repoint_bootstrap(change, draft, phase, &format!("{machine}/bootstrap"), role);
    come_back(change, draft, phase, role);
}

/// A machine that has left already is reinstalled and joins again.
pub fn come_back(change: &Change<'_>, draft: &mut Draft, phase: Phase, role: &Located<MachineName>) {
    let machine = &role.value;
    let Some(os) = change.migration.machines.get(machine).and_then(|machine| machine.os.target.clone()) else { return };
    draft.then(phase, &format!("{machine}/reinstall"), Action::ReinstallMachine { machine: machine.clone(), os }, &role.place);
    // An installer looks at a machine by itself when it joins.
    if !change.migration.cluster.distribution.has_inventory() {
        draft.then(phase, &format!("{machine}/prepare"), Action::PrepareMachine { machine: machine.clone() }, &role.place);
    }
    if roles(change, machine).contains(&MachineRole::ControlPlane) {
        let asked = first_by_name(draft, machine);
        lead_with(change, draft, phase, machine, asked, &role.place);
    }
    add(change, draft, phase, &format!("{machine}/add"), role);
}

fn remove(change: &Change<'_>, draft: &mut Draft, phase: Phase, step: &str, role: &Located<MachineName>, next: Next) {
    let machine = &role.value;
    let standing = draft.standing();
    let is_member = standing.etcd.contains(machine);
    let leader_to = is_member.then(|| heir(change, draft, machine)).flatten();
    let inventory = &standing.inventory;
    let gone: Vec<MachineName> = draft.gone().iter().chain([machine]).cloned().collect();
    let rest = inventory.etcd.iter().filter(|name| !gone.contains(name)).count();
    let unlisted = match next {
        _ if !change.migration.cluster.distribution.has_inventory() => Vec::new(),
        Next::SameMachine => Vec::new(),
        Next::AnotherMemberLeaves if rest % 2 == 0 && is_member => Vec::new(),
        Next::AnotherMemberLeaves | Next::SomethingElse => gone,
    };
    let action =
        Action::LeaveCluster { machine: machine.clone(), leader_to, unlisted, cordoned: those_that_leave_too(change, draft, role) };
    draft.then(phase, step, action, &role.place);
}

/// The node itself and those that are drained later, where this plan drains them itself: an installer drains one at a time, and closes no
/// other.
fn those_that_leave_too(change: &Change<'_>, draft: &Draft, role: &Located<MachineName>) -> Vec<MachineName> {
    let migration = change.migration;
    let is_drained = |name: &MachineName| !migration.is_failed(name) && migration.source.is_node(name) && !migration.is_rebuilt(name);
    if migration.cluster.distribution.has_inventory() || migration.is_failed(&role.value) {
        return Vec::new();
    }
    if !is_drained(&role.value) {
        return vec![role.value.clone()];
    }
    let leaving = change.workers.leaving.iter().chain(&change.control_plane.leaving).map(|role| &role.value);
    let is_there = |name: &&MachineName| **name != role.value && is_drained(name) && !draft.gone().contains(name);
    // The node itself is always among them: the way back opens whom it closed, and nobody else.
    std::iter::once(&role.value).chain(leaving.filter(is_there)).take(CORDONED).cloned().collect()
}

/// The member that leads after this one: best one that needs not leave any more, so that the leader moves once.
fn heir(change: &Change<'_>, draft: &Draft, leaving: &MachineName) -> Option<MachineName> {
    let migration = change.migration;
    let others = || draft.standing().etcd.iter().filter(|name| *name != leaving);
    let stays = |name: &&MachineName| migration.target.is_etcd_member(name);
    // Voters stand in the order in which they joined: one that was rebuilt is the last.
    let is_settled = |name: &&MachineName| stays(name) && (!migration.is_rebuilt(name) || has_come_back(draft, name));
    others().rfind(is_settled).or(others().rfind(stays)).or(others().next_back()).cloned()
}

fn has_come_back(draft: &Draft, machine: &MachineName) -> bool {
    draft.has_joined(machine)
}

/// Before a machine leaves it must not be the one that the installer asks.
pub fn step_aside(change: &Change<'_>, draft: &mut Draft, phase: Phase, role: &Located<MachineName>) {
    let inventory = &draft.standing().inventory;
    let leads = |group: &[MachineName]| group.first() == Some(&role.value);
    // Who is rebuilt joins again, and the first of the list is then asked about it.
    let joins_again = change.migration.is_rebuilt(&role.value) && inventory.control_plane.contains(&role.value);
    let asked = if joins_again {
        first_by_name(draft, &role.value)
    } else if leads(&inventory.control_plane) {
        first_that_stays(change, draft, &role.value)
    } else {
        None
    };
    if asked.is_some() || leads(&inventory.etcd) {
        lead_with(change, draft, phase, &role.value, asked, &role.place);
    }
    step_aside_from_clients(change, draft, phase, role);
}

/// Whoever reaches the API at this machine is given another control plane meanwhile.
fn step_aside_from_clients(change: &Change<'_>, draft: &mut Draft, phase: Phase, role: &Located<MachineName>) {
    let here = JoinAddress::Machine(role.value.clone());
    let leaves = *draft.workstation() == here;
    let first = draft.standing().inventory.control_plane.first().cloned();
    if let (true, Some(to)) = (leaves, first.or_else(|| first_that_stays(change, draft, &role.value))) {
        let action = Action::RepointWorkstation { join: JoinAddress::Machine(to) };
        draft.then(phase, &format!("{}.aside/workstation", role.value), action, &role.place);
    }
    if let (true, Some(to)) = (goes_by(change, draft, &here), first_that_stays(change, draft, &role.value)) {
        for worker in workers_that_are_there(change, draft) {
            let action = Action::RepointWorker { machine: worker.value.clone(), join: JoinAddress::Machine(to.clone()) };
            draft.then(phase, &format!("{}.aside/{}", role.value, worker.value), action, &role.place);
        }
    }
}

/// Those of the source that answer and have not left, and those that have joined, for good or to help out.
fn workers_that_are_there<'m>(change: &Change<'m>, draft: &Draft) -> Vec<&'m Located<MachineName>> {
    let Migration { source, target, temporary, .. } = change.migration;
    let newcomers = target.workers.iter().chain(&temporary.workers).filter(|worker| !source.is_node(&worker.value));
    let answers = |name: &MachineName| source.is_node(name) && !change.migration.is_failed(name);
    let is_there = |name: &MachineName| (answers(name) || draft.has_joined(name)) && !draft.has_left(name);
    source.workers.iter().chain(newcomers).filter(|worker| is_there(&worker.value)).collect()
}

/// Whether workers reach the API at this address: those that were there before, or those that have joined.
fn goes_by(change: &Change<'_>, draft: &Draft, address: &JoinAddress) -> bool {
    match change.migration.cluster.distribution.worker_access() {
        WorkerAccess::JoinAddress => draft.workers() == address || change.migration.target.join_address.value == *address,
        WorkerAccess::OwnProxy | WorkerAccess::LoadBalancer => false,
    }
}

/// Of the control planes that serve besides this one, the first by name of those that need not leave as well.
fn first_that_stays(change: &Change<'_>, draft: &Draft, besides: &MachineName) -> Option<MachineName> {
    let stays = |name: &&MachineName| *name != besides && change.migration.target.is_control_plane(name);
    draft.standing().api.iter().filter(stays).min().cloned().or_else(|| first_by_name(draft, besides))
}

/// Of the control planes that serve besides this one, the first by name: installers of some releases read from the first of their list
/// what the first by name has written (decision 0014).
fn first_by_name(draft: &Draft, besides: &MachineName) -> Option<MachineName> {
    draft.standing().api.iter().filter(|name| *name != besides).min().cloned()
}

/// Lists `asked` first and `aside` last, and tells every machine.
fn lead_with(change: &Change<'_>, draft: &mut Draft, phase: Phase, aside: &MachineName, asked: Option<MachineName>, because: &Place) {
    if !change.migration.cluster.distribution.has_inventory() {
        return;
    }
    let inventory = &draft.standing().inventory;
    let first = asked.as_ref().or(inventory.control_plane.first());
    if first == inventory.control_plane.first() && inventory.etcd.first() != Some(aside) {
        return;
    }
    let control_plane = reordered(&inventory.control_plane, first, aside);
    let etcd = reordered(&inventory.etcd, first_member(change, draft, aside, first), aside);
    draft.then(phase, &format!("{aside}.aside/inventory"), Action::ReorderInventory { control_plane, etcd }, because);
    let is_silent = |name: &MachineName| change.migration.is_failed(name) && !draft.has_joined(name);
    let somebody_is_silent = draft.standing().inventory.machines().any(is_silent);
    if !somebody_is_silent {
        draft.then(phase, &format!("{aside}.aside/apply"), Action::ApplyInventory, because);
    }
}

/// Whom the installer asks about etcd: the control plane that it asks, where that is a member; else the one that it asks today, unless
/// that leaves for good soon; else one that stays.
fn first_member<'d>(
    change: &Change<'_>,
    draft: &'d Draft,
    aside: &MachineName,
    control_plane: Option<&'d MachineName>,
) -> Option<&'d MachineName> {
    let members = &draft.standing().inventory.etcd;
    let votes = |name: &&MachineName| *name != aside && draft.standing().etcd.contains(name);
    let stays = |name: &&MachineName| votes(name) && change.migration.target.is_etcd_member(name);
    let same = control_plane.filter(|name| members.contains(name));
    same.or(members.first().filter(stays)).or(members.iter().find(stays)).or(members.iter().find(votes))
}

/// `first` first, `last` last, the others as they were.
fn reordered(group: &[MachineName], first: Option<&MachineName>, last: &MachineName) -> Vec<MachineName> {
    let first = first.filter(|name| group.contains(name) && *name != last);
    let middle = group.iter().filter(|name| Some(*name) != first && *name != last);
    let last = group.iter().filter(|name| *name == last);
    first.into_iter().chain(middle).chain(last).cloned().collect()
}

/// Machines that join were sent to the one that has left: from now on they are sent to the first of the list.
fn repoint_bootstrap(change: &Change<'_>, draft: &mut Draft, phase: Phase, step: &str, role: &Located<MachineName>) {
    let named = match change.migration.cluster.distribution.worker_access() {
        WorkerAccess::OwnProxy => draft.bootstrap() == Some(&role.value),
        WorkerAccess::JoinAddress | WorkerAccess::LoadBalancer => false,
    };
    if let (true, Some(to)) = (named, draft.standing().inventory.control_plane.first().cloned()) {
        draft.then(phase, step, Action::RepointBootstrap { to }, &role.place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_list_is_moved_and_the_others_keep_their_order() {
        let names = |text: &str| text.split(' ').map(|name| MachineName::parse(name).unwrap()).collect::<Vec<_>>();
        let machine = |text: &str| MachineName::parse(text).unwrap();
        let list = names("m-1 m-2 m-3");
        assert_eq!(reordered(&list, Some(&machine("m-2")), &machine("m-1")), names("m-2 m-3 m-1"));
        assert_eq!(reordered(&list, Some(&machine("m-3")), &machine("m-1")), names("m-3 m-2 m-1"));
        assert_eq!(reordered(&list, Some(&machine("m-1")), &machine("m-4")), list);
    }
}
