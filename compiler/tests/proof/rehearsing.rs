//! A plan directory to rehearse: compiled as a user does it, broken where a test wants it, played by the library.

use std::path::{Path, PathBuf};
use std::process::Command;

use replank::rehearse::{self, Event, Extent, Hooks, Options, Report};
use replank::render::document::PlanDocument;

use super::requirements::{HOSTS, met};

/// Only the steps themselves, and every row of the ledger.
pub const QUICK: Options = Options { cuts: Extent::None, rollbacks: Extent::None, interruptions: Extent::None, hooks: Hooks::Play };

pub struct Plan {
    place: tempfile::TempDir,
    pub document: PlanDocument,
}

impl Plan {
    /// Compiles a spec with the program.
    pub fn of(spec: &Path) -> Self {
        let place = tempfile::tempdir().unwrap();
        let mut compile = Command::new(env!("CARGO_BIN_EXE_replank"));
        let output = compile.arg("compile").arg(spec).arg("-o").arg(place.path().join("plan")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = std::fs::read_to_string(place.path().join("plan/plan.json")).unwrap();
        Self { place, document: serde_json::from_str(&text).unwrap() }
    }

    pub fn of_example(name: &str) -> Self {
        Self::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name).join("migration.yaml"))
    }

    pub fn directory(&self) -> PathBuf {
        self.place.path().join("plan")
    }

    /// Changes a file of the plan. A mutation that changes nothing proves nothing.
    pub fn edit(&self, path: &str, change: impl FnOnce(&str) -> String) {
        let path = self.directory().join(path);
        let before = std::fs::read_to_string(&path).unwrap();
        let after = change(&before);
        assert_ne!(before, after, "{} is not changed", path.display());
        std::fs::write(&path, after).unwrap();
    }

    /// The step whose id is given, for a change of the document.
    pub fn step(&mut self, id: &str) -> &mut replank::render::document::StepDocument {
        self.document.steps.iter_mut().find(|step| step.id == id).unwrap_or_else(|| panic!("no step {id}"))
    }

    /// Leaves the steps up to and with the one whose id is given.
    pub fn until(&mut self, id: &str) {
        let last = self.document.steps.iter().position(|step| step.id == id).unwrap();
        self.document.steps.truncate(last + 1);
    }

    /// Writes the document back and sums all files, so that the plan's own first step accepts them.
    pub fn seal(&self) {
        std::fs::write(self.directory().join("plan.json"), serde_json::to_string_pretty(&self.document).unwrap()).unwrap();
        let script = "find . -type f ! -name SHA256SUMS -printf '%P\\n' | LC_ALL=C sort | xargs -d '\\n' sha256sum >SHA256SUMS";
        assert!(Command::new("sh").args(["-c", script]).current_dir(self.directory()).status().unwrap().success());
    }

    pub fn rehearse(&self, options: &Options) -> Report {
        let mut tell = |event: &Event<'_>| match event {
            Event::Begun { step, .. } => eprintln!("{step}"),
            Event::Found(finding) => eprintln!("FOUND {finding}\n{}", finding.details),
            Event::Building { .. } | Event::Doing { .. } | Event::Done(_) | Event::Ending => {}
        };
        let report = rehearse::rehearse(&self.directory(), &self.document, options, &mut tell).unwrap_or_else(|reason| panic!("{reason}"));
        is_readable(&report);
        report
    }
}

/// What people and programs read of every rehearsal, passed or failed.
fn is_readable(report: &Report) {
    let page = rehearse::page(report).unwrap();
    assert!(page.contains(if report.passed { "**Passed.**" } else { "**Failed: " }), "{page}");
    let data = serde_json::to_value(report).unwrap();
    let wrong = jsonschema::validator_for(&rehearse::schema()).unwrap().validate(&data).err();
    assert!(wrong.is_none(), "{wrong:?}");
}

/// Whether this machine can rehearse. What is missing is a failure with the remedy.
pub fn able(document: &PlanDocument) -> bool {
    if !met("the rehearsal of plans", HOSTS) {
        return false;
    }
    if let Some(reason) = rehearse::unmet(document) {
        panic!("{reason}");
    }
    true
}

/// Plays a whole example. Nothing where that was switched off.
pub fn plays_as_promised(example: &str, options: &Options) -> Option<Report> {
    let plan = Plan::of_example(example);
    if !able(&plan.document) {
        return None;
    }
    let report = plan.rehearse(options);
    eprintln!("{}", rehearse::page(&report).unwrap());
    is_as_promised(&report, plan.document.steps.len());
    Some(report)
}

fn is_as_promised(report: &Report, steps: usize) {
    assert!(report.passed, "{:#?}", report.findings);
    assert_eq!(report.steps.iter().filter(|step| step.played).count(), steps);
    assert!(report.writes.acknowledged > 500 && report.writes.lost == 0, "{:?}", report.writes);
    let ledger = &report.ledger;
    assert_eq!((ledger.rows, ledger.rows_agree), (steps + 1, steps + 1));
    assert_eq!(ledger.pairs, ledger.pairs_agree, "{ledger:?}");
}
