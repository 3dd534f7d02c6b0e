//! A plan directory to which something happened, as `replank verify` and `replank diff` meet it.
//!
//! `verify` runs in this process, from the words of the command line to the exit code. It prints what it has to say, and sets the hook for
//! panics: whoever calls this wants a process for it alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;

use replank::diff::show::markdown;
use replank::diff::{self, DiffDocument, Files, Side};
use replank::pipeline;
use replank::render::{Language, Tree};
use replank::source::SourceFile;
use replank::write::{self, Listed};
use tempfile::TempDir;

use super::choices::Choices;
use super::directory::Directory;
use super::seeds::TEXTS;

/// By their numbers among the seeds: small plans of three distributions, and one with data of its own to look after.
const PLANS: &[usize] = &[2, 0, 6, 7];

const MOST_CHANGES: usize = 24;

/// The smallest that the command line takes.
const LEAST_BUDGET: usize = 8_000;

/// A plan as `compile` wrote it, with its spec, and nobody touches it.
struct Plan {
    tree: Tree,
    /// In one language: the second one adds time and no way through the code.
    directory: String,
    spec: String,
    _kept: TempDir,
}

static WHOLE: LazyLock<Vec<Plan>> = LazyLock::new(|| PLANS.iter().map(|seed| plan(TEXTS[*seed])).collect());

fn plan(text: &str) -> Plan {
    let compiled = pipeline::compile(&SourceFile::new("migration.yaml", text), &[Language::English]).expect("the examples compile");
    let kept = tempfile::tempdir().expect("a directory of our own");
    let spec = kept.path().join("migration.yaml");
    fs::write(&spec, text).expect("a directory of our own");
    let directory = Directory::new(kept.path().join("plan"), &compiled.tree).path().to_owned();
    Plan { tree: compiled.tree, directory, spec: spec.display().to_string(), _kept: kept }
}

pub fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let plan = choices.of(&WHOLE);
    let with_spec = choices.below(8) == 0;
    let room = tempfile::tempdir().expect("a directory of our own");
    let directory = Directory::new(PathBuf::from(room.path()).join("plan"), &plan.tree);
    for _ in 0..MOST_CHANGES {
        if choices.are_spent() {
            break;
        }
        directory.mangle(&mut choices);
    }
    let mangled = directory.path();
    for format in ["human", "short", "json", "sarif", "github"] {
        replank(&["verify", mangled, "--format", format]);
    }
    if with_spec {
        let verdict = replank(&["verify", mangled, "--spec", &plan.spec, "--format", "human"]);
        let is_proved = verdict == ExitCode::SUCCESS;
        assert_eq!(is_proved, directory.holds(&plan.tree), "verify must prove what is there, and nothing else");
    }
    let whole = side(&plan.directory).expect("a plan that nobody touched");
    let Some(mangled) = side(mangled) else { return };
    show(&diff::compare(&whole, &mangled, &|_| None));
    show(&diff::compare(&mangled, &whole, &|_| None));
    assert!(diff::compare(&mangled, &mangled, &|_| None).is_nothing(), "a plan differs from itself");
}

/// A plan directory as `diff` fetches it, before it compares; none where it says that there is nothing to compare. The command itself gives
/// its memory back by ending.
fn side(directory: &str) -> Option<Side> {
    let Listed { files, pages, sums } = write::read_listed(Path::new(directory)).ok()??;
    Side::read(directory, Files { files, pages }, sums.digests).ok()
}

fn show(found: &DiffDocument) {
    diff::show::text::whole(found);
    diff::show::text::summary(found);
    for budget in [LEAST_BUDGET, markdown::BUDGET] {
        let comment = markdown::comment(found, budget, "replank diff a b");
        assert!(comment.len() <= budget, "{} bytes, of {budget}", comment.len());
    }
    serde_json::to_string_pretty(found).expect("a difference is plain data");
}

/// Runs a command, which must not end as a bug of ours, nor as one that we typed wrongly.
fn replank(words: &[&str]) -> ExitCode {
    let code = replank::cli::main(["replank"].iter().chain(words).map(Into::into));
    for bug in [64, 70] {
        assert_ne!(code, ExitCode::from(bug), "replank {}", words.join(" "));
    }
    code
}
