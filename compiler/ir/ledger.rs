//! The ledger: one row a step, how much the cluster can bear, worst case.
//!
//! Written by `verify`, read by everyone who shows a plan. Row 0 is the source before the first step.

use std::sync::Arc;

use super::StepId;
use crate::model::{Label, MachineName, ObjectName};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    pub rows: Vec<Row>,
    /// Whether, after every step and before the first, any one machine may fail without losing etcd's quorum or the API.
    pub survives_any_one_host: bool,
    /// The lowest tolerance at any moment, also inside a step.
    pub lowest_etcd_tolerance: i64,
    /// The steps that fall to it; empty when only the source before the first step does.
    pub lowest_at: Vec<StepId>,
    pub accepted: Vec<AcceptedRisk>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// `None` for the source before the first step.
    pub step: Option<StepId>,
    pub after: Frame,
    /// The worst moment inside the step, where that is worse than before it and after it.
    pub during: Option<Exposure>,
}

/// The cluster at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub etcd_voters: Vec<MachineName>,
    pub etcd_learners: Vec<MachineName>,
    /// Registered voting members that run.
    pub etcd_started: usize,
    pub etcd_quorum: usize,
    /// Running voters minus quorum: how many more may fail. Negative: quorum is lost.
    pub etcd_tolerance: i64,
    pub api_servers: Vec<MachineName>,
    pub virtual_ip: Option<VirtualIpFrame>,
    /// Upstreams of a load balancer in front of the API; empty where there is none.
    pub upstreams: Vec<MachineName>,
    pub schedulable_nodes: usize,
    pub survives_any_one_host: bool,
    /// Machines whose failure at this moment loses etcd's quorum or the API, by name.
    pub fatal_hosts: Vec<MachineName>,
    /// Applications whose volumes lie on single machines, in the spec's order.
    pub storage: Vec<StorageFrame>,
}

/// An application's volumes at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageFrame {
    pub application: Label,
    /// The claims whose volumes are there and whole, each with the machine on which it lies.
    /// Shared by the rows in which they lie alike.
    pub there: Arc<[(ObjectName, MachineName)]>,
    /// How many volumes it has altogether.
    pub volumes: usize,
    /// How many must be there for it to go on.
    pub needs: usize,
    /// Machines whose failure at this moment leaves it fewer than it needs.
    pub fatal_hosts: Vec<MachineName>,
}

impl StorageFrame {
    pub fn survives_any_one_host(&self) -> bool {
        self.there.len() >= self.needs && self.fatal_hosts.is_empty()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualIpFrame {
    /// Where the address may be. Before a hand-over the compiler cannot know which candidate of the source holds it.
    pub possible_holders: Vec<MachineName>,
    /// Running candidates with their priority, highest first. `None`: not declared.
    pub candidates: Vec<(MachineName, Option<u8>)>,
    /// For a step that hands over: the predicted gap in milliseconds, (256 − priority) ÷ 256 × the advertisement interval of
    /// the new top candidate.
    pub predicted_gap_milliseconds: Option<u32>,
}

/// The worst of the moments inside a step, each quantity for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    pub etcd_tolerance: i64,
    pub fatal_hosts: Vec<MachineName>,
    /// Running API servers when there were fewest.
    pub api_servers: usize,
    /// How many volumes of each application were there when there were fewest.
    pub storage: Vec<(Label, usize)>,
}

/// A risk that stands at a step and was accepted in the spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedRisk {
    pub step: StepId,
    /// The risk's name, such as `etcd-no-tolerance`.
    pub risk: String,
    /// What would have been refused, in one line with the arithmetic.
    pub finding: String,
    /// The reason that the spec gives.
    pub reason: String,
    /// Index into `Migration::acceptances`.
    pub acceptance: usize,
}
