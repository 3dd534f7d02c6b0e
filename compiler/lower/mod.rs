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

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::diag::Findings;
use crate::ir::{Ledger, Plan};
use crate::model::{Distribution, Migration};

use moment::Moment;
use sheet::Sheet;

/// The plan, ready to be written down step by step. A sheet is made when it is asked for: all of them at once are far larger than the
/// plan itself.
pub struct Lowered<'a> {
    moments: Vec<Moment<'a>>,
    /// For each step.
    surroundings: Vec<Arc<Map<String, Value>>>,
}

pub fn lower<'a>(migration: &'a Migration, plan: &'a Plan, ledger: &'a Ledger) -> Lowered<'a> {
    let rows = ledger.rows.iter().zip(ledger.rows.iter().skip(1));
    let moments = plan.steps.iter().zip(rows).enumerate().map(|(index, (step, (row_before, row)))| {
        let before = plan.steps.get(..index).unwrap_or_default();
        let later = plan.steps.get(index + 1..).unwrap_or_default();
        Moment { migration, step, row_before, row, before, later }
    });
    let moments: Vec<Moment<'a>> = moments.collect();
    let mut of_each = Vec::with_capacity(moments.len());
    let mut last: Option<(&Moment<'_>, Arc<Map<String, Value>>)> = None;
    for moment in &moments {
        let shared = match &last {
            Some((other, shared)) if moment.shares_surroundings(other) => Arc::clone(shared),
            Some(_) | None => Arc::new(surroundings(moment)),
        };
        of_each.push(Arc::clone(&shared));
        last = Some((moment, shared));
    }
    Lowered { moments, surroundings: of_each }
}

/// What the words of every step may use: who is asked, and what the spec says of the distribution.
fn surroundings(moment: &Moment<'_>) -> Map<String, Value> {
    let own = match &moment.migration.cluster.distribution {
        Distribution::K3s(k3s) => k3s::surroundings(k3s),
        Distribution::Kubean(kubean) => kubean::surroundings(kubean),
        Distribution::Kubeadm(kubeadm) => kubeadm::surroundings(moment, kubeadm),
        Distribution::Systemd(systemd) => systemd::surroundings(moment, systemd),
    };
    moment.surroundings().into_iter().chain(own).collect()
}

impl Lowered<'_> {
    /// The values that the sheets of all steps share with others, in the plan's order: the same allocation where they are the same.
    pub fn surroundings(&self) -> &[Arc<Map<String, Value>>] {
        &self.surroundings
    }

    /// The sheet of the step at `index` of the plan.
    pub fn sheet(&self, index: usize) -> Option<Sheet> {
        let (moment, surroundings) = (self.moments.get(index)?, self.surroundings.get(index)?);
        Some(Sheet { surroundings: Arc::clone(surroundings), ..lower_step(moment) })
    }
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
