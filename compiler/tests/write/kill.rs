//! A kill at any moment leaves the old plan or the new one, whole, and the next run goes on as if nothing had happened.
//!
//! The test binary runs itself again under strace, which kills it at the nth system call that touches the disk, for every n.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use replank::render::Tree;
use replank::write::{Existing, Force, read_existing};

use super::{STEPS, Scene, plan};

/// The calls by which `write` changes the disk, and the ones that lock and sync.
const CALLS: &[&str] =
    &["mkdir", "openat", "flock", "write", "fchmod", "chmod", "linkat", "syncfs", "rename", "renameat2", "unlink", "unlinkat", "rmdir"];

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

    fn inject(mut self, calls: &str, what: &str) -> Self {
        let (trace, inject) = (format!("trace={calls}"), format!("inject={calls}:{what}"));
        let words = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
        self.strace = words.map(str::to_owned).to_vec();
        self
    }

    pub fn status(&self) -> ExitStatus {
        Command::new("bash")
            .args(["-c", &format!("{}; exec \"$@\"", self.prelude), "bash"])
            .args(&self.strace)
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "write::kill::replaces_in_a_process_of_its_own", "--ignored", "--test-threads=1"])
            // The loader would look for libraries in each of its directories, and be killed there again and again.
            .env_remove("LD_LIBRARY_PATH")
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

/// Kills a run at every call: strace counts each kind of call for itself, so each kind has its own round, until a run is not
/// killed. Gives how many were killed, and how many of these left the new plan.
fn kill_at_every_call(prepare: impl Fn() -> Scene, allowed: impl Fn(&Existing) -> bool) -> (usize, usize) {
    let second = plan("second", STEPS);
    let (mut killed, mut left_new) = (0, 0);
    for call in CALLS {
        for nth in 1.. {
            let scene = prepare();
            let foreign = read_existing(&scene.output()).unwrap().foreign;
            let status = replacing(&scene.output(), "second").inject(call, &format!("signal=KILL:when={nth}")).status();
            if status.success() {
                scene.assert_holds(&second);
                break;
            }
            assert_eq!(status.signal(), Some(9), "{call} {nth}: the run ended by itself: {status}");
            let found = read_existing(&scene.output()).unwrap();
            assert_eq!(found.foreign, foreign, "{call} {nth}: files of others");
            assert!(holds(&found, &second) || allowed(&found), "{call} {nth}: neither the old plan nor the new one: {found:?}");
            scene.write(&second, Force::No).unwrap_or_else(|error| panic!("{call} {nth}: the next run failed: {error}"));
            scene.assert_holds(&second);
            killed += 1;
            left_new += usize::from(holds(&found, &second));
        }
    }
    (killed, left_new)
}

#[test]
fn a_kill_at_any_moment_leaves_the_old_plan_or_the_new_one() {
    let first = plan("first", STEPS);
    let prepare = || {
        let scene = Scene::with_plan();
        scene.put("NOTES.md", "notes");
        scene
    };
    let (killed, left_new) = kill_at_every_call(prepare, |found| holds(found, &first));
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
    let without_exchange = replacing(&scene.output(), "second").inject("renameat2", "error=EINVAL");
    assert!(without_exchange.status().success());
    scene.assert_holds(&plan("second", STEPS));
    // Where the plain rename fails too, the old plan stays: this also proves that the error above was met.
    let without_any = replacing(&scene.output(), "third").inject("renameat2,rename,renameat", "error=EINVAL");
    assert!(!without_any.status().success());
    scene.assert_holds(&plan("second", STEPS));
}

#[test]
fn what_somebody_saves_while_a_plan_is_being_written_is_not_lost() {
    let scene = Scene::with_plan();
    let writing = replacing(&scene.output(), "second").inject("syncfs", "delay_enter=1500000");
    let sibling = scene.parent.path().join(".plan.replank-new/new/REVIEW.md");
    std::thread::scope(|scope| {
        let running = scope.spawn(|| writing.status());
        while !sibling.exists() {
            assert!(!running.is_finished(), "the run ended before it was disturbed");
            std::thread::yield_now();
        }
        scene.put("steps/LATE.md", "saved late");
        assert!(!running.join().unwrap().success());
    });
    assert_eq!(scene.read("steps/LATE.md"), "saved late");
    scene.assert_holds(&plan("first", STEPS));
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
