//! The plan in the words of the tools that carry it out.
//!
//! Responsible for: choosing, for every step, the words and the files, and the values that stand in them. Does not know how
//! templates become bytes, nor whether the plan is safe. One folder a backend; what backends share (etcd, the virtual IP, the
//! machines) stands in `shared`. A backend never looks at another.

pub mod artifact;
mod k3s;
mod kubeadm;
mod kubean;
mod moment;
mod shared;
pub mod sheet;
mod systemd;

use crate::diag::Findings;
use crate::ir::{Ledger, Plan};
use crate::model::{Distribution, Migration};

use moment::Moment;
use sheet::Sheet;

/// One sheet for every step, in the plan's order.
pub fn lower(migration: &Migration, plan: &Plan, ledger: &Ledger) -> Vec<Sheet> {
    let rows = ledger.rows.iter().zip(ledger.rows.iter().skip(1));
    let moments = plan.steps.iter().zip(rows).enumerate().map(|(index, (step, (row_before, row)))| {
        let before = plan.steps.get(..index).unwrap_or_default();
        let later = plan.steps.get(index + 1..).unwrap_or_default();
        Moment { migration, step, row_before, row, before, later }
    });
    moments.map(|moment| lower_step(&moment)).collect()
}

/// What is wrong, in a tool's own terms, with what the plan tells it; and what a reader should know. A plan with errors must not be
/// printed.
pub fn examine(migration: &Migration, plan: &Plan, ledger: &Ledger) -> Findings {
    match &migration.cluster.distribution {
        Distribution::K3s(k3s) => {
            k3s.ocboot.as_ref().map_or_else(Findings::default, |ocboot| k3s::examine(migration, ocboot, plan, ledger))
        }
        // Its files are configuration; there is nothing to read twice.
        Distribution::Kubeadm(_) | Distribution::Systemd(_) => Findings::default(),
        Distribution::Kubean(kubean) => kubean::examine(migration, kubean, plan),
    }
}

fn lower_step(moment: &Moment<'_>) -> Sheet {
    match &moment.migration.cluster.distribution {
        Distribution::K3s(k3s) => k3s::lower(moment, k3s),
        Distribution::Kubean(kubean) => kubean::lower(moment, kubean),
        Distribution::Kubeadm(kubeadm) => kubeadm::lower(moment, kubeadm),
        Distribution::Systemd(systemd) => systemd::lower(moment, systemd),
    }
}
