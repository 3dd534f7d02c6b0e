//! What is said to have changed.

use replank::render::digest;
use replank::write::{Difference, Force, Outcome, differences, read_existing};

use super::{STEPS, Scene, plan};

#[test]
fn steps_are_known_by_their_identity_and_a_moved_spec_line_changes_none() {
    let scene = Scene::with_plan();
    let next = plan("a longer edition", &["30-grow-etcd/phy-2", "30-grow-etcd/phy-3"]);
    let Outcome::Written(written) = scene.write(&next, Force::No).unwrap() else { panic!() };
    let changes = written.changes.unwrap();
    assert_eq!(changes.steps.added, ["30-grow-etcd/phy-3"]);
    assert_eq!(changes.steps.removed, ["30-grow-etcd/phy-1"]);
    assert_eq!(changes.steps.changed, Vec::<String>::new(), "only a comment changed");
    assert_eq!(changes.files.changed, ["REVIEW.md", "SHA256SUMS", "plan.json", "steps/30-grow-etcd/phy-2/etcd.service"]);
}

#[test]
fn a_step_whose_artifact_says_something_else_is_changed() {
    let scene = Scene::with_plan();
    let mut next = plan("first", STEPS);
    next.files.insert("steps/30-grow-etcd/phy-1/etcd.service".into(), "# first\n[Service]\nRestart=always\n".into());
    next.files.remove(digest::SUMS);
    next.files.insert(digest::SUMS.into(), digest::sums(&next.files));
    let Outcome::Written(written) = scene.write(&next, Force::No).unwrap() else { panic!() };
    assert_eq!(written.changes.unwrap().steps.changed, ["30-grow-etcd/phy-1"]);
}

#[test]
fn a_directory_is_compared_byte_by_byte_with_what_it_should_be() {
    let scene = Scene::with_plan();
    scene.put("REVIEW.md", "first\nand more\n");
    std::fs::remove_file(scene.output().join("steps/30-grow-etcd/phy-2/etcd.service")).unwrap();
    let found = differences(&read_existing(&scene.output()).unwrap(), &plan("first", STEPS));
    let line = Difference::Line { path: "REVIEW.md".into(), line: 2, expected: None, found: Some("and more".into()) };
    assert_eq!(found, [line, Difference::Missing { path: "steps/30-grow-etcd/phy-2/etcd.service".into() }]);
}
