//! The members of etcd, and the arithmetic of quorum.
//!
//! Quorum counts every registered voting member, started or not. Does not know which changes etcd would allow.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::model::{MachineName, Migration};

/// What one member is. Registering and starting are two states, because quorum counts the first and needs the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    RegisteredLearner,
    Learner,
    RegisteredVoter,
    Voter,
}

#[derive(Debug, Clone)]
pub struct Etcd {
    /// In the order in which they joined.
    members: IndexMap<MachineName, Member>,
    /// Machines whose data directory belongs to a member, present or past.
    data: BTreeSet<MachineName>,
    /// Machines that were members once.
    past: BTreeSet<MachineName>,
}

impl Etcd {
    /// A machine that does not answer is registered all the same, and counts for quorum.
    pub fn of(migration: &Migration) -> Self {
        let member = |name: &MachineName| if migration.is_failed(name) { Member::RegisteredVoter } else { Member::Voter };
        let members: IndexMap<_, _> = migration.source.etcd.iter().map(|role| (role.value.clone(), member(&role.value))).collect();
        let data = members.keys().cloned().collect();
        Self { members, data, past: BTreeSet::new() }
    }

    pub fn member(&self, machine: &MachineName) -> Option<Member> {
        self.members.get(machine).copied()
    }

    pub fn set(&mut self, machine: &MachineName, member: Member) {
        self.members.insert(machine.clone(), member);
        self.data.insert(machine.clone());
    }

    /// The data directory stays behind until the machine is cleaned up.
    pub fn remove(&mut self, machine: &MachineName) {
        if self.members.shift_remove(machine).is_some() {
            self.past.insert(machine.clone());
        }
    }

    /// Was a member, and is none now.
    pub fn has_left(&self, machine: &MachineName) -> bool {
        self.past.contains(machine) && !self.members.contains_key(machine)
    }

    pub fn wipe(&mut self, machine: &MachineName) {
        self.data.remove(machine);
    }

    pub fn has_data(&self, machine: &MachineName) -> bool {
        self.data.contains(machine)
    }

    /// Voting members that run, in the order in which they joined.
    pub fn live(&self) -> impl Iterator<Item = &MachineName> {
        self.members.iter().filter(|(_, member)| **member == Member::Voter).map(|(name, _)| name)
    }

    /// Registered voting members, in the order in which they joined.
    pub fn voters(&self) -> impl Iterator<Item = &MachineName> {
        self.members.iter().filter(|(_, member)| matches!(member, Member::RegisteredVoter | Member::Voter)).map(|(name, _)| name)
    }

    pub fn learners(&self) -> impl Iterator<Item = &MachineName> {
        self.members.iter().filter(|(_, member)| matches!(member, Member::RegisteredLearner | Member::Learner)).map(|(name, _)| name)
    }

    pub fn is_live_voter(&self, machine: &MachineName) -> bool {
        self.member(machine) == Some(Member::Voter)
    }

    pub fn voter_count(&self) -> usize {
        self.voters().count()
    }

    pub fn live_count(&self) -> usize {
        self.live().count()
    }

    pub fn quorum(&self) -> usize {
        self.voter_count() / 2 + 1
    }

    /// Running voters minus quorum: how many more may fail. Negative: quorum is lost.
    pub fn tolerance(&self) -> i64 {
        signed(self.live_count()) - signed(self.quorum())
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(number: usize) -> MachineName {
        MachineName::parse(&format!("m-{number}")).unwrap()
    }

    #[test]
    fn one_voter_more_than_an_odd_number_tolerates_no_more() {
        let mut etcd = Etcd { members: IndexMap::new(), data: BTreeSet::new(), past: BTreeSet::new() };
        let tolerated: Vec<_> = (1..=7)
            .map(|number| {
                etcd.set(&machine(number), Member::Voter);
                etcd.tolerance()
            })
            .collect();
        assert_eq!(tolerated, [0, 0, 1, 1, 2, 2, 3]);
    }

    #[test]
    fn a_registered_voter_spends_tolerance_and_a_learner_does_not() {
        let mut etcd = Etcd { members: IndexMap::new(), data: BTreeSet::new(), past: BTreeSet::new() };
        (1..=3).for_each(|number| etcd.set(&machine(number), Member::Voter));
        etcd.set(&machine(4), Member::RegisteredLearner);
        assert_eq!(etcd.tolerance(), 1);
        etcd.set(&machine(4), Member::RegisteredVoter);
        assert_eq!(etcd.tolerance(), 0);
    }
}
