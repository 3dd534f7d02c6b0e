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
    let system = |name| change.migration.machines.get(name).and_then(|machine| machine.os.target.clone());
    let systems: BTreeMap<_, _> = installed.filter_map(|role| Some((system(&role.value)?, &role.place))).collect();
    for (os, place) in systems.into_iter().filter(|(os, _)| change.migration.cluster.distribution.imports_packages_of(os)) {
        draft.then(Phase::Prepare, &format!("packages-{}", os.label()), Action::ImportPackages { os }, place);
    }
}
