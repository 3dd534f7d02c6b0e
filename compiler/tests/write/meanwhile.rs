//! Others at work in the same directory while a plan is written: editors, readers, and another run.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::process::Child;
use std::time::Duration;

use replank::write::{Force, WriteError, read_existing, read_listed};

use super::process::replacing;
use super::{STEPS, Scene, assert_holds, plan};

/// Starts a run that waits before it syncs, and comes back when the new plan is laid.
fn waiting_before_the_swap(scene: &Scene, more: &[(&str, &str)]) -> Child {
    let run = more.iter().fold(replacing(&scene.output(), "second"), |run, (calls, what)| run.inject(calls, what));
    let mut child = run.inject("syncfs", "delay_enter=1500000").start();
    // Files of others are carried over last.
    let laid = scene.parent.path().join(".plan.replank-new/new/NOTES.md");
    while !laid.exists() {
        assert!(child.try_wait().unwrap().is_none(), "the run ended before it was disturbed");
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

fn scene() -> Scene {
    let scene = Scene::with_plan();
    scene.put("NOTES.md", "notes");
    scene
}

#[test]
fn what_somebody_saves_while_a_plan_is_being_written_is_not_lost() {
    let scene = scene();
    let child = waiting_before_the_swap(&scene, &[]);
    scene.put("steps/LATE.md", "saved late");
    let done = child.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&done.stderr).contains("was changed by somebody"), "{done:?}");
    assert_eq!(scene.read("steps/LATE.md"), "saved late");
    scene.assert_holds(&plan("first", STEPS));
}

/// The file has one content under two names then: the edit is seen by its time, and the old plan goes back with it.
#[test]
fn an_edit_in_place_of_a_file_that_is_taken_over_is_not_lost() {
    let scene = scene();
    let child = waiting_before_the_swap(&scene, &[]);
    let inode = |path: &str| fs::metadata(scene.parent.path().join(path)).unwrap().ino();
    let file = "steps/30-grow-etcd/phy-1/kept.env";
    assert_eq!(inode(&format!(".plan.replank-new/new/{file}")), inode(&format!("plan/{file}")), "the file is not taken over");
    fs::write(scene.output().join(file), "tuned").unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(1));
    assert_eq!(scene.read(file), "tuned");
    assert_eq!(scene.read("REVIEW.md"), "first\n");
    let refusal = scene.write(&plan("second", STEPS), Force::No);
    assert!(matches!(refusal, Err(WriteError::Protected { edited, .. }) if edited == [file]));
}

#[test]
fn a_changed_plan_that_cannot_be_put_back_is_kept_apart_and_named() {
    let scene = scene();
    let child = waiting_before_the_swap(&scene, &[("renameat2", "error=EIO:when=2")]);
    scene.put("REVIEW.md", "my notes");
    let done = child.wait_with_output().unwrap();
    let kept = scene.parent.path().join(".plan.replank-new/kept");
    assert!(String::from_utf8_lossy(&done.stderr).contains(&*kept.to_string_lossy()), "{done:?}");
    assert_eq!(fs::read_to_string(kept.join("REVIEW.md")).unwrap(), "my notes");
    assert_holds(&scene.output(), &plan("second", STEPS));
    let next = scene.write(&plan("third", STEPS), Force::No).unwrap_err();
    assert!(matches!(next, WriteError::InTheWay(_)), "the next run must not clear it away: {next}");
}

#[test]
fn a_kill_between_the_two_renames_is_mended_by_the_next_run() {
    let scene = scene();
    let killed = replacing(&scene.output(), "second").inject("renameat2", "error=EINVAL").inject("rename", "signal=KILL:when=2").output();
    assert_eq!(killed.status.signal(), Some(9), "{killed:?}");
    assert!(!scene.output().exists());
    scene.write(&plan("second", STEPS), Force::No).unwrap();
    scene.assert_holds(&plan("second", STEPS));
    assert_eq!(scene.read("NOTES.md"), "notes");
}

#[test]
fn two_runs_at_once_end_with_a_plan_of_one_of_them_or_are_told_to_wait() {
    let scene = scene();
    let (mut written, mut busy) = (0, 0);
    for round in 0..12 {
        let editions = [format!("left {round}"), format!("right {round}")];
        let children = editions.each_ref().map(|edition| replacing(&scene.output(), edition).start());
        for (child, edition) in children.into_iter().zip(&editions) {
            let done = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            match done.status.code() {
                Some(0) => written += 1,
                Some(1) if said.contains("another run of replank is writing") => busy += 1,
                _ => panic!("{edition}: {done:?}"),
            }
        }
        let found = scene.read("REVIEW.md");
        let edition = editions.iter().find(|edition| found == format!("{edition}\n")).unwrap_or_else(|| panic!("round {round}: {found}"));
        scene.assert_holds(&plan(edition, STEPS));
    }
    assert!(written >= 12 && written + busy == 24, "{written} written, {busy} busy");
}

#[test]
fn a_reader_sees_one_plan_or_is_told_that_it_was_replaced() {
    let scene = scene();
    let steps: Vec<String> = (0..40).map(|number| format!("30-grow-etcd/phy-{number}")).collect();
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    let plans = ["first", "second"].map(|edition| plan(edition, &steps));
    scene.write(&plans[0], Force::Yes).unwrap();
    let is_one = |files: Vec<(&String, &[u8])>| {
        let is = |plan: &replank::render::Tree| {
            files.len() == plan.files.len() && files.iter().all(|(path, content)| plan.files[*path].as_bytes() == *content)
        };
        plans.iter().position(is)
    };
    let (mut seen, mut told) = ([0, 0], 0);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| (0..24).for_each(|round| drop(scene.write(&plans[(round + 1) % 2], Force::No).unwrap())));
        while !writer.is_finished() {
            match read_existing(&scene.output()) {
                Ok(found) => {
                    let files = found.ours.iter().map(|(path, ours)| (path, ours.content.as_slice())).collect();
                    seen[is_one(files).expect("`verify` took a mix of two plans for one")] += 1;
                }
                Err(WriteError::Replaced(_)) => told += 1,
                Err(error) => panic!("{error}"),
            }
            match read_listed(&scene.output()) {
                Ok(found) => {
                    let found = found.unwrap();
                    // The list itself is neither a file nor a page.
                    let whole = found.files.len() + found.pages.len() + 1 == plans[0].files.len();
                    let of =
                        |plan: &replank::render::Tree| found.files.iter().all(|(path, content)| plan.files[path].as_bytes() == *content);
                    assert!(whole && plans.iter().any(of), "`diff` took a mix of two plans for one");
                }
                Err(WriteError::Replaced(_)) => told += 1,
                Err(error) => panic!("{error}"),
            }
        }
    });
    assert!(seen[0] > 0 && seen[1] > 0, "the reader saw {seen:?} and was told {told} times");
}
