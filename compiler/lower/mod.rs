//! The plan in the words of the tools that carry it out.
//!
//! Responsible for: choosing, for every step, the words and the files, and the values that stand in them. Does not know how
//! templates become bytes, nor whether the plan is safe. One folder a backend; what backends share (etcd, the virtual IP, the
//! machines) stands in `shared`. A backend never looks at another.

pub mod artifact;
mod k3s;
mod moment;
mod shared;
pub mod sheet;

use crate::ir::{Action, Ledger, Plan, Step};
use crate::model::{Distribution, Migration};

use moment::Moment;
use sheet::Sheet;

/// One sheet for every step, in the plan's order.
pub fn lower(migration: &Migration, plan: &Plan, ledger: &Ledger) -> Vec<Sheet> {
    let rows = ledger.rows.iter().skip(1);
    let moments = plan.steps.iter().zip(rows).map(|(step, row)| Moment { migration, step, row });
    moments.map(|moment| lower_step(&moment)).collect()
}

fn lower_step(moment: &Moment<'_>) -> Sheet {
    let Step { action, .. } = moment.step;
    match action {
        Action::BackUpEtcd { member } => shared::etcd::back_up(moment, member),
        Action::AddEtcdMember { machine, join } => shared::etcd::add(moment, machine, *join),
        Action::RemoveEtcdMember { machine, leader_to } => shared::etcd::remove(moment, machine, leader_to),
        Action::RewriteEtcdUnit { machine } => shared::etcd::rewrite_unit(moment, machine),
        Action::ProveEtcd { member } => shared::etcd::prove(moment, member),
        Action::ProveVirtualIp { candidates, below } => shared::virtual_ip::prove(moment, candidates, *below),
        Action::StartVirtualIp { machine, priority } => shared::virtual_ip::start(moment, machine, *priority),
        Action::ReconfigureVirtualIp { machine, priority } => shared::virtual_ip::reconfigure(moment, machine, *priority),
        Action::HandOverVirtualIp { leaving } => shared::virtual_ip::hand_over(moment, leaving, service(moment)),
        Action::PrepareWorkstation => shared::workstation::prepare(moment),
        Action::RepointWorkstation { join } => shared::workstation::repoint(moment, join),
        Action::RunHook { hook } => shared::hook::run(moment, hook),
        Action::PrepareMachine { machine } => shared::machine::prepare(moment, machine).join(backend_prepare(moment, machine)),
        Action::CleanUp { machine } => backend_clean_up(moment, machine).join(shared::machine::clean_up(moment, machine)),
        Action::BackUpControlPlane { machine } => match &moment.migration.cluster.distribution {
            Distribution::K3s(k3s) => k3s::back_up_control_plane(moment, k3s, machine),
        },
        Action::AddControlPlane { machine, datastore } => match &moment.migration.cluster.distribution {
            Distribution::K3s(k3s) => k3s::add_control_plane(moment, k3s, machine, datastore),
        },
        Action::RepointControlPlane { machine, datastore } => match &moment.migration.cluster.distribution {
            Distribution::K3s(k3s) => k3s::repoint_control_plane(moment, k3s, machine, datastore),
        },
        Action::AddWorker { machine, join } => match &moment.migration.cluster.distribution {
            Distribution::K3s(k3s) => k3s::add_worker(moment, k3s, machine, join),
        },
        Action::RepointWorker { machine, join } => match &moment.migration.cluster.distribution {
            Distribution::K3s(k3s) => k3s::repoint_worker(moment, k3s, machine, join),
        },
        Action::RemoveNode { machine, cordoned } => match &moment.migration.cluster.distribution {
            Distribution::K3s(k3s) => k3s::remove_node(moment, k3s, machine, cordoned),
        },
    }
}

fn backend_prepare(moment: &Moment<'_>, machine: &crate::model::MachineName) -> Sheet {
    match &moment.migration.cluster.distribution {
        Distribution::K3s(k3s) => k3s::prepare_machine(moment, k3s, machine),
    }
}

fn backend_clean_up(moment: &Moment<'_>, machine: &crate::model::MachineName) -> Sheet {
    match &moment.migration.cluster.distribution {
        Distribution::K3s(k3s) => k3s::clean_up(moment, k3s, machine),
    }
}

/// The systemd service whose connections end when a control plane gives the virtual IP away.
fn service(moment: &Moment<'_>) -> &'static str {
    match &moment.migration.cluster.distribution {
        Distribution::K3s(_) => k3s::SERVER_SERVICE,
    }
}
