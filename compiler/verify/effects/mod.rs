//! What each action does to the cluster, moment by moment.
//!
//! One exhaustive match: a new action cannot be forgotten. Between two changes inside an action the observer sees the cluster
//! as it is then; the moment after the last change is the caller's. Does not judge, and does not fail: an action that does not
//! fit the state changes what it can.

use crate::ir::Action;
use crate::model::{EtcdJoin, JoinAddress, Label, MachineName, Migration, ObjectName, OperatingSystem, RoleTravel};
use crate::verify::state::{Member, NodeRole, Published, Serving, State, skew_milliseconds};

mod control_plane;
mod hand_over;
mod installer;

/// Called with the state and with words that finish the sentence "this is so while …".
pub type Observer<'a> = dyn FnMut(&State, &'static str) + 'a;

pub fn apply(action: &Action, state: &mut State, migration: &Migration, observe: &mut Observer<'_>) {
    state.virtual_ip.predicted_gap_milliseconds = None;
    match action {
        Action::PrepareWorkstation | Action::RunHook { .. } => {}
        Action::PrepareMachine { machine } => drop(state.records.prepared.insert(machine.clone())),
        Action::ProveVirtualIp { candidates, below } => {
            state.virtual_ip.proved.extend(candidates.iter().map(|name| (name.clone(), *below)));
        }
        // A backup counts only if there is something to back up on that machine.
        Action::BackUpEtcd { member } => state.records.etcd_backed_up |= state.etcd.is_live_voter(member),
        Action::BackUpControlPlane { machine } => state.records.control_plane_backed_up |= state.serves(machine),
        Action::AddEtcdMember { machine, join } => add_etcd_member(state, machine, *join, observe),
        Action::RemoveEtcdMember { machine, .. } => {
            state.etcd.remove(machine);
            state.records.membership_changes();
        }
        Action::RewriteEtcdUnit { machine } => rewrite_etcd_unit(state, machine, migration, observe),
        Action::AddControlPlane { machine, datastore, cordoned } => {
            control_plane::add(state, machine, datastore, cordoned, migration, observe)
        }
        Action::InstallControlPlane { machine, datastore } => hand_over::install(state, machine, datastore),
        Action::HandOverControlPlane { from, to, datastore } => hand_over::apply(state, from, to, datastore, observe),
        Action::RepointNodes { nodes, join, datastore } => hand_over::repoint_nodes(state, nodes, join, datastore),
        Action::StartControllers { machine } => hand_over::start_controllers(state, machine),
        Action::RollDns { server, datastore } => hand_over::roll_dns(state, server, datastore),
        Action::DemoteControlPlane { machine } => control_plane::demote(state, machine, migration, observe),
        Action::StartLoadBalancer { machine, upstreams } | Action::ReconfigureLoadBalancer { machine, upstreams } => {
            state.balancers.set(machine, upstreams);
        }
        Action::RepointControlPlane { machine, datastore } => repoint_control_plane(state, machine, datastore, migration, observe),
        Action::StartVirtualIp { machine, priority } => state.virtual_ip.start(machine, *priority),
        Action::ReconfigureVirtualIp { machine, priority } => state.virtual_ip.reconfigure(machine, *priority),
        Action::HandOverVirtualIp { leaving } => hand_over(state, leaving, migration, observe),
        Action::AddWorker { machine, join } => state.nodes.register(machine, NodeRole::Worker, Some(join), migration),
        Action::RepointWorker { machine, join } => hand_over::repoint_nodes(state, std::slice::from_ref(machine), join, &[]),
        Action::RepointWorkstation { join } => repoint_workstation(state, join),
        Action::RepointServiceProxies { join } => repoint_service_proxies(state, join),
        Action::RepointNetwork { datastore } => state.network.repoint(datastore),
        Action::PublishControlPlane { servers, datastore } => {
            state.published = Published { servers: servers.clone(), datastore: datastore.clone() };
        }
        Action::RemoveNode { machine, cordoned } => remove_node(state, machine, cordoned, migration, observe),
        Action::FenceMachine { machine } => drop(state.records.fenced.insert(machine.clone())),
        Action::DescribeServer { machine, join } => describe_server(state, machine, join, migration),
        Action::RecoverVolume { application, claim, to, .. } => recover_volume(state, application, claim, to, observe),
        Action::PrepareInstaller => state.installer.is_prepared = true,
        Action::ImportPackages { os } => drop(state.records.packages.insert(os.clone())),
        Action::JoinCluster { machine, roles, join } => installer::join_cluster(state, machine, roles, *join, migration, observe),
        Action::LeaveCluster { machine, unlisted, cordoned, .. } => {
            cordoned.iter().for_each(|node| state.nodes.cordon(node, migration));
            installer::leave_cluster(state, machine, unlisted, migration, observe);
        }
        Action::ReinstallMachine { machine, os } => reinstall(state, machine, os, migration),
        Action::ReorderInventory { control_plane, etcd } => installer::reorder_inventory(state, control_plane, etcd),
        Action::ApplyInventory => installer::apply_inventory(state, migration, observe),
        Action::RepointBootstrap { to } => state.installer.bootstrap = Some(to.clone()),
        Action::CleanUp { machine } => clean_up(state, machine),
        Action::ProveEtcd { member } => state.records.etcd_proved |= state.etcd.is_live_voter(member),
    }
}

pub(super) fn add_etcd_member(state: &mut State, machine: &MachineName, join: EtcdJoin, observe: &mut Observer<'_>) {
    state.records.membership_changes();
    match join {
        EtcdJoin::Learner => {
            state.etcd.set(machine, Member::RegisteredLearner);
            observe(state, "the new member is a registered learner that has not started");
            state.etcd.set(machine, Member::Learner);
            observe(state, "the new member is a learner that catches up");
        }
        EtcdJoin::Voter => {
            state.etcd.set(machine, Member::RegisteredVoter);
            observe(state, "the new member is registered and has not started");
        }
    }
    state.etcd.set(machine, Member::Voter);
}

/// Where what describes a member also runs it, the member is down until it has started again.
fn rewrite_etcd_unit(state: &mut State, machine: &MachineName, migration: &Migration, observe: &mut Observer<'_>) {
    if migration.cluster.etcd.process.restarts_when_rewritten() && state.etcd.is_live_voter(machine) {
        state.etcd.set(machine, Member::RegisteredVoter);
        observe(state, "the member restarts as it is described anew");
        state.etcd.set(machine, Member::Voter);
    }
    state.records.units_rewritten.insert(machine.clone());
}

/// The address leaves a machine whose API server restarts, unless a load balancer stands there, which goes on with the others.
fn repoint_control_plane(
    state: &mut State,
    machine: &MachineName,
    datastore: &[MachineName],
    migration: &Migration,
    observe: &mut Observer<'_>,
) {
    if state.api.get(machine).is_none() {
        return;
    }
    stop(state, machine, migration);
    if migration.cluster.balancer.is_none() {
        state.virtual_ip.let_go(machine);
    }
    observe(state, "its API server restarts");
    start(state, machine, migration);
    state.records.servers_described.insert(machine.clone());
    state.api.configure(machine, datastore);
}

/// Told of one that leaves, or of itself, it would find nobody.
fn describe_server(state: &mut State, machine: &MachineName, join: &JoinAddress, migration: &Migration) {
    let finds_others = match join {
        JoinAddress::Machine(other) => other != machine && migration.target.is_control_plane(other),
        JoinAddress::VirtualIp => true,
        JoinAddress::OwnProxy | JoinAddress::LoadBalancer => false,
    };
    if finds_others {
        state.records.servers_described.insert(machine.clone());
    }
}

/// For the length of a restart. A server that is a member of etcd itself is away from there as well.
fn stop(state: &mut State, machine: &MachineName, migration: &Migration) {
    state.api.set_serving(machine, Serving::Restarting);
    if migration.cluster.distribution.role_travel() == RoleTravel::WithTheServer && state.etcd.is_live_voter(machine) {
        state.etcd.set(machine, Member::RegisteredVoter);
    }
}

/// As far as `stop` goes: elsewhere a member that has not started is none of the API server's business.
fn start(state: &mut State, machine: &MachineName, migration: &Migration) {
    state.api.set_serving(machine, Serving::Up);
    let is_member_itself = migration.cluster.distribution.role_travel() == RoleTravel::WithTheServer;
    if is_member_itself && state.etcd.member(machine) == Some(Member::RegisteredVoter) {
        state.etcd.set(machine, Member::Voter);
    }
}

fn repoint_service_proxies(state: &mut State, join: &JoinAddress) {
    state.records.service_proxies_repointed = true;
    state.service_proxies = Some(join.clone());
}

fn repoint_workstation(state: &mut State, join: &JoinAddress) {
    state.records.workstation_repointed = true;
    state.workstation = join.clone();
}

/// The backups among those that leave stop first. Then what serves on the holder stops, so that nothing hangs on connections that
/// nobody will cut, and keepalived with it. Nobody knows who holds the address: each that may is simulated.
fn hand_over(state: &mut State, leaving: &[MachineName], migration: &Migration, observe: &mut Observer<'_>) {
    let before = state.virtual_ip.clone();
    let holders: Vec<_> = before.possible_holders.iter().filter(|holder| leaving.contains(holder)).cloned().collect();
    for holder in &holders {
        let backups: Vec<_> = leaving.iter().filter(|name| *name != holder).cloned().collect();
        // In this branch of the simulation this one holds the address.
        state.virtual_ip = before.clone();
        state.virtual_ip.possible_holders = std::iter::once(holder.clone()).collect();
        state.virtual_ip.stop(&backups);
        observe(state, "the backups that leave have stopped");
        let served = state.serves(holder) && migration.cluster.balancer.is_none();
        state.virtual_ip.stop(leaving);
        if served {
            stop(state, holder, migration);
        }
        observe(state, "the holder has stopped and another candidate takes the address");
        if served {
            start(state, holder, migration);
        }
    }
    // Nobody comes to their load balancers any more: they stop for good.
    leaving.iter().filter(|name| !migration.target.is_control_plane(name)).for_each(|name| state.balancers.remove(name));
    state.virtual_ip = before;
    state.virtual_ip.stop(leaving);
    if !holders.is_empty() {
        state.virtual_ip.predicted_gap_milliseconds = state.virtual_ip.top().and_then(|(_, priority)| priority).map(skew_milliseconds);
    }
}

fn remove_node(state: &mut State, machine: &MachineName, cordoned: &[MachineName], migration: &Migration, observe: &mut Observer<'_>) {
    // A drain cordons the node that it drains, whether the step names it or not.
    cordoned.iter().chain(std::iter::once(machine)).for_each(|node| state.nodes.cordon(node, migration));
    observe(state, "the node is drained");
    state.api.remove(machine);
    // Without its API server keepalived's own check fails: it is a candidate no more.
    state.virtual_ip.stop(std::slice::from_ref(machine));
    state.balancers.remove(machine);
    state.storage.lose(machine);
    observe(state, "the node is stopped and not yet deleted");
    state.nodes.delete(machine);
}

fn recover_volume(state: &mut State, application: &Label, claim: &ObjectName, to: &MachineName, observe: &mut Observer<'_>) {
    state.storage.begin_anew(application, claim);
    observe(state, "the volume is made anew and heals");
    state.storage.heal(application, claim, to);
}

fn reinstall(state: &mut State, machine: &MachineName, os: &OperatingSystem, migration: &Migration) {
    state.etcd.wipe(machine);
    state.storage.lose(machine);
    // An installer prepares a machine itself when it joins.
    if migration.cluster.distribution.has_inventory() {
        state.records.prepared.insert(machine.clone());
    }
    state.records.reinstalled.insert(machine.clone(), os.clone());
}

fn clean_up(state: &mut State, machine: &MachineName) {
    state.etcd.wipe(machine);
    state.api.remove(machine);
    state.records.prepared.remove(machine);
    state.records.cleaned.insert(machine.clone());
}
