//! The virtual IP has candidates: always one, and a second where both ends have one.

use crate::diag::Code;
use crate::verify::scene::{Report, Scene, listed};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let (state, migration) = (scene.state, scene.migration);
    if !state.virtual_ip_is_published(migration) {
        return;
    }
    let running = state.virtual_ip.candidates.len();
    let needed = if migration.source.virtual_ip.len() > 1 && migration.target.virtual_ip.len() > 1 { 2 } else { 1 };
    if running >= needed {
        return;
    }
    let found = listed(state.virtual_ip.candidates.keys());
    let finding = scene
        .finding(Code::V302, format!("expected at least {needed} running candidates; found {running}: {found}"))
        .why("With one candidate the loss of its machine takes the address away; with none nobody holds it.")
        .help("Start the candidates that stay before those that leave are stopped.");
    report.at(scene, "candidates", finding);
}
