//! Every system call of the write phase, met by a kill and by every error that fits it: the old plan or the new one is left, whole, an
//! error names a path and says what helps, and the next run goes on as if nothing had happened.
//!
//! Which calls there are is not written down but traced, in runs that take every way through the room. A call that is new has no line
//! in the table below, and a test says so.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;

use replank::render::Tree;
use replank::write::{Existing, Force, read_existing};

use super::process::{Call, Replacing, replacing};
use super::{STEPS, Scene, plan};

/// Calls that leave the disk as it is, and the errors that each may meet.
const LOOKS: &[(&str, &[&str])] = &[
    ("statx", &["EIO", "EACCES", "ENOMEM"]),
    ("newfstatat", &["EIO", "EACCES", "ENOMEM"]),
    ("fstat", &["EIO", "ENOMEM"]),
    ("getdents64", &["EIO", "ENOMEM"]),
    ("read", &["EIO", "EINTR"]),
    ("fcntl", &["EMFILE"]),
    // Not EIO: no file system of Linux answers that for a directory, and Rust's library would panic. Of files it says nothing here;
    // the sync tells of them.
    ("close", &["EINTR"]),
    ("flock", &["EAGAIN", "ENOLCK", "EIO", "ENOSYS"]),
];

/// Calls that change the disk. A kill before any of them leaves what a kill at any look between two of them leaves.
const CHANGES: &[(&str, &[&str])] = &[
    ("mkdir", &["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EIO", "EMLINK", "ENAMETOOLONG"]),
    ("openat", &["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EIO", "EMFILE", "ENFILE", "ENAMETOOLONG"]),
    ("write", &["ENOSPC", "EDQUOT", "EIO", "EINTR", "EFBIG"]),
    ("fchmod", &["EPERM", "EROFS", "EIO"]),
    ("chmod", &["EPERM", "EROFS", "EIO"]),
    ("linkat", &["EPERM", "EMLINK", "EXDEV", "ENOSPC", "EROFS", "EIO"]),
    ("syncfs", &["EIO", "ENOSPC", "EDQUOT"]),
    ("rename", &["EACCES", "EBUSY", "EIO", "ENOSPC", "EROFS"]),
    ("renameat2", &["EINVAL", "ENOSYS", "EACCES", "EBUSY", "EIO", "ENOSPC", "EDQUOT", "EROFS", "EXDEV"]),
    ("unlink", &["EACCES", "EBUSY", "EIO", "EROFS"]),
    ("unlinkat", &["EACCES", "EBUSY", "EIO", "EROFS"]),
    ("rmdir", &["EACCES", "EBUSY", "EIO", "EROFS"]),
];

/// A way through the room: what there was before, and how the run begins.
struct Way {
    name: &'static str,
    prepare: fn() -> Scene,
    begin: fn(Replacing) -> Replacing,
}

const WAYS: &[Way] = &[
    Way { name: "replaced", prepare: with_notes, begin: |run| run },
    Way { name: "first", prepare: Scene::new, begin: |run| run },
    Way { name: "after a kill", prepare: after_a_kill, begin: |run| run.prelude("umask 077") },
    Way { name: "without exchange", prepare: with_notes, begin: |run| run.inject("renameat2", "error=EINVAL") },
];

/// A plan of which one file stays as it is, and what others put into it.
fn with_notes() -> Scene {
    let scene = Scene::with_plan();
    scene.put("NOTES.md", "notes");
    scene.put("private/key", "deeper");
    std::os::unix::fs::symlink("nowhere", scene.output().join("link")).unwrap();
    scene
}

/// Killed between the two renames of a file system that cannot exchange: the old plan is in the workshop.
fn after_a_kill() -> Scene {
    let scene = with_notes();
    let workshop = scene.parent.path().join(".plan.replank-new");
    fs::create_dir_all(workshop.join("new/steps")).unwrap();
    fs::write(workshop.join("new/steps/half"), "hal").unwrap();
    fs::write(workshop.join("made-by-replank"), "").unwrap();
    fs::rename(scene.output(), workshop.join("old")).unwrap();
    scene
}

impl Way {
    fn run(&self, scene: &Scene) -> Replacing {
        (self.begin)(replacing(&scene.output(), "second"))
    }

    fn calls(&self) -> Vec<Call> {
        self.run(&(self.prepare)()).calls()
    }

    /// Whether strace lets every call of this kind down already.
    fn is_taken(&self, call: &Call) -> bool {
        self.name == "without exchange" && call.kind == "renameat2"
    }
}

fn errors(kind: &str) -> Option<&'static [&'static str]> {
    LOOKS.iter().chain(CHANGES).find(|(known, _)| *known == kind).map(|(_, errors)| *errors)
}

#[test]
fn every_system_call_of_the_write_phase_is_in_the_table_and_no_other() {
    let traced: BTreeSet<String> = WAYS.iter().flat_map(Way::calls).map(|call| call.kind).collect();
    let forgotten: Vec<_> = traced.iter().filter(|kind| errors(kind).is_none()).collect();
    assert!(forgotten.is_empty(), "these calls are made while a plan is written, and no test lets them fail: {forgotten:?}");
    let gone: Vec<_> = LOOKS.iter().chain(CHANGES).filter(|(kind, _)| !traced.contains(*kind)).collect();
    assert!(gone.is_empty(), "no way through the room meets these calls: {gone:?}");
}

fn holds(found: &Existing, tree: &Tree) -> bool {
    found.ours.len() == tree.files.len() && found.ours.iter().all(|(path, ours)| tree.files[path].as_bytes() == ours.content)
}

/// The plan that a directory holds, and that nothing of others was lost; then that the next run succeeds and leaves nothing beside it.
fn which_plan(scene: &Scene, what: &str, way: &Way) -> &'static str {
    let found = read_existing(&scene.output()).unwrap();
    let which = match () {
        () if holds(&found, &plan("second", STEPS)) => "second",
        () if holds(&found, &plan("first", STEPS)) => "first",
        () if !found.present => "none",
        () => panic!("{what}: neither the old plan nor the new one: {found:?}"),
    };
    scene.write(&plan("second", STEPS), Force::No).unwrap_or_else(|error| panic!("{what}: the next run failed: {error}"));
    scene.assert_holds(&plan("second", STEPS));
    if way.name != "first" {
        for (path, text) in [("NOTES.md", "notes"), ("private/key", "deeper")] {
            let found = fs::read_to_string(scene.output().join(path));
            assert_eq!(found.ok().as_deref(), Some(text), "{what}: what others put there");
        }
    }
    which
}

/// Kills a run of this way at these calls. Gives which plan each kill left.
fn kill(way: &Way, calls: &[Call]) -> Vec<&'static str> {
    let one = |call: &Call| {
        let (scene, what) = ((way.prepare)(), format!("{}: killed at {call:?}", way.name));
        let done = way.run(&scene).at(call, "signal=KILL").output();
        assert_eq!(done.status.signal(), Some(9), "{what}: it ended by itself: {done:?}");
        which_plan(&scene, &what, way)
    };
    calls.iter().map(one).collect()
}

/// Lets a run of this way meet an error at a call.
fn fail(way: &Way, call: &Call, error: &str) {
    let (scene, what) = ((way.prepare)(), format!("{}: {error} at {call:?}", way.name));
    let done = way.run(&scene).at(call, &format!("error={error}")).output();
    let said = String::from_utf8(done.stderr.clone()).unwrap();
    let names_a_path = said.contains(&*scene.parent.path().to_string_lossy());
    // What a way leaves that found no plan at its name: nothing, or the plan that it put back first.
    let allowed: &[&str] = match way.name {
        "first" => &["none"],
        "after a kill" => &["first", "none"],
        _ => &["first"],
    };
    let says_what_helps = !["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EMFILE"].contains(&error) || said.contains("; ");
    match done.status.code() {
        Some(0) => assert_eq!(which_plan(&scene, &what, way), "second", "{what}: {said}"),
        Some(1) => {
            assert!(names_a_path && says_what_helps, "{what}: {said}");
            let which = which_plan(&scene, &what, way);
            assert!(allowed.contains(&which), "{what}: an error, and the plan is {which}: {said}");
        }
        _ => panic!("{what}: {done:?}"),
    }
}

fn changes(way: &Way) -> Vec<Call> {
    let is_change = |call: &Call| CHANGES.iter().any(|(kind, _)| *kind == call.kind) && !way.is_taken(call);
    way.calls().into_iter().filter(is_change).collect()
}

#[test]
fn a_kill_at_any_change_leaves_the_old_plan_or_the_new_one() {
    let left = kill(&WAYS[0], &changes(&WAYS[0]));
    let swap = left.iter().position(|which| *which == "second").unwrap();
    assert!(swap > 15 && left.len() - swap > 8, "too few kills to mean anything: {left:?}");
    assert!(left[swap..].iter().all(|which| *which == "second"), "before the swap the old plan, and after it the new one: {left:?}");
}

#[test]
fn a_kill_while_a_first_plan_is_written_leaves_nothing_or_the_plan() {
    let left = kill(&WAYS[1], &changes(&WAYS[1]));
    assert!(left.iter().filter(|which| **which == "none").count() > 10 && left.contains(&"second"), "{left:?}");
}

/// Of each kind the first and the last call, each with another of its errors.
#[test]
fn an_error_at_any_kind_of_call_leaves_the_old_plan_or_the_new_one_and_says_so() {
    for way in &WAYS[..1] {
        let calls = way.calls();
        for (kind, errors) in LOOKS.iter().chain(CHANGES) {
            let of_kind: Vec<_> = calls.iter().filter(|call| call.kind == *kind).collect();
            let (Some(first), Some(last)) = (of_kind.first(), of_kind.last()) else { continue };
            fail(way, first, errors[0]);
            fail(way, last, errors[errors.len() - 1]);
        }
    }
}

/// The only copy of it lies where the next run clears up: what cannot be looked at is not absent.
#[test]
fn an_error_before_the_old_plan_is_put_back_does_not_delete_it() {
    let way = &WAYS[2];
    let calls = way.calls();
    let put_back = calls.iter().position(|call| call.kind == "rename").unwrap();
    let looks: Vec<_> = calls[..put_back].iter().filter(|call| LOOKS.iter().any(|(kind, _)| *kind == call.kind)).collect();
    assert!(looks.len() > 5, "too few looks to mean anything: {looks:?}");
    looks.iter().for_each(|call| fail(way, call, errors(&call.kind).unwrap()[0]));
}

#[test]
#[ignore = "some minutes: cargo test --locked -- --ignored every_call_meets_every_error"]
fn every_call_meets_every_error_and_a_kill_on_every_way() {
    let mut met = 0;
    for way in WAYS {
        let calls: Vec<Call> = way.calls().into_iter().filter(|call| errors(&call.kind).is_some() && !way.is_taken(call)).collect();
        kill(way, &calls);
        for call in &calls {
            errors(&call.kind).unwrap().iter().for_each(|error| fail(way, call, error));
            met += 1 + errors(&call.kind).unwrap().len();
        }
        println!("{}: {} calls", way.name, calls.len());
    }
    println!("{met} runs");
}
