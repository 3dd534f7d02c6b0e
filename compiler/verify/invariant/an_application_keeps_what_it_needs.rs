//! An application keeps as many volumes as it needs, at every moment; and survives the loss of any one host, if it did before the first
//! step.
//!
//! A volume that is made anew is none until it is healed. Whether its data can be healed is asked elsewhere.

use crate::diag::Code;
use crate::verify::scene::{Report, Scene, listed};

/// No moment falls below what the application needs, or below what it had if that was less.
pub fn check(scene: &Scene<'_>, report: &mut Report) {
    for (name, application) in scene.state.storage.iter() {
        let (there, all) = (application.there().len(), application.all());
        if there >= application.floor {
            continue;
        }
        let text = format!("expected {} volumes of {name}, found {there} of {all}{}", application.floor, scene.aside());
        let why = format!("It needs {}, and one that is made anew is none until it is healed.", application.needs);
        let finding = scene.finding(Code::V407, text).why(why);
        let finding = finding.help("Give it further volumes before this migration, or let it stop for that time.");
        let rank = i64::try_from(there).unwrap_or(i64::MAX);
        report.ranked(scene, name.as_str(), rank, finding);
    }
}

/// Asked at rest: a single machine must not come to hold what the application cannot spare.
pub fn check_at_rest(scene: &Scene<'_>, report: &mut Report) {
    for (name, application) in scene.state.storage.iter() {
        let fatal = application.fatal_hosts();
        if !application.survived_any_one || fatal.is_empty() {
            continue;
        }
        let there = application.there().len();
        let text = format!(
            "expected {name} to survive the loss of any one machine; {there} of {} volumes are there, it needs {}, and the loss of {} leaves fewer",
            application.all(),
            application.needs,
            listed(fatal)
        );
        let why = "Several of its volumes lie on one machine, or one is missing: before the first step that was not so.";
        let finding = scene.finding(Code::V410, text).why(why);
        report.at(
            scene,
            name.as_str(),
            finding.help("Let a further machine help out that can take a volume, or put up with it for that time."),
        );
    }
}
