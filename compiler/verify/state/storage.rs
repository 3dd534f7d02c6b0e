//! Volumes that lie on single machines: where each is, and whether what lies on it is whole.
//!
//! Knows how many volumes an application must keep. Does not know why one is made anew.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::model::{Label, MachineName, Migration, ObjectName};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    Whole,
    /// Made anew, and nobody could prove yet that they are whole: another volume of the application is gone.
    Unproved,
    /// The machine that holds them is gone, or they begin empty.
    Gone,
}

#[derive(Debug, Clone)]
pub struct Volume {
    pub on: MachineName,
    pub contents: Contents,
}

#[derive(Debug, Clone)]
pub struct StoredApplication {
    volumes: IndexMap<ObjectName, Volume>,
    pub needs: usize,
    /// Whether a command proves that every volume is whole; it fails while one is not.
    pub is_proved: bool,
    /// No moment may fall below this: what it needs, or what it has reached if that is less.
    pub floor: usize,
    /// Whether any one machine of the source could fail without leaving it fewer volumes than it needs.
    pub survived_any_one: bool,
    /// Kept up to date with the volumes and shared by every row of the ledger in which they lie alike.
    there: Arc<[(ObjectName, MachineName)]>,
    fatal_hosts: Vec<MachineName>,
}

/// In the order of the spec.
#[derive(Debug, Clone, Default)]
pub struct Storage(IndexMap<Label, StoredApplication>);

impl Storage {
    /// What lies on a machine that has failed is gone from the start.
    pub fn of(migration: &Migration) -> Self {
        let contents = |on: &MachineName| if migration.is_failed(on) { Contents::Gone } else { Contents::Whole };
        let mut applications = IndexMap::new();
        for application in &migration.storage {
            let volumes = application.volumes.iter().map(|volume| {
                let on = volume.on.value.clone();
                (volume.claim.clone(), Volume { contents: contents(&on), on })
            });
            let mut stored = StoredApplication::new(volumes.collect(), application.needs, application.healed.is_some());
            stored.floor = stored.needs.min(stored.there().len());
            stored.survived_any_one = stored.survives_any_one();
            applications.insert(application.name.clone(), stored);
        }
        Self(applications)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Label, &StoredApplication)> {
        self.0.iter()
    }

    pub fn get(&self, application: &Label) -> Option<&StoredApplication> {
        self.0.get(application)
    }

    /// What lies on a machine goes with it.
    pub fn lose(&mut self, machine: &MachineName) {
        let affected = self.0.values_mut().filter(|application| application.lying_on(machine).next().is_some());
        for application in affected {
            let volumes = application.volumes.values_mut();
            volumes.filter(|volume| volume.on == *machine).for_each(|volume| volume.contents = Contents::Gone);
            application.count();
        }
    }

    /// A volume begins empty.
    pub fn begin_anew(&mut self, application: &Label, claim: &ObjectName) {
        let Some(stored) = self.0.get_mut(application) else { return };
        if let Some(volume) = stored.volumes.get_mut(claim) {
            volume.contents = Contents::Gone;
        }
        stored.count();
    }

    /// A volume lies on this machine again. Where a command proves that it is whole, that proves all of them at once, and no volume while
    /// another is gone.
    pub fn heal(&mut self, application: &Label, claim: &ObjectName, to: &MachineName) {
        let Some(stored) = self.0.get_mut(application) else { return };
        if let Some(volume) = stored.volumes.get_mut(claim) {
            *volume = Volume { on: to.clone(), contents: Contents::Unproved };
        }
        let waits = stored.is_proved && stored.volumes.values().any(|volume| volume.contents == Contents::Gone);
        if !waits {
            let unproved = stored.volumes.values_mut().filter(|volume| volume.contents == Contents::Unproved);
            unproved.for_each(|volume| volume.contents = Contents::Whole);
        }
        stored.count();
        if !waits {
            stored.floor = stored.floor.max(stored.needs.min(stored.there().len()));
        }
    }
}

impl StoredApplication {
    fn new(volumes: IndexMap<ObjectName, Volume>, needs: usize, is_proved: bool) -> Self {
        let mut stored =
            Self { volumes, needs, is_proved, floor: 0, survived_any_one: false, there: Arc::from([]), fatal_hosts: Vec::new() };
        stored.count();
        stored
    }

    /// Called after each change: whoever asks afterwards must not count all volumes again.
    fn count(&mut self) {
        let whole = self.volumes.iter().filter(|(_, volume)| volume.contents == Contents::Whole);
        self.there = whole.map(|(claim, volume)| (claim.clone(), volume.on.clone())).collect();
        let mut held: IndexMap<&MachineName, usize> = IndexMap::new();
        self.there.iter().for_each(|(_, on)| *held.entry(on).or_insert(0) += 1);
        let spare = self.there.len().checked_sub(self.needs);
        let fatal = held.into_iter().filter(|(_, held)| spare.is_some_and(|spare| *held > spare)).map(|(machine, _)| machine.clone());
        self.fatal_hosts = fatal.collect();
    }

    /// How many there are altogether.
    pub fn all(&self) -> usize {
        self.volumes.len()
    }

    pub fn volume(&self, claim: &ObjectName) -> Option<&Volume> {
        self.volumes.get(claim)
    }

    /// The volumes that are there and whole, each with the machine on which it lies.
    pub fn there(&self) -> &Arc<[(ObjectName, MachineName)]> {
        &self.there
    }

    /// The volumes that would go with this machine.
    pub fn lying_on(&self, machine: &MachineName) -> impl Iterator<Item = &ObjectName> {
        let lies_there = |volume: &Volume| volume.on == *machine && volume.contents != Contents::Gone;
        self.volumes.iter().filter(move |(_, volume)| lies_there(volume)).map(|(claim, _)| claim)
    }

    /// Machines whose failure leaves fewer volumes than it needs, each once, in the order of the spec's volumes. None where there are too
    /// few already.
    pub fn fatal_hosts(&self) -> &[MachineName] {
        &self.fatal_hosts
    }

    fn survives_any_one(&self) -> bool {
        self.there().len() >= self.needs && self.fatal_hosts().is_empty()
    }
}
