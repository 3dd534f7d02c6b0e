//! Where one API server writes at a time, there are never two.
//!
//! Two of them would have controllers, schedulers and caches of their own, of a time before these agreed on who leads.

use crate::diag::Code;
use crate::verify::scene::{Report, Scene, listed};

pub fn check(scene: &Scene<'_>, report: &mut Report) {
    let state = scene.state;
    if state.writers.is_none() || state.api.serving().nth(1).is_none() {
        return;
    }
    let text = format!("expected one API server that serves{}; found {}", scene.when(), listed(state.api.serving()));
    let why = "Each has its own view of the data and its own controllers: what one decides the other undoes.";
    report.at(scene, "writers", scene.finding(Code::V105, text).why(why).help("Stop the old one before the new one starts."));
}
