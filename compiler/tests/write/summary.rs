//! What is said to have changed.

use replank::write::{Difference, FileChanges, Force, Outcome, differences, read_existing};

use super::{STEPS, Scene, plan};

#[test]
fn files_are_counted_and_the_plan_that_was_there_is_handed_on() {
    let scene = Scene::with_plan();
    let next = plan("a longer edition", &["30-grow-etcd/phy-2", "30-grow-etcd/phy-3"]);
    let Outcome::Written(written) = scene.write(&next, Force::No).unwrap() else { panic!() };
    let replaced = written.replaced.unwrap();
    assert_eq!(replaced.changes, FileChanges { added: 2, removed: 2, changed: 4 });
    let before = plan("first", STEPS);
    let files: std::collections::BTreeMap<_, _> = before.files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect();
    assert_eq!(replaced.files, files);
}

#[test]
fn the_first_line_that_differs_is_named_and_all_that_do_are_counted() {
    let compared = |text: &str| {
        let scene = Scene::with_plan();
        scene.put("REVIEW.md", text);
        let mut expected = plan("first", STEPS);
        expected.files.insert("REVIEW.md".into(), "a from the spec sha256:1\nb\nc\nd\n".into());
        match differences(&read_existing(&scene.output()).unwrap(), &expected).swap_remove(0) {
            Difference::Lines { line, surplus, lacking, .. } => (line, surplus, lacking),
            other => panic!("{other:?}"),
        }
    };
    let of = |lines: &str| compared(&format!("a from the spec sha256:1\n{lines}"));
    assert_eq!(of("x\nb\ny\nd\n"), (2, 2, 1));
    assert_eq!(of("b\nd\n"), (3, 0, 1));
    assert_eq!(of("b\nb\nc\nd\n"), (3, 1, 0));
    assert_eq!(of("c\nb\nd\n"), (2, 0, 0));
    assert_eq!(of("b\r\nc\nd\n"), (2, 1, 1));
    assert_eq!(of("b\nc\nd"), (4, 1, 1));
    assert_eq!(compared(""), (1, 0, 4));
    assert_eq!(compared("a from the spec sha256:2\nb\nx\nd\n"), (3, 2, 2), "that the spec changed is not what is named first");
    assert_eq!(compared("a from the spec sha256:2\nb\nc\nd\n"), (1, 1, 1), "where nothing else differs, it is");
}

#[test]
fn a_directory_is_compared_byte_by_byte_with_what_it_should_be() {
    let scene = Scene::with_plan();
    scene.put("REVIEW.md", "first\nand more\n");
    std::fs::remove_file(scene.output().join("steps/30-grow-etcd/phy-2/etcd.service")).unwrap();
    let found = differences(&read_existing(&scene.output()).unwrap(), &plan("first", STEPS));
    let (expected, text) = (None, Some("and more\n".to_owned()));
    let lines = Difference::Lines { path: "REVIEW.md".into(), line: 2, expected, found: text, surplus: 1, lacking: 0 };
    assert_eq!(found, [lines, Difference::Missing { path: "steps/30-grow-etcd/phy-2/etcd.service".into() }]);
}
