//! A second, tiny judge: sets and subtraction, written without a look at the first one.

use std::collections::BTreeSet;
use std::sync::Arc;

use replank::ir::{Action, Plan, Standing};
use replank::model::{EtcdJoin, JoinAddress, MachineName, Migration, Topology};
use replank::source::Located;

type Names = BTreeSet<MachineName>;

fn set(roles: &[Located<MachineName>]) -> Names {
    roles.iter().map(|role| role.value.clone()).collect()
}

#[derive(Debug, PartialEq, Eq)]
pub struct Cluster {
    pub etcd: Names,
    pub api: Names,
    pub workers: Names,
    pub virtual_ip: Names,
}

impl Cluster {
    pub fn of(end: &Topology) -> Self {
        Self { etcd: set(&end.etcd), api: set(&end.control_plane), workers: set(&end.workers), virtual_ip: set(&end.virtual_ip) }
    }
}

pub fn tolerance(voters: usize) -> i64 {
    (i64::try_from(voters).unwrap() - 1) / 2
}

/// What walking through the plan showed.
pub struct Walk {
    pub end: Cluster,
    pub lowest_tolerance: i64,
    /// What no plan may do, in words.
    pub wrong: Vec<String>,
}

pub fn walk(migration: &Migration, plan: &Plan) -> Walk {
    let mut now = Cluster::of(&migration.source);
    let mut lowest = tolerance(now.etcd.len());
    let mut wrong = Vec::new();
    let mut stores: Vec<(MachineName, Names)> = now.api.iter().map(|name| (name.clone(), now.etcd.clone())).collect();
    for step in &plan.steps {
        lowest = lowest.min(during(&step.action, now.etcd.len()));
        apply(&step.action, &mut now, &mut stores);
        lowest = lowest.min(tolerance(now.etcd.len()));
        stores.retain(|(server, _)| now.api.contains(server));
        for (server, list) in &stores {
            if !list.is_subset(&now.etcd) {
                wrong.push(format!("{}: {server} names a machine that is no member", step.id));
            }
        }
        if now.etcd.is_empty() || now.api.is_empty() || !now.virtual_ip.is_subset(&now.api) {
            wrong.push(format!("{}: {now:?}", step.id));
        }
        if !migration.source.virtual_ip.is_empty() && now.virtual_ip.is_empty() {
            wrong.push(format!("{}: nobody can hold the virtual IP", step.id));
        }
        if let Action::AddWorker { join: JoinAddress::Machine(server), .. }
        | Action::RepointNodes { join: JoinAddress::Machine(server), .. }
        | Action::RepointWorker { join: JoinAddress::Machine(server), .. } = &step.action
            && !migration.target.is_control_plane(server)
        {
            wrong.push(format!("{}: {server} leaves", step.id));
        }
    }
    Walk { end: now, lowest_tolerance: lowest, wrong }
}

/// A voter that is registered and has not started counts for quorum and not for life.
fn during(action: &Action, voters: usize) -> i64 {
    match action {
        Action::AddEtcdMember { join: EtcdJoin::Voter, .. } => {
            let quorum = voters.div_ceil(2) + 1;
            i64::try_from(voters).unwrap() - i64::try_from(quorum).unwrap()
        }
        _ => tolerance(voters),
    }
}

fn apply(action: &Action, now: &mut Cluster, stores: &mut Vec<(MachineName, Names)>) {
    match action {
        Action::AddEtcdMember { machine, .. } => drop(now.etcd.insert(machine.clone())),
        Action::RemoveEtcdMember { machine, .. } => drop(now.etcd.remove(machine)),
        Action::AddControlPlane { machine, datastore, .. } | Action::RepointControlPlane { machine, datastore } => {
            now.api.insert(machine.clone());
            now.workers.remove(machine);
            stores.retain(|(server, _)| server != machine);
            stores.push((machine.clone(), datastore.iter().cloned().collect()));
        }
        Action::HandOverControlPlane { from, to, datastore } => {
            now.api.remove(from);
            now.api.insert(to.clone());
            stores.push((to.clone(), datastore.iter().cloned().collect()));
        }
        Action::AddWorker { machine, .. } => drop(now.workers.insert(machine.clone())),
        Action::RemoveNode { machine, .. } => {
            now.api.remove(machine);
            now.workers.remove(machine);
        }
        Action::DemoteControlPlane { machine } => {
            now.api.remove(machine);
            now.workers.insert(machine.clone());
        }
        Action::StartVirtualIp { machine, .. } => drop(now.virtual_ip.insert(machine.clone())),
        Action::HandOverVirtualIp { leaving } => now.virtual_ip.retain(|name| !leaving.contains(name)),
        _ => {}
    }
}

/// The plan with nobody's needs, and every step made for the moment at which it now stands.
pub fn restood(migration: &Migration, plan: &Plan) -> Plan {
    let names = |roles: &[Located<MachineName>]| roles.iter().map(|role| role.value.clone()).collect::<Vec<_>>();
    let source = &migration.source;
    let mut now = Standing {
        etcd: names(&source.etcd),
        api: names(&source.control_plane),
        virtual_ip: names(&source.virtual_ip),
        ..Standing::default()
    };
    let mut plan = plan.clone();
    for step in &mut plan.steps {
        step.needs.clear();
        step.standing = Arc::new(now.clone());
        let join = |list: &mut Vec<MachineName>, name: &MachineName| {
            if !list.contains(name) {
                list.push(name.clone());
            }
        };
        match &step.action {
            Action::AddEtcdMember { machine, .. } => join(&mut now.etcd, machine),
            Action::RemoveEtcdMember { machine, .. } => now.etcd.retain(|name| name != machine),
            Action::AddControlPlane { machine, .. } => join(&mut now.api, machine),
            Action::HandOverControlPlane { from, to, .. } => {
                now.api.retain(|name| name != from);
                join(&mut now.api, to);
            }
            Action::RemoveNode { machine, .. } | Action::DemoteControlPlane { machine } => {
                now.api.retain(|name| name != machine);
                now.virtual_ip.retain(|name| name != machine);
            }
            Action::StartVirtualIp { machine, .. } | Action::ReconfigureVirtualIp { machine, .. } => join(&mut now.virtual_ip, machine),
            Action::HandOverVirtualIp { leaving } => now.virtual_ip.retain(|name| !leaving.contains(name)),
            _ => {}
        }
    }
    plan
}
