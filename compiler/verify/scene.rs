//! What an invariant sees: one moment of one step, and a pile for what it finds.
//!
//! Does not know which invariants exist, nor what happens to their findings.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic};
use crate::ir::{Plan, Step};
use crate::model::{MachineName, Migration, Topology};
use crate::verify::moments::Exposed;
use crate::verify::state::State;

/// Which moment of a step it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Before,
    /// Between two changes; the words finish the sentence "this is so while …".
    Inside(&'static str),
    After,
}

/// The source before the first step, as far as a plan must not be worse.
#[derive(Debug, Clone, Copy)]
pub struct Baseline {
    /// No moment may fall below this: what policy asks for, or what the source has if that is less, so that a small cluster can
    /// grow.
    pub etcd_floor: i64,
    /// Whether any one machine of the source could fail without taking the last API server along.
    pub api: Redundancy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redundancy {
    AnyOneMayFail,
    OneIsFatal,
}

#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    pub migration: &'a Migration,
    pub baseline: Baseline,
    pub index: usize,
    pub step: &'a Step,
    pub state: &'a State,
    pub moment: Moment,
    /// What the loss of each host would do at this moment.
    pub exposed: &'a Exposed,
}

impl Scene<'_> {
    /// A finding at this step, under the line of the spec that caused the step.
    pub fn finding(&self, code: Code, text: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.step.because.span, text).at_step(self.step.id.as_str())
    }

    /// ` (while the node is drained)`, or nothing at rest.
    pub fn aside(&self) -> String {
        match self.moment {
            Moment::Before | Moment::After => String::new(),
            Moment::Inside(words) => format!(" (while {words})"),
        }
    }

    /// ` while the node is drained`, or nothing at rest.
    pub fn when(&self) -> String {
        match self.moment {
            Moment::Before | Moment::After => String::new(),
            Moment::Inside(words) => format!(" while {words}"),
        }
    }
}

/// The plan as a whole, and the state in which it leaves the cluster.
#[derive(Debug, Clone, Copy)]
pub struct Whole<'a> {
    pub migration: &'a Migration,
    pub plan: &'a Plan,
    pub end: &'a State,
}

impl Whole<'_> {
    /// Whether roles differ between the ends, or the order of the candidates for the virtual IP does.
    pub fn migration_changes_anything(&self) -> bool {
        let rebuilds = self.migration.machines.keys().any(|machine| self.migration.is_rebuilt(machine));
        Role::ALL.iter().any(|role| role.changes(self.migration)) || self.virtual_ip_changes() || rebuilds
    }

    /// Whether the candidates or their order differ.
    pub fn virtual_ip_changes(&self) -> bool {
        let (source, target) = (&self.migration.source, &self.migration.target);
        !Role::VirtualIp.names(source).eq(Role::VirtualIp.names(target))
    }
}

/// One finding at one step, before acceptances are applied and repetitions folded.
#[derive(Debug, Clone)]
pub struct Raw {
    /// The step's index; `None` for findings about the plan as a whole.
    pub at: Option<usize>,
    /// Findings with the same code and the same cause are one finding to a reader.
    pub cause: String,
    /// Among the moments of one step the lowest is kept.
    pub rank: i64,
    pub diagnostic: Diagnostic,
}

#[derive(Debug, Clone, Default)]
pub struct Report(Vec<Raw>);

impl Report {
    /// A finding at the scene's step.
    pub fn at(&mut self, scene: &Scene<'_>, cause: impl Into<String>, diagnostic: Diagnostic) {
        self.ranked(scene, cause, 0, diagnostic);
    }

    /// Of several moments of the step, the one with the lowest rank is reported.
    pub fn ranked(&mut self, scene: &Scene<'_>, cause: impl Into<String>, rank: i64, diagnostic: Diagnostic) {
        self.push(Raw { at: Some(scene.index), cause: cause.into(), rank, diagnostic });
    }

    /// A finding at a step of the plan, outside any moment.
    pub fn at_index(&mut self, index: usize, cause: impl Into<String>, diagnostic: Diagnostic) {
        self.push(Raw { at: Some(index), cause: cause.into(), rank: 0, diagnostic });
    }

    /// A finding about the plan as a whole.
    pub fn whole(&mut self, cause: impl Into<String>, diagnostic: Diagnostic) {
        self.push(Raw { at: None, cause: cause.into(), rank: 0, diagnostic });
    }

    pub fn into_raw(self) -> Vec<Raw> {
        self.0
    }

    fn push(&mut self, raw: Raw) {
        let same = |other: &&mut Raw| other.diagnostic.code == raw.diagnostic.code && other.cause == raw.cause;
        match self.0.iter_mut().rev().take_while(|other| other.at.is_some() && other.at == raw.at).find(same) {
            Some(other) if raw.rank < other.rank => *other = raw,
            Some(_) => {}
            None => self.0.push(raw),
        }
    }
}

/// Names for a sentence; a long list is cut, with the number of those left out.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a MachineName>) -> String {
    const SHOWN: usize = 9;
    let mut names = names.into_iter();
    let shown: Vec<_> = names.by_ref().take(SHOWN).map(MachineName::as_str).collect();
    let rest = names.count();
    match (shown.is_empty(), rest) {
        (true, _) => "none".to_owned(),
        (false, 0) => shown.join(", "),
        (false, rest) => format!("{} and {rest} more", shown.join(", ")),
    }
}

/// A list of a topology.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Etcd,
    ControlPlane,
    Worker,
    VirtualIp,
}

impl Role {
    pub const ALL: &'static [Role] = &[Role::Etcd, Role::ControlPlane, Role::Worker, Role::VirtualIp];

    /// The machines in the order of the spec.
    pub fn names(self, topology: &Topology) -> impl Iterator<Item = &MachineName> {
        let list = match self {
            Role::Etcd => &topology.etcd,
            Role::ControlPlane => &topology.control_plane,
            Role::Worker => &topology.workers,
            Role::VirtualIp => &topology.virtual_ip,
        };
        list.iter().map(|role| &role.value)
    }

    /// Whether the machines differ between the ends; their order does not count.
    pub fn changes(self, migration: &Migration) -> bool {
        let names = |topology| self.names(topology).collect::<BTreeSet<_>>();
        names(&migration.source) != names(&migration.target)
    }

    /// A finding under the machine's line in this list, or under the whole topology.
    pub fn finding(self, code: Code, topology: &Topology, name: Option<&MachineName>, text: String) -> Diagnostic {
        let list = match self {
            Role::Etcd => &topology.etcd,
            Role::ControlPlane => &topology.control_plane,
            Role::Worker => &topology.workers,
            Role::VirtualIp => &topology.virtual_ip,
        };
        let named = list.iter().find(|role| Some(&role.value) == name);
        Diagnostic::new(code, named.map_or(topology.place.span, |role| role.place.span), text)
    }
}
