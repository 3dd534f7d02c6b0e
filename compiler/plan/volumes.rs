//! Volumes that lie on a machine that leaves: where each goes, and the steps that make it anew there.
//!
//! Knows which nodes may take a volume. Does not know why a machine leaves.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::ir::{Action, Phase};
use crate::model::{Application, MachineName, Migration, PodsOnControlPlanes, Volume};
use crate::plan::change::Change;
use crate::plan::draft::Draft;
use crate::plan::lying::Position;

/// A machine that answers gives its volumes away before it leaves; those of one that failed follow when others have come. `folder` is
/// what the steps are named below.
pub fn clear(change: &Change<'_>, draft: &mut Draft, phase: Phase, machine: &MachineName, folder: &str) {
    if change.migration.is_failed(machine) && !draft.has_joined(machine) {
        return;
    }
    let lying: Vec<_> = draft.lying().on(machine).collect();
    for position in lying {
        recover(change, draft, phase, &format!("{folder}/"), position);
    }
}

/// Every volume that lay on a machine which has failed: first of the applications that have fewer than they need.
pub fn recover_failed(change: &Change<'_>, draft: &mut Draft, phase: Phase) {
    let migration = change.migration;
    let has_failed = |volume: &Volume| migration.is_failed(&volume.on.value);
    let is_below = |application: &Application| application.volumes.iter().filter(|volume| !has_failed(volume)).count() < application.needs;
    let below: BTreeSet<_> =
        migration.storage.iter().filter(|application| is_below(application)).map(|application| &application.name).collect();
    let failed = Position::all(migration).filter(|(_, volume)| has_failed(volume)).map(|(position, _)| position);
    let mut failed: Vec<_> = failed.collect();
    // A stable sort: of equals the order of the spec is kept.
    // A StatefulSet may make a pod only when those of all lower numbers are ready.
    failed.sort_by_key(|position| {
        let of = position.of(migration);
        let is_below = of.is_some_and(|(application, _)| below.contains(&application.name));
        (Reverse(is_below), position.application, of.and_then(|(application, volume)| application.number(&volume.claim)))
    });
    for position in failed {
        recover(change, draft, phase, "", position);
    }
}

/// Nothing where no node can take it: the judge will say so.
fn recover(change: &Change<'_>, draft: &mut Draft, phase: Phase, folder: &str, position: Position) {
    let Some((application, volume)) = position.of(change.migration) else { return };
    let Some(from) = draft.lying().machine(position).cloned() else { return };
    let Some(to) = taker(change, draft, application, position, &from) else { return };
    let name = format!("{folder}{}/{}", application.name, application.step_name(&volume.claim));
    let action = Action::RecoverVolume { application: application.name.clone(), claim: volume.claim.clone(), from, to };
    draft.then(phase, &name, action, &volume.on.place);
}

/// The node that takes a volume: one with which the application can be spared all that it then holds, or which holds the fewest; of those
/// one that need not give it away again, then one that has just come.
fn taker(change: &Change<'_>, draft: &Draft, application: &Application, position: Position, from: &MachineName) -> Option<MachineName> {
    let migration = change.migration;
    let comes_back = migration.is_failed(from) && draft.has_joined(from);
    let able = draft.nodes().filter(|node| *node != from || comes_back);
    let able = able.filter(|node| takes_pods(migration, draft, node));
    let ranked = able.filter_map(|node| Some((stay(migration, draft, node)?, node)));
    let best = ranked.min_by_key(|(stay, node)| {
        let held = draft.lying().held(position, node);
        let is_spared = application.volumes.len() > held + application.needs;
        let spread = if is_spared { 0 } else { held };
        (spread, *stay, held, migration.source.is_node(node))
    });
    best.map(|(_, node)| node.clone())
}

/// How long a node keeps what it is given; nothing where it leaves soon.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stay {
    ForGood,
    /// It is made anew, or gets another role, later in the plan.
    UntilItChanges,
    /// It helps out.
    ForAWhile,
}

fn stay(migration: &Migration, draft: &Draft, node: &MachineName) -> Option<Stay> {
    let is_rebuilt = migration.is_rebuilt(node) && !draft.has_joined(node);
    let changes_role = migration.target.is_control_plane(node) != draft.standing().api.contains(node);
    let helps = migration.temporary.roles().any(|role| role.value == *node);
    match (migration.target.is_node(node), helps) {
        (true, _) if is_rebuilt || changes_role => Some(Stay::UntilItChanges),
        (true, _) => Some(Stay::ForGood),
        (false, true) => Some(Stay::ForAWhile),
        (false, false) => None,
    }
}

/// Whether pods of everybody are scheduled to a node, now and at the end.
fn takes_pods(migration: &Migration, draft: &Draft, node: &MachineName) -> bool {
    let serves = draft.standing().api.contains(node) || migration.becomes_control_plane(node);
    match migration.cluster.distribution.pods_on_control_planes() {
        PodsOnControlPlanes::Always => true,
        PodsOnControlPlanes::Source => !serves || migration.source.is_control_plane(node),
        PodsOnControlPlanes::Never => !serves,
    }
}
