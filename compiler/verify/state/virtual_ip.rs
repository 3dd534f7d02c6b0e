//! The virtual IP: which machines run as candidates, and which of them may hold the address.
//!
//! The compiler cannot know who holds the address today. It therefore keeps everyone who may.

use std::collections::BTreeMap;
use std::net::IpAddr;

use indexmap::{IndexMap, IndexSet};

use crate::model::keepalived_pod::GivenPriorities;
use crate::model::{MachineName, Migration};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Configuration {
    /// As the team wrote it, long ago.
    Source,
    /// As the plan writes it.
    Plan,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// `None`: not declared, and below every planned priority if the plan proves it.
    pub priority: Option<u8>,
    pub configuration: Configuration,
    /// Of equals the higher address wins; `None` where two of the plan's are never equal.
    pub address: Option<IpAddr>,
}

impl Candidate {
    fn rank(&self) -> (Option<u8>, Option<IpAddr>) {
        (self.priority, self.address)
    }
}

/// The address of a candidate, where equal priorities are given on purpose (RFC 5798, section 6.4.3).
fn deciding_address(name: &MachineName, migration: &Migration) -> Option<IpAddr> {
    let machine = migration.machines.get(name)?;
    migration.cluster.distribution.virtual_ip_comes_with_servers().then_some(machine.address)
}

#[derive(Debug, Clone)]
pub struct VirtualIpState {
    /// Whether any candidate has ever run.
    pub exists: bool,
    /// Whether the plan has written any candidate's configuration, also that of one that has left since.
    pub planned: bool,
    /// Those that run, in the order in which they started.
    pub candidates: IndexMap<MachineName, Candidate>,
    pub possible_holders: IndexSet<MachineName>,
    /// Candidates about which the plan has proved what it assumes, with the bound below which an undeclared priority lies.
    pub proved: BTreeMap<MachineName, u8>,
    /// Of the hand-over in this step.
    pub predicted_gap_milliseconds: Option<u32>,
}

impl VirtualIpState {
    pub fn of(migration: &Migration) -> Self {
        // One that does not answer holds nothing, and takes part in no election.
        let names = migration.source.virtual_ip.iter().map(|role| role.value.clone()).filter(|name| !migration.is_failed(name));
        let declared = |name: &MachineName| migration.cluster.virtual_ip.as_ref().and_then(|ip| ip.source_priorities.get(name)).copied();
        let candidates: IndexMap<_, _> = names
            .map(|name| {
                let priority = declared(&name);
                let address = deciding_address(&name, migration);
                (name, Candidate { priority, configuration: Configuration::Source, address })
            })
            .collect();
        Self {
            exists: !candidates.is_empty(),
            planned: false,
            possible_holders: candidates.keys().cloned().collect(),
            candidates,
            proved: BTreeMap::new(),
            predicted_gap_milliseconds: None,
        }
    }

    /// The first candidate to run takes the address; a later one does not while another holds it.
    pub fn start(&mut self, machine: &MachineName, priority: u8) {
        if self.candidates.is_empty() {
            self.possible_holders = std::iter::once(machine.clone()).collect();
        }
        self.exists = true;
        self.reconfigure(machine, priority);
    }

    /// A reload: the address stays where it is.
    pub fn reconfigure(&mut self, machine: &MachineName, priority: u8) {
        self.planned = true;
        self.candidates.insert(machine.clone(), Candidate { priority: Some(priority), configuration: Configuration::Plan, address: None });
    }

    /// Whoever installs servers configures keepalived on all of them: `first` takes the address, whoever had it, because its priority is
    /// the highest and the others make way for it. Of those the address decides.
    pub fn install(&mut self, servers: &[MachineName], first: Option<&MachineName>, given: GivenPriorities, migration: &Migration) {
        self.exists = true;
        self.planned = true;
        for name in servers {
            let priority = if Some(name) == first { given.first } else { given.others };
            let address = deciding_address(name, migration);
            self.candidates.insert(name.clone(), Candidate { priority: Some(priority), configuration: Configuration::Plan, address });
        }
        if let Some((top, _)) = self.top() {
            self.possible_holders = std::iter::once(top.clone()).collect();
        }
    }

    /// Candidates stop. The address goes to the top of those that stay, if one of those that stopped may have held it.
    pub fn stop(&mut self, leaving: &[MachineName]) {
        self.candidates.retain(|name, _| !leaving.contains(name));
        let before = self.possible_holders.len();
        self.possible_holders.retain(|name| !leaving.contains(name));
        if self.possible_holders.len() < before
            && let Some((top, _)) = self.top()
        {
            self.possible_holders.insert(top.clone());
        }
    }

    /// A candidate lets go of the address while its API server restarts: if it may hold it, the top of the others may from now on, and
    /// keeps it. Without another candidate the address comes back.
    pub fn let_go(&mut self, machine: &MachineName) {
        let others = self.candidates.iter().rev().filter(|(name, _)| *name != machine);
        let top = others.max_by_key(|(_, candidate)| candidate.rank()).map(|(name, _)| name.clone());
        if let Some(top) = top
            && self.possible_holders.shift_remove(machine)
        {
            self.possible_holders.insert(top);
        }
    }

    /// The candidate that wins an election: highest priority; of equals the higher address where addresses decide, else the one that
    /// started first.
    pub fn top(&self) -> Option<(&MachineName, Option<u8>)> {
        self.candidates.iter().rev().max_by_key(|(_, candidate)| candidate.rank()).map(|(name, candidate)| (name, candidate.priority))
    }
}

/// How long nobody holds the address when `priority` takes over from one that says goodbye: VRRP's skew, at one advertisement a second.
pub fn skew_milliseconds(priority: u8) -> u32 {
    ((256 - u32::from(priority)) * 1000 + 128) / 256
}

#[cfg(test)]
mod tests {
    use super::skew_milliseconds;

    #[test]
    fn a_higher_priority_takes_over_sooner() {
        assert_eq!([70, 150, 250].map(skew_milliseconds), [727, 414, 23]);
    }
}
