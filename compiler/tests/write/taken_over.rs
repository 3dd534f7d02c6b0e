//! Files that a new plan has as the old one had them: they are not written again.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

use replank::write::Force;

use super::process::replacing;
use super::{STEPS, Scene, mode, plan};

const KEPT: &str = "steps/30-grow-etcd/phy-1/kept.env";

/// What tells whether it is the same file: inode, times of change, and how many names it has.
fn identity(scene: &Scene, path: &str) -> (u64, i64, i64, u64) {
    let found = fs::symlink_metadata(scene.output().join(path)).unwrap();
    (found.ino(), found.mtime(), found.mtime_nsec(), found.nlink())
}

/// Whether the file is still the same after the second edition was written.
fn is_taken_over(scene: &Scene) -> bool {
    let before = identity(scene, KEPT);
    scene.write(&plan("second", STEPS), Force::Yes).unwrap();
    scene.assert_holds(&plan("second", STEPS));
    assert_eq!(mode(&scene.output().join(KEPT)), 0o644);
    identity(scene, KEPT) == before
}

#[test]
fn an_unchanged_file_stays_the_same_file_with_its_time_and_one_name() {
    let scene = Scene::with_plan();
    let changed = identity(&scene, "REVIEW.md");
    assert!(is_taken_over(&scene));
    assert_eq!(identity(&scene, KEPT).3, 1);
    assert_ne!(identity(&scene, "REVIEW.md"), changed);
}

#[test]
fn a_file_with_another_mode_is_written_anew() {
    let scene = Scene::with_plan();
    fs::set_permissions(scene.output().join(KEPT), fs::Permissions::from_mode(0o600)).unwrap();
    assert!(!is_taken_over(&scene));
}

#[test]
fn a_file_of_another_owner_is_written_anew() {
    let scene = Scene::with_plan();
    // Only root may give files away; others never meet such a file of theirs.
    if chown(scene.output().join(KEPT), Some(65534), None).is_ok() {
        assert!(!is_taken_over(&scene));
    }
}

/// An edit through that name would otherwise reach the plan.
#[test]
fn a_file_that_has_another_name_elsewhere_is_written_anew_and_the_other_stays() {
    let scene = Scene::with_plan();
    let elsewhere = tempfile::tempdir_in(scene.parent.path().parent().unwrap()).unwrap();
    fs::hard_link(scene.output().join(KEPT), elsewhere.path().join("copy")).unwrap();
    assert!(!is_taken_over(&scene));
    fs::write(elsewhere.path().join("copy"), "edited there").unwrap();
    scene.assert_holds(&plan("second", STEPS));
}

#[test]
fn under_a_strict_umask_and_without_second_names_the_plan_is_the_same() {
    for (prelude, calls, what) in
        [("umask 077", "linkat", "error=EPERM"), ("umask 077", "syncfs", "delay_enter=1"), ("umask 0", "linkat", "error=EXDEV")]
    {
        let scene = Scene::with_plan();
        let done = replacing(&scene.output(), "second").prelude(prelude).inject(calls, what).output();
        assert!(done.status.success(), "{done:?}");
        scene.assert_holds(&plan("second", STEPS));
        let modes = ["", "steps/30-grow-etcd", "REVIEW.md", KEPT].map(|path| mode(&scene.output().join(path)));
        assert_eq!(modes, [0o755, 0o755, 0o644, 0o644]);
    }
}

/// Above a thousand files two threads share the work.
#[test]
fn a_plan_of_many_files_is_written_and_taken_over_and_found_unchanged() {
    let steps: Vec<String> = (0..700).map(|number| format!("60-add-workers/w-{number}")).collect();
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    let scene = Scene::new();
    let [first, second] = ["first", "second"].map(|edition| plan(edition, &steps));
    scene.write(&first, Force::No).unwrap();
    let path = "steps/60-add-workers/w-699/kept.env";
    let before = identity(&scene, path);
    scene.write(&second, Force::No).unwrap();
    scene.assert_holds(&second);
    assert_eq!(identity(&scene, path), before);
    let list = identity(&scene, "SHA256SUMS");
    scene.write(&second, Force::No).unwrap();
    assert_eq!(identity(&scene, "SHA256SUMS"), list, "the same plan again writes nothing");
    fs::write(scene.output().join(path), "edited").unwrap();
    assert!(scene.write(&second, Force::No).is_err());
}
