//! Every step is made for the moment at which it is done.
//!
//! Files and commands name the members of one moment: etcd refuses a newcomer whose `--initial-cluster` is not exactly the
//! members at that moment and itself.

use crate::diag::Code;
use crate::model::MachineName;
use crate::verify::scene::{Report, Scene, listed};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let (standing, state) = (&scene.step.standing, scene.state);
    compare(scene, "the members of etcd", &standing.etcd, || state.etcd.live(), report);
    compare(scene, "the API servers", &standing.api, || state.api.serving(), report);
    compare(scene, "the candidates for the virtual IP", &standing.virtual_ip, || state.virtual_ip.candidates.keys(), report);
    let listed = &state.installer.inventory;
    compare(scene, "the listed control planes", &standing.inventory.control_plane, || listed.control_plane.iter(), report);
    compare(scene, "the listed members of etcd", &standing.inventory.etcd, || listed.etcd.iter(), report);
    // Lists of workers are long, and most steps share one.
    if standing.inventory.workers.len() != listed.workers.len() {
        compare(scene, "the listed workers", &standing.inventory.workers, || listed.workers.iter(), report);
    }
}

fn compare<'a, I: Iterator<Item = &'a MachineName>>(
    scene: &Scene<'_>,
    what: &str,
    made_for: &[MachineName],
    found: impl Fn() -> I,
    report: &mut Report,
) {
    if !made_for.iter().eq(found()) {
        let text = format!("expected {what} to be {}; at this step they are {}", listed(made_for), listed(found()));
        let why = "Commands and files of a step name the members of one moment; at any other moment they are wrong.";
        report.at(scene, what, scene.finding(Code::V206, text).why(why));
    }
}
