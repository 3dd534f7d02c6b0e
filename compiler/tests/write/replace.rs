//! Writing where nothing stands in the way.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use replank::write::{Force, Outcome, WriteError};

use super::{STEPS, Scene, mode, plan};

#[test]
fn a_first_plan_makes_its_directory_and_the_parents() {
    let scene = Scene::new();
    let deep = scene.parent.path().join("a/b/plan");
    let outcome = replank::write::replace(&deep, &plan("first", STEPS), Force::No).unwrap();
    let Outcome::Written(written) = outcome else { panic!("nothing was written") };
    assert!(written.replaced.is_none());
    super::assert_holds(&deep, &plan("first", STEPS));
}

#[test]
fn a_second_plan_replaces_the_first_and_takes_its_files_away() {
    let scene = Scene::with_plan();
    let second = plan("second", &STEPS[..1]);
    scene.write(&second, Force::No).unwrap();
    scene.assert_holds(&second);
    assert!(!scene.output().join("steps/30-grow-etcd/phy-2").exists());
}

#[test]
fn the_same_plan_again_writes_nothing() {
    let scene = Scene::with_plan();
    let look = || {
        let paths = [scene.parent.path().to_owned(), scene.output(), scene.output().join("plan.json")];
        paths.map(|path| fs::metadata(path).map(|found| (found.ino(), found.mtime(), found.mtime_nsec())).unwrap())
    };
    let before = look();
    assert!(matches!(scene.write(&plan("first", STEPS), Force::No).unwrap(), Outcome::Unchanged));
    assert_eq!(look(), before);
}

#[test]
fn a_file_that_went_missing_is_written_again() {
    let scene = Scene::with_plan();
    fs::remove_file(scene.output().join("REVIEW.md")).unwrap();
    scene.write(&plan("first", STEPS), Force::No).unwrap();
    scene.assert_holds(&plan("first", STEPS));
}

#[test]
fn modes_do_not_depend_on_the_umask() {
    let scene = Scene::new();
    let done = super::process::replacing(&scene.output(), "first").prelude("umask 077").output();
    assert!(done.status.success(), "{done:?}");
    assert_eq!(mode(&scene.output()), 0o755);
    assert_eq!(mode(&scene.output().join("steps/30-grow-etcd")), 0o755);
    assert_eq!(mode(&scene.output().join("steps/30-grow-etcd/phy-1/etcd.service")), 0o644);
}

#[test]
fn a_parent_that_cannot_be_written_is_named() {
    // Not even root may make a directory there.
    let error = replank::write::replace(Path::new("/sys/plan"), &plan("first", STEPS), Force::No).unwrap_err();
    assert!(matches!(&error, WriteError::Io { .. }) && error.to_string().contains("/sys/.plan.replank-new"), "{error}");
}

#[test]
fn an_output_without_a_name_is_refused() {
    for output in [".", "..", "/"] {
        let error = replank::write::replace(Path::new(output), &plan("first", STEPS), Force::Yes).unwrap_err();
        assert!(matches!(error, WriteError::NoName(_)), "{output}: {error}");
    }
}

#[test]
fn a_second_run_at_the_same_time_is_refused() {
    let scene = Scene::with_plan();
    let sibling = scene.parent.path().join(".plan.replank-new");
    fs::create_dir(&sibling).unwrap();
    let marker = fs::File::create(sibling.join("made-by-replank")).unwrap();
    marker.lock().unwrap();
    let second = plan("second", STEPS);
    assert!(matches!(scene.write(&second, Force::Yes).unwrap_err(), WriteError::Busy(_)));
    drop(marker);
    scene.write(&second, Force::No).unwrap();
    scene.assert_holds(&second);
}

#[test]
fn what_stands_in_the_place_of_the_workshop_is_left_alone() {
    let scene = Scene::with_plan();
    let sibling = scene.parent.path().join(".plan.replank-new");
    fs::create_dir(&sibling).unwrap();
    fs::write(sibling.join("thesis.txt"), "years of work").unwrap();
    assert!(matches!(scene.write(&plan("second", STEPS), Force::Yes).unwrap_err(), WriteError::InTheWay(_)));
    assert_eq!(fs::read_to_string(sibling.join("thesis.txt")).unwrap(), "years of work");
    super::assert_holds(&scene.output(), &plan("first", STEPS));
}

#[test]
fn a_path_that_leads_out_of_the_plan_is_not_written() {
    let scene = Scene::new();
    let mut tree = plan("first", STEPS);
    tree.files.insert("../escaped".to_owned(), String::new());
    assert!(scene.write(&tree, Force::Yes).is_err());
    assert_eq!(fs::read_dir(scene.parent.path()).unwrap().count(), 0);
}
