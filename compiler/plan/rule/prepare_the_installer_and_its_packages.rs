//! Before anything changes, the installer works with the versions that run and with the list that the spec describes, and packages of
//! every operating system that is installed are where machines find them.

use std::collections::BTreeMap;

use crate::ir::{Action, Phase};
use crate::plan::change::Change;
use crate::plan::draft::Draft;

pub fn apply(change: &Change<'_>, draft: &mut Draft) {
    draft.then(Phase::Prepare, "inventory", Action::PrepareInstaller, &change.migration.source.place);
    let roles = [&change.control_plane, &change.workers, &change.etcd];
    let installed = roles.into_iter().flat_map(|role| role.joining.iter().chain(&role.rebuilt));
    let mut systems = BTreeMap::new();
    for role in installed {
        let Some(machine) = change.migration.machines.get(&role.value) else { continue };
        if let Some(os) = &machine.os.target {
            systems.entry(os.clone()).or_insert_with(|| machine.os.target_place.as_ref().unwrap_or(&role.place));
        }
    }
    for (os, place) in systems.into_iter().filter(|(os, _)| change.migration.cluster.distribution.imports_packages_of(os)) {
        draft.then(Phase::Prepare, &format!("packages-{}", os.label()), Action::ImportPackages { os }, place);
    }
}
