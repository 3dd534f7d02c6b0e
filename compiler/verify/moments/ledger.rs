//! Writes the ledger while the plan is simulated: a frame a step, and the worst moment inside it.
//!
//! Does not judge: a row of an unsafe step is written like any other.

use std::sync::Arc;

use indexmap::IndexSet;

use crate::ir::{AcceptedRisk, Exposure, Frame, Ledger, Row, StepId, StorageFrame, VirtualIpFrame};
use crate::model::{Label, MachineName, Migration};
use crate::verify::moments::{Exposed, Worst};
use crate::verify::state::{State, StoredApplication};

#[derive(Debug, Clone, Default)]
pub struct LedgerWriter {
    rows: Vec<Row>,
}

impl LedgerWriter {
    /// The source before the first step.
    pub fn source(state: &State, exposed: &Exposed, migration: &Migration) -> Self {
        Self { rows: vec![Row { step: None, after: frame(state, exposed, migration), during: None }] }
    }

    pub fn step(&mut self, step: &StepId, state: &State, exposed: &Exposed, worst: Worst, migration: &Migration) {
        let after = frame(state, exposed, migration);
        let during = worst.into_exposure().filter(|during| {
            let before = self.rows.last().map(|row| &row.after);
            is_worse(during, &after) && before.is_none_or(|before| is_worse(during, before))
        });
        self.rows.push(Row { step: Some(step.clone()), after, during });
    }

    pub fn finish(self, accepted: Vec<AcceptedRisk>) -> Ledger {
        let lowest = self.rows.iter().map(lowest_in).min().unwrap_or(0);
        let survives = self.rows.iter().all(|row| row.after.survives_any_one_host);
        let lowest_at = self.rows.iter().zip(self.rows.iter().skip(1)).filter_map(|(before, row)| reaches(lowest, before, row)).collect();
        Ledger { survives_any_one_host: survives, lowest_etcd_tolerance: lowest, lowest_at, accepted, rows: self.rows }
    }
}

/// A moment that only repeats what the row above shows is no news.
fn is_worse(during: &Exposure, rest: &Frame) -> bool {
    during.etcd_tolerance < rest.etcd_tolerance
        || during.fatal_hosts.iter().any(|host| !rest.fatal_hosts.contains(host))
        || during.api_servers < rest.api_servers.len()
        || during.storage.iter().zip(&rest.storage).any(|((_, fewest), application)| *fewest < application.there.len())
}

fn lowest_in(row: &Row) -> i64 {
    row.during.as_ref().map_or(row.after.etcd_tolerance, |during| during.etcd_tolerance.min(row.after.etcd_tolerance))
}

/// A step reaches the lowest tolerance by falling to it. A step that only leaves it as it was does not.
fn reaches(lowest: i64, before: &Row, row: &Row) -> Option<StepId> {
    (lowest_in(row) == lowest && before.after.etcd_tolerance > lowest).then(|| row.step.clone()).flatten()
}

fn frame(state: &State, exposed: &Exposed, migration: &Migration) -> Frame {
    Frame {
        etcd_voters: state.etcd.voters().cloned().collect(),
        etcd_learners: state.etcd.learners().cloned().collect(),
        etcd_started: state.etcd.live_count(),
        etcd_quorum: state.etcd.quorum(),
        etcd_tolerance: state.etcd.tolerance(),
        api_servers: state.api.serving().cloned().collect(),
        virtual_ip: state.virtual_ip_is_published(migration).then(|| virtual_ip(state)),
        upstreams: upstreams(state),
        schedulable_nodes: state.nodes.schedulable,
        survives_any_one_host: exposed.fatal.is_empty(),
        fatal_hosts: exposed.fatal.clone(),
        storage: state.storage.iter().map(|(name, application)| volumes(name, application)).collect(),
    }
}

fn volumes(name: &Label, application: &StoredApplication) -> StorageFrame {
    StorageFrame {
        application: name.clone(),
        there: Arc::clone(application.there()),
        volumes: application.all(),
        needs: application.needs,
        fatal_hosts: application.fatal_hosts().to_vec(),
    }
}

/// Whom clients are led to: by the proxies of workers, or by the load balancers on those who may hold the virtual IP.
fn upstreams(state: &State) -> Vec<MachineName> {
    if let Some(known) = &state.installer.proxies {
        return known.clone();
    }
    let led_to = state.virtual_ip.possible_holders.iter().filter_map(|holder| state.balancers.upstreams(holder)).flatten();
    let distinct: IndexSet<&MachineName> = led_to.collect();
    distinct.into_iter().cloned().collect()
}

fn virtual_ip(state: &State) -> VirtualIpFrame {
    let mut candidates: Vec<_> = state.virtual_ip.candidates.iter().map(|(name, candidate)| (name.clone(), candidate.priority)).collect();
    candidates.sort_by_key(|(_, priority)| std::cmp::Reverse(*priority));
    VirtualIpFrame {
        possible_holders: state.virtual_ip.possible_holders.iter().cloned().collect(),
        candidates,
        predicted_gap_milliseconds: state.virtual_ip.predicted_gap_milliseconds,
    }
}
