//! A kill at any moment leaves the old plan or the new one, whole, and the next run goes on as if nothing had happened.
//!
//! The test binary runs itself again under strace, which kills it at the nth system call that touches the disk, for every n.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use replank::render::Tree;
use replank::write::{Existing, Force, read_existing};

use super::{STEPS, Scene, plan};

/// The calls by which `write` changes the disk, and the one that syncs it.
const CALLS: &str =
    "mkdir,mkdirat,openat,write,fchmod,fchmodat,chmod,link,linkat,rename,renameat,renameat2,unlink,unlinkat,rmdir,flock,syncfs";

/// Runs `replace` in a process of its own.
pub struct Replacing {
    output: PathBuf,
    edition: &'static str,
    prelude: &'static str,
    strace: Vec<String>,
}

pub fn replacing(output: &Path, edition: &'static str) -> Replacing {
    Replacing { output: output.to_owned(), edition, prelude: "true", strace: Vec::new() }
}

impl Replacing {
    pub fn prelude(mut self, prelude: &'static str) -> Self {
        self.prelude = prelude;
        self
    }

    fn inject(mut self, what: &str) -> Self {
        let expressions = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=none", "-e"];
        self.strace = expressions.into_iter().map(str::to_owned).chain([format!("inject={what}")]).collect();
        self
    }

    pub fn status(&self) -> ExitStatus {
        Command::new("bash")
            .args(["-c", &format!("{}; exec \"$@\"", self.prelude), "bash"])
            .args(&self.strace)
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "write::kill::replaces_in_a_process_of_its_own", "--ignored", "--test-threads=1"])
            .env("REPLANK_TEST_OUTPUT", &self.output)
            .env("REPLANK_TEST_EDITION", self.edition)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("bash and strace are needed: .ci/run installs them")
    }
}

#[test]
#[ignore = "not a test: the process that the others start and kill"]
fn replaces_in_a_process_of_its_own() {
    let Some(output) = std::env::var_os("REPLANK_TEST_OUTPUT") else { return };
    let edition = std::env::var("REPLANK_TEST_EDITION").unwrap();
    replank::write::replace(output.as_ref(), &plan(&edition, STEPS), Force::No).unwrap();
}

fn holds(found: &Existing, tree: &Tree) -> bool {
    found.ours.len() == tree.files.len() && found.ours.iter().all(|(path, ours)| tree.files[path].as_bytes() == ours.content)
}

/// Kills a run at every call until one is not killed. Gives how many were, and how many of these left the new plan.
fn kill_at_every_call(prepare: impl Fn() -> Scene, allowed: impl Fn(&Existing) -> bool) -> (usize, usize) {
    let second = plan("second", STEPS);
    let mut left_new = 0;
    for nth in 1..400 {
        let scene = prepare();
        let status = replacing(&scene.output(), "second").inject(&format!("{CALLS}:signal=KILL:when={nth}")).status();
        let found = read_existing(&scene.output()).unwrap();
        if status.success() {
            scene.assert_holds(&second);
            return (nth - 1, left_new);
        }
        left_new += usize::from(holds(&found, &second));
        assert!(holds(&found, &second) || allowed(&found), "killed at call {nth}: neither the old plan nor the new one: {found:?}");
        scene.write(&second, Force::No).unwrap_or_else(|error| panic!("killed at call {nth}: the next run failed: {error}"));
        scene.assert_holds(&second);
    }
    panic!("no run ended by itself");
}

#[test]
fn a_kill_at_any_moment_leaves_the_old_plan_or_the_new_one() {
    let first = plan("first", STEPS);
    let prepare = || {
        let scene = Scene::with_plan();
        scene.put("NOTES.md", "notes");
        scene
    };
    let allowed = |found: &Existing| holds(found, &first) && found.foreign.contains_key(Path::new("NOTES.md"));
    let (killed, left_new) = kill_at_every_call(prepare, allowed);
    assert!(
        killed > 30 && left_new > 3 && left_new < killed,
        "{killed} kills, {left_new} of them after the swap: too few to mean anything"
    );
}

#[test]
fn a_kill_while_a_first_plan_is_written_leaves_nothing_or_the_plan() {
    let (killed, left_new) = kill_at_every_call(Scene::new, |found| !found.present);
    assert!(killed > 20 && left_new > 0, "{killed} kills, {left_new} of them after the swap");
}

#[test]
fn a_file_system_that_cannot_exchange_gets_the_plan_in_two_renames() {
    let scene = Scene::with_plan();
    assert!(replacing(&scene.output(), "second").inject("renameat2:error=EINVAL").status().success());
    scene.assert_holds(&plan("second", STEPS));
}

#[test]
fn a_kill_between_the_two_renames_is_mended_by_the_next_run() {
    let scene = Scene::with_plan();
    scene.put("NOTES.md", "notes");
    let sibling = scene.parent.path().join(".plan.replank-new");
    std::fs::create_dir(&sibling).unwrap();
    std::fs::write(sibling.join("made-by-replank"), "").unwrap();
    std::fs::rename(scene.output(), sibling.join("old")).unwrap();
    scene.write(&plan("second", STEPS), Force::No).unwrap();
    scene.assert_holds(&plan("second", STEPS));
    assert_eq!(scene.read("NOTES.md"), "notes");
}
