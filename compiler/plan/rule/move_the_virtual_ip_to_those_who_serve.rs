//! The virtual IP moves once, to machines whose API servers serve already.
//!
//! The gap of the hand-over is the new top candidate's skew, (256 − priority) ÷ 256 of the advertisement interval, and the address
//! goes straight to it only if every new priority lies above every old one (measured; keepalived 2.2.7 to 2.4.3). So: old
//! candidates that rank too high are lowered, those that stay take their final priority, new ones start as backups, and then the
//! old ones stop.

use crate::ir::{Action, Phase};
use crate::model::MachineName;
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::source::{Located, Place};

const PHASE: Phase = Phase::MoveVirtualIp;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    // Then it has moved with the servers, or moves when they leave.
    if change.migration.cluster.distribution.virtual_ip_comes_with_servers() {
        return;
    }
    if change.virtual_ip.is_nothing() && !change.virtual_ip_is_reordered() {
        return;
    }
    let mut priorities = Priorities::of_source(change);
    if !are_as_they_should_be(change, &priorities) {
        lower_those_who_leave(change, draft, &mut priorities);
        settle_those_who_stay(change, draft, &mut priorities);
    }
    let serves = |role: &&&Located<MachineName>| draft.standing().api.contains(&role.value);
    for role in change.virtual_ip.joining.iter().filter(serves).copied().collect::<Vec<_>>() {
        start(change, draft, PHASE, role.value.as_str(), role);
    }
    if let Some(first) = change.virtual_ip.leaving.first() {
        let leaving = change.virtual_ip.leaving.iter().map(|role| role.value.clone()).collect();
        draft.then(PHASE, "hand-over", Action::HandOverVirtualIp { leaving }, &first.place);
    }
}

/// Candidates that joined when the address had moved already, because old control planes had to go before they came.
pub fn when_others_have_joined(change: &Change<'_>, draft: &mut Draft) {
    let moves = !change.migration.cluster.distribution.virtual_ip_comes_with_servers();
    for role in change.virtual_ip.joining.iter().filter(|_| moves) {
        let standing = draft.standing();
        if standing.api.contains(&role.value) && !standing.virtual_ip.contains(&role.value) {
            start(change, draft, Phase::SettleControlPlane, &format!("{}.virtual-ip", role.value), role);
        }
    }
}

fn start(change: &Change<'_>, draft: &mut Draft, phase: Phase, step: &str, role: &Located<MachineName>) {
    let action = Action::StartVirtualIp { machine: role.value.clone(), priority: final_priority(change, &role.value) };
    draft.then(phase, step, action, &role.place);
}

/// The priority of a candidate of the target: 250 for the first, so that its skew is 23 ms, and so far apart that two never
/// race on a busy host (at 4 ms apart one run in four did; 40 ms never).
fn final_priority(change: &Change<'_>, machine: &MachineName) -> u8 {
    let candidates = &change.migration.target.virtual_ip;
    let spacing = if candidates.len() <= 3 { 50 } else { 20 };
    let rank = candidates.iter().position(|role| role.value == *machine).unwrap_or(candidates.len());
    u8::try_from(250_usize.saturating_sub(rank.saturating_mul(spacing)).max(1)).unwrap_or(1)
}

/// Whether the declared priorities decide everything already: those that stay in the target's order, and above all that leave.
/// Then nobody is reconfigured: a reload that changes nothing can only do harm. A newcomer brings the plan's own priorities, and two
/// ways of configuring one address do not mix.
fn are_as_they_should_be(change: &Change<'_>, priorities: &Priorities) -> bool {
    let known =
        |roles: &[&crate::source::Located<MachineName>]| roles.iter().map(|role| priorities.of(&role.value)).collect::<Option<Vec<_>>>();
    let (Some(stay), Some(leave)) = (known(&change.virtual_ip.staying), known(&change.virtual_ip.leaving)) else { return false };
    let falls = stay.iter().zip(stay.iter().skip(1)).all(|(higher, lower)| higher > lower);
    let wins = stay.last().is_some_and(|lowest| leave.iter().all(|leaving| lowest > leaving));
    change.virtual_ip.joining.is_empty() && falls && wins
}

/// The lowest priority that the plan gives to a candidate of the target, or what every candidate lies below where priorities are given.
pub fn lowest_priority(change: &Change<'_>) -> u8 {
    if let Some(given) = change.migration.cluster.distribution.priorities_of_servers() {
        return given.first.saturating_add(1);
    }
    let target = &change.migration.target.virtual_ip;
    target.iter().map(|role| final_priority(change, &role.value)).min().unwrap_or(u8::MAX)
}

/// Known priorities of running candidates.
struct Priorities(Vec<(MachineName, Option<u8>)>);

impl Priorities {
    fn of_source(change: &Change<'_>) -> Self {
        let declared = change.migration.cluster.virtual_ip.as_ref().map(|vip| &vip.source_priorities);
        let known = |name: &MachineName| declared.and_then(|priorities| priorities.get(name)).copied();
        Self(change.migration.source.virtual_ip.iter().map(|role| (role.value.clone(), known(&role.value))).collect())
    }

    fn of(&self, machine: &MachineName) -> Option<u8> {
        self.0.iter().find(|(name, _)| name == machine).and_then(|(_, priority)| *priority)
    }

    fn is_taken(&self, priority: u8, by_other_than: &MachineName) -> bool {
        self.0.iter().any(|(name, known)| name != by_other_than && *known == Some(priority))
    }

    fn set(&mut self, machine: &MachineName, priority: u8) {
        for (name, known) in &mut self.0 {
            if name == machine {
                *known = Some(priority);
            }
        }
    }

    /// The highest of 100, 90, 80 … that nobody has. Every final priority lies above 100.
    fn free_below_the_final_ones(&self) -> u8 {
        let taken = |priority: &u8| self.0.iter().any(|(_, known)| known == &Some(*priority));
        (1..=10_u8).rev().map(|tens| tens * 10).find(|priority| !taken(priority)).unwrap_or(5)
    }
}

fn lower_those_who_leave(change: &Change<'_>, draft: &mut Draft, priorities: &mut Priorities) {
    let lowest = lowest_priority(change);
    for role in &change.virtual_ip.leaving {
        if priorities.of(&role.value).is_some_and(|priority| priority >= lowest) {
            let priority = priorities.free_below_the_final_ones();
            reconfigure(draft, priorities, &role.value, priority, ".lower", &role.place);
        }
    }
}

/// Gives each candidate that stays its final priority, at no moment the same as another's. Where priorities form a ring, one
/// candidate steps aside first.
fn settle_those_who_stay(change: &Change<'_>, draft: &mut Draft, priorities: &mut Priorities) {
    let mut waiting = change.virtual_ip.staying.clone();
    while !waiting.is_empty() {
        let free = waiting.iter().position(|role| !priorities.is_taken(final_priority(change, &role.value), &role.value));
        if let Some(index) = free {
            let role = waiting.remove(index);
            reconfigure(draft, priorities, &role.value, final_priority(change, &role.value), "", &role.place);
        } else if let Some(role) = waiting.first() {
            let priority = priorities.free_below_the_final_ones();
            reconfigure(draft, priorities, &role.value, priority, ".aside", &role.place);
        }
    }
}

/// `suffix` keeps apart two steps on one machine; a dot cannot stand in a machine's name.
fn reconfigure(draft: &mut Draft, priorities: &mut Priorities, machine: &MachineName, priority: u8, suffix: &str, because: &Place) {
    priorities.set(machine, priority);
    let action = Action::ReconfigureVirtualIp { machine: machine.clone(), priority };
    draft.then(PHASE, &format!("{machine}{suffix}"), action, because);
}
