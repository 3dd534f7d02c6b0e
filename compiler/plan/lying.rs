//! Where volumes lie after the steps so far.
//!
//! Kept by machine, and not worked out anew: an application may have hundreds of volumes, and a node that is asked for must not make the
//! planner look at all of them. Does not know why a volume moves, nor which node should take it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Application, Label, MachineName, Migration, ObjectName, Volume};

/// A volume by its number among its application's, and that one's among all: sorted, it is the order of the spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub(super) application: usize,
    volume: usize,
}

impl Position {
    /// Of every volume, in the order of the spec.
    pub fn all(migration: &Migration) -> impl Iterator<Item = (Position, &Volume)> {
        migration.storage.iter().enumerate().flat_map(|(application, declared)| {
            declared.volumes.iter().enumerate().map(move |(volume, declared)| (Position { application, volume }, declared))
        })
    }

    pub fn of(self, migration: &Migration) -> Option<(&Application, &Volume)> {
        let application = migration.storage.get(self.application)?;
        Some((application, application.volumes.get(self.volume)?))
    }
}

#[derive(Debug, Default)]
pub struct Lying {
    /// By application and claim.
    positions: BTreeMap<Label, BTreeMap<ObjectName, Position>>,
    on: BTreeMap<Position, MachineName>,
    by_machine: BTreeMap<MachineName, BTreeSet<Position>>,
    /// Those that lay on a machine when it failed, and were not made anew since.
    lost: BTreeSet<Position>,
}

impl Lying {
    pub fn at_source(migration: &Migration) -> Self {
        let mut lying = Self::default();
        for (position, volume) in Position::all(migration) {
            let Some((application, _)) = position.of(migration) else { continue };
            let claims = lying.positions.entry(application.name.clone()).or_default();
            claims.insert(volume.claim.clone(), position);
            lying.lay(position, &volume.on.value);
            if migration.is_failed(&volume.on.value) {
                lying.lost.insert(position);
            }
        }
        lying
    }

    /// A volume is made anew.
    pub fn take(&mut self, application: &Label, claim: &ObjectName, to: &MachineName) {
        let position = self.positions.get(application).and_then(|claims| claims.get(claim)).copied();
        if let Some(position) = position {
            self.lay(position, to);
            self.lost.remove(&position);
        }
    }

    fn lay(&mut self, position: Position, machine: &MachineName) {
        let before = self.on.insert(position, machine.clone());
        if let Some(others) = before.and_then(|before| self.by_machine.get_mut(&before)) {
            others.remove(&position);
        }
        self.by_machine.entry(machine.clone()).or_default().insert(position);
    }

    /// Where the volume lies, or lay when its machine failed.
    pub fn machine(&self, position: Position) -> Option<&MachineName> {
        self.on.get(&position)
    }

    /// What lies on the machine, or lay there when it failed, in the order of the spec.
    pub fn on(&self, machine: &MachineName) -> impl Iterator<Item = Position> {
        self.by_machine.get(machine).into_iter().flatten().copied()
    }

    /// How many volumes of the same application a machine holds; what lay there when it failed is gone.
    pub fn held(&self, of: Position, machine: &MachineName) -> usize {
        self.on(machine).filter(|position| position.application == of.application && !self.lost.contains(position)).count()
    }
}
