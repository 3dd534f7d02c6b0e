//! `replank verify --spec`: a plan that is stale or was edited is refused, with the file, the difference, and a command that mends it.

use std::fs;
use std::path::Path;
use std::process::Command;

use replank::render::digest;
use serde_json::Value;

use super::{Ran, assert_in_gallery, replank_in, run};

/// A directory with the spec of the first example and the plan that is committed with it.
pub struct Story {
    pub folder: tempfile::TempDir,
}

impl Story {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/k3s-external-etcd");
        let copied = Command::new("cp").arg("-r").args(["migration.yaml", "plan"]).arg(folder.path()).current_dir(example).status();
        assert!(copied.unwrap().success());
        Self { folder }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} does not hold `{from}`");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    /// Writes `SHA256SUMS` for what lies in the plan now, as somebody does who hides an edit.
    fn sign(&self, further: &[&str]) {
        let sums = fs::read_to_string(self.path().join("plan/SHA256SUMS")).unwrap();
        let paths = sums.lines().map(|line| line[66..].to_owned()).chain(further.iter().map(|path| (*path).to_owned()));
        let read = |path: String| (path.clone(), fs::read_to_string(self.path().join("plan").join(path)).unwrap());
        fs::write(self.path().join("plan/SHA256SUMS"), digest::sums(&paths.map(read).collect())).unwrap();
    }

    pub fn verify(&self, further: &[&str]) -> Ran {
        replank_in(self.path(), &[&["verify", "plan", "--spec", "migration.yaml"], further].concat())
    }

    /// Runs the command that a refusal gives, as it stands, and says which it was.
    pub fn mend(&self, refused: &Ran) -> String {
        let command = refused.err.split_once("mend it with:\n").expect("a refusal says what mends it").1.lines().next().unwrap().trim();
        let program = Path::new(env!("CARGO_BIN_EXE_replank")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let ran = run(Command::new("sh").args(["-c", command]).env("PATH", path).current_dir(self.path()), b"");
        assert_eq!(ran.exit, 0, "{command}: {ran:?}");
        command.to_owned()
    }
}

/// Asserts that the plan is refused, that the refusal says so, and that its own command mends it.
#[track_caller]
fn refused_and_mended(story: &Story, says: &[&str]) -> String {
    let refused = story.verify(&[]);
    assert_eq!((refused.exit, refused.out.as_str()), (5, ""), "{}", refused.err);
    says.iter().for_each(|words| assert!(refused.err.contains(words), "`{words}` is missing in\n{}", refused.err));
    let command = story.mend(&refused);
    let again = story.verify(&[]);
    assert_eq!(again.exit, 0, "{}", again.err);
    command
}

#[test]
fn a_spec_that_moved_on_is_mended_without_force() {
    let story = Story::new();
    story.edit("migration.yaml", "10.20.0.26", "10.20.0.36");
    let says = [
        "error[W103]",
        " --> plan/steps/60-add-workers/phy-6/config.yaml:4:1",
        "expected `node-ip: 10.20.0.36`; 1 line changed",
        "why:  The spec has changed since the plan was written.",
    ];
    assert_eq!(refused_and_mended(&story, &says), "replank compile migration.yaml -o plan");
}

#[test]
fn a_file_that_was_edited_by_hand_is_told_from_one_that_is_stale() {
    let story = Story::new();
    story.edit("plan/RUNBOOK.md", "\n", "\nand a word of mine\n");
    let says = ["error[W101]", "--> plan/RUNBOOK.md:2:1", "1 line too many", "`SHA256SUMS` says that it was edited"];
    assert_eq!(refused_and_mended(&story, &says), "replank compile migration.yaml -o plan --force");
}

#[test]
fn a_plan_of_another_version_says_so() {
    let story = Story::new();
    story.edit("plan/plan.json", concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\""), "\"version\": \"0.0.9\"");
    story.sign(&[]);
    let here = concat!("The plan was written by replank 0.0.9, and this is replank ", env!("CARGO_PKG_VERSION"), ".");
    refused_and_mended(&story, &[here, "plan/plan.json"]);
}

#[test]
fn the_languages_of_the_plan_stay_and_a_name_with_blanks_is_quoted() {
    let story = Story::new();
    let compile = |words: &[&str]| assert_eq!(replank_in(story.path(), &[&["compile", "migration.yaml", "-o"], words].concat()).exit, 0);
    compile(&["it's a plan", "--lang", "zh"]);
    story.edit("migration.yaml", "routerId: 224", "routerId: 225");
    let refused = replank_in(story.path(), &["verify", "it's a plan/", "--spec", "./migration.yaml"]);
    assert_eq!(refused.exit, 5);
    assert_eq!(story.mend(&refused), r"replank compile ./migration.yaml -o 'it'\''s a plan' --lang zh");
    assert_eq!(replank_in(story.path(), &["verify", "it's a plan", "--spec", "migration.yaml"]).exit, 0);
    assert!(!story.path().join("it's a plan/RUNBOOK.md").exists());
}

#[test]
fn a_file_of_somebody_else_in_the_place_of_a_new_one_needs_force() {
    let story = Story::new();
    story.edit("plan/SHA256SUMS", "  REVIEW.md\n", "  REVIEW.md.gone\n");
    fs::write(story.path().join("plan/REVIEW.md"), "a review of somebody's own\n").unwrap();
    let command = refused_and_mended(&story, &["error[W102]", "`plan/REVIEW.md` is not there", "not ours: plan/REVIEW.md"]);
    assert!(command.ends_with(" --force"), "{command}");
}

#[test]
fn what_is_stale_and_what_is_left_over_read_well() {
    let story = Story::new();
    fs::write(story.path().join("plan/steps/OLD.md"), "# a step of before\n").unwrap();
    story.sign(&["steps/OLD.md"]);
    let refused = story.verify(&[]);
    assert_eq!(refused.exit, 5);
    let after_the_warning = refused.err.split_once("error[").map_or("", |(_, rest)| rest);
    assert_in_gallery("W103-file-stale", &format!("error[{after_the_warning}").replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn a_pull_request_shows_every_file_at_its_place() {
    let story = Story::new();
    story.edit("migration.yaml", "10.20.0.26", "10.20.0.36");
    fs::remove_file(story.path().join("plan/REVIEW.md")).unwrap();
    let annotations = story.verify(&["--format", "github"]);
    assert_eq!(annotations.exit, 5);
    let named = |line: &&str| line.starts_with("::error file=plan/");
    assert_eq!(annotations.err.lines().filter(named).count(), 8, "{}", annotations.err);
    assert!(
        annotations.err.contains("::error file=plan/SHA256SUMS,line=1,col=67,endLine=1,endColumn=76,title=W102"),
        "{}",
        annotations.err
    );

    let document: Value = serde_json::from_str(&story.verify(&["--format", "sarif"]).err).unwrap();
    let results = document["runs"][0]["results"].as_array().unwrap();
    let short = story.verify(&["--format", "short"]).err;
    assert_eq!(results.len(), short.lines().filter(|line| line.contains(": error[") || line.contains(": warning[")).count());
    for result in results.iter().filter(|result| result["ruleId"].as_str().unwrap().starts_with('W')) {
        let place = &result["locations"][0]["physicalLocation"];
        let file = fs::read_to_string(story.path().join(place["artifactLocation"]["uri"].as_str().unwrap())).unwrap();
        let last = usize::try_from(place["region"]["endLine"].as_u64().unwrap()).unwrap();
        assert!(last <= file.lines().count(), "{result}");
    }
}

#[test]
fn a_person_sees_ten_files_and_how_many_more_there_are() {
    let story = Story::new();
    story.edit("migration.yaml", "  name: uecm-tier-1", "  name: uecm-tier-2");
    story.edit("migration.yaml", "kind: Migration", "\nkind: Migration");
    let refused = story.verify(&[]);
    assert_eq!(refused.err.matches("error[W").count(), 10, "{}", refused.err);
    assert!(refused.err.contains(" more files; `--format short` names them all\n"), "{}", refused.err);
}
