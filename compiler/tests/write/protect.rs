//! What people wrote is never overwritten or deleted without being asked.

use std::fs;
use std::os::unix::fs::symlink;

use replank::write::{Force, Outcome, WriteError};

use super::{STEPS, Scene, mode, plan};

/// The edited and the colliding files that a refusal names.
fn refused(scene: &Scene) -> (Vec<String>, Vec<String>) {
    match scene.write(&plan("second", STEPS), Force::No) {
        Err(WriteError::Protected { edited, colliding, .. }) => (edited, colliding),
        other => panic!("expected a refusal, found {other:?}"),
    }
}

#[test]
fn an_edited_file_is_refused_and_named_and_left() {
    let scene = Scene::with_plan();
    scene.put("REVIEW.md", "my notes");
    assert_eq!(refused(&scene), (vec!["REVIEW.md".to_owned()], vec![]));
    assert_eq!(scene.read("REVIEW.md"), "my notes");
}

#[test]
fn an_edited_file_that_the_new_plan_no_longer_has_is_refused_too() {
    let scene = Scene::with_plan();
    scene.put("steps/30-grow-etcd/phy-2/etcd.service", "tuned by hand");
    let outcome = scene.write(&plan("second", &STEPS[..1]), Force::No);
    assert!(matches!(outcome, Err(WriteError::Protected { edited, .. }) if edited == ["steps/30-grow-etcd/phy-2/etcd.service"]));
}

#[test]
fn force_overwrites_what_was_edited_and_says_so() {
    let scene = Scene::with_plan();
    scene.put("REVIEW.md", "my notes");
    let Outcome::Written(written) = scene.write(&plan("second", STEPS), Force::Yes).unwrap() else { panic!() };
    assert_eq!(written.overwritten, ["REVIEW.md"]);
    scene.assert_holds(&plan("second", STEPS));
}

#[test]
fn an_edit_that_already_has_the_new_content_is_no_obstacle() {
    let scene = Scene::with_plan();
    scene.put("REVIEW.md", "second\n");
    scene.write(&plan("second", STEPS), Force::No).unwrap();
    scene.assert_holds(&plan("second", STEPS));
}

#[test]
fn files_of_others_are_carried_over_as_they_are() {
    let scene = Scene::with_plan();
    scene.put("NOTES.md", "notes");
    scene.put("steps/30-grow-etcd/phy-1/photo.txt", "nested");
    scene.put("private/key", "nested deeper");
    fs::create_dir(scene.output().join("empty")).unwrap();
    fs::set_permissions(scene.output().join("private"), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    symlink("nowhere", scene.output().join("link")).unwrap();
    for force in [Force::No, Force::Yes] {
        let Outcome::Written(written) = scene.write(&plan(&format!("{force:?}"), STEPS), force).unwrap() else { panic!() };
        assert_eq!(written.kept, 6);
        assert_eq!(scene.read("NOTES.md"), "notes");
        assert_eq!(scene.read("steps/30-grow-etcd/phy-1/photo.txt"), "nested");
        assert_eq!(scene.read("private/key"), "nested deeper");
        assert_eq!(mode(&scene.output().join("private")), 0o700);
        assert!(scene.output().join("empty").is_dir());
        assert_eq!(fs::read_link(scene.output().join("link")).unwrap().to_str(), Some("nowhere"));
    }
}

#[test]
fn a_file_of_others_in_the_place_of_a_file_of_the_plan_is_refused() {
    let scene = Scene::new();
    scene.put("REVIEW.md", "somebody's");
    scene.put("unrelated", "kept");
    assert_eq!(refused(&scene), (vec![], vec!["REVIEW.md".to_owned()]));
    scene.write(&plan("second", STEPS), Force::Yes).unwrap();
    scene.assert_holds(&plan("second", STEPS));
    assert_eq!(scene.read("unrelated"), "kept");
}

#[test]
fn a_file_in_the_place_of_a_folder_and_a_folder_in_the_place_of_a_file_are_refused() {
    let scene = Scene::new();
    scene.put("steps", "a file");
    scene.put("REVIEW.md/inner", "a folder");
    assert_eq!(refused(&scene).1, ["REVIEW.md", "REVIEW.md/inner", "steps"]);
    scene.write(&plan("second", STEPS), Force::Yes).unwrap();
    scene.assert_holds(&plan("second", STEPS));
}

#[test]
fn a_link_inside_is_never_followed() {
    let scene = Scene::with_plan();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::rename(scene.output().join("steps"), elsewhere.path().join("steps")).unwrap();
    symlink(elsewhere.path().join("steps"), scene.output().join("steps")).unwrap();
    assert_eq!(refused(&scene).1, ["steps"]);
    scene.write(&plan("second", STEPS), Force::Yes).unwrap();
    scene.assert_holds(&plan("second", STEPS));
    let beyond = fs::read_to_string(elsewhere.path().join("steps/30-grow-etcd/phy-1/etcd.service")).unwrap();
    assert!(beyond.starts_with("# first"), "the file behind the link was touched");
}

#[test]
fn a_link_or_a_file_in_the_place_of_the_output_is_refused() {
    let scene = Scene::new();
    fs::write(scene.output(), "a file").unwrap();
    assert!(matches!(scene.write(&plan("second", STEPS), Force::Yes), Err(WriteError::NotADirectory(_))));
    fs::remove_file(scene.output()).unwrap();
    symlink(scene.parent.path(), scene.output()).unwrap();
    assert!(matches!(scene.write(&plan("second", STEPS), Force::Yes), Err(WriteError::Link(_))));
    let with_slash = format!("{}/", scene.output().display());
    assert!(matches!(replank::write::read_existing(with_slash.as_ref()), Err(WriteError::Link(_))));
}

#[test]
fn the_sums_of_another_project_do_not_make_its_files_ours() {
    let scene = Scene::new();
    scene.put("image.iso", "precious");
    scene.put("SHA256SUMS", &format!("{}  image.iso\n", replank::render::digest::sha256(b"precious")));
    assert_eq!(refused(&scene).1, ["SHA256SUMS"]);
    scene.write(&plan("second", STEPS), Force::Yes).unwrap();
    assert_eq!(scene.read("image.iso"), "precious");
}

#[test]
fn a_refusal_names_twenty_files_and_counts_the_rest() {
    let edited = (0..23).map(|number| format!("file-{number:02}")).collect();
    let text = WriteError::Protected { directory: "plan".into(), edited, colliding: Vec::new() }.to_string();
    assert!(text.contains("file-19") && !text.contains("file-20") && text.contains("and 3 more"), "{text}");
}
