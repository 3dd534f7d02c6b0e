//! Several specs in one run: a plan for each, and one that fails keeps nobody else's back.

use std::fs;
use std::path::Path;

use super::{assert_shown, replank_in};

const SPEC: &str = include_str!("../../../examples/k3s-replace-one/migration.yaml");

fn name() -> &'static str {
    SPEC.lines().find_map(|line| line.strip_prefix("  name: ")).unwrap()
}

fn put(directory: &Path, file: &str, migration: &str) {
    fs::write(directory.join(file), SPEC.replacen(&format!("  name: {}", name()), &format!("  name: {migration}"), 1)).unwrap();
}

#[test]
fn each_plan_gets_a_directory_called_after_its_migration() {
    let directory = tempfile::tempdir().unwrap();
    let specs = ["a.yaml", "b.yaml", "c.yaml"];
    specs.iter().zip(["east", "west", "south"]).for_each(|(file, migration)| put(directory.path(), file, migration));
    let compile = ["compile", "a.yaml", "b.yaml", "c.yaml", "-o", "plans"];
    let first = replank_in(directory.path(), &compile);
    assert_eq!((first.exit, first.err.as_str()), (0, ""));
    assert_shown("compile-several", &first.out);
    for (file, migration) in specs.iter().zip(["east", "west", "south"]) {
        let verified = replank_in(directory.path(), &["verify", &format!("plans/{migration}"), "--spec", file]);
        assert_eq!(verified.exit, 0, "{}", verified.err);
    }
    let alone = replank_in(directory.path(), &["compile", "b.yaml", "-o", "alone"]);
    assert_eq!(alone.exit, 0);
    assert_eq!(
        fs::read(directory.path().join("alone/SHA256SUMS")).unwrap(),
        fs::read(directory.path().join("plans/west/SHA256SUMS")).unwrap()
    );
    let again = replank_in(directory.path(), &compile);
    assert!(again.exit == 0 && again.out.ends_with("3 specs: 0 written, 3 unchanged, 0 without a new plan\n"), "{}", again.out);
}

#[test]
fn one_that_fails_is_told_and_the_others_are_written() {
    let directory = tempfile::tempdir().unwrap();
    put(directory.path(), "a.yaml", "east");
    put(directory.path(), "twin.yaml", "east");
    put(directory.path(), "b.yaml", "west");
    fs::write(directory.path().join("wrong.yaml"), "kind: Migration\n").unwrap();
    let run = |specs: &[&str]| replank_in(directory.path(), &[&["compile"], specs, &["-o", "plans"]].concat());
    let wrong = run(&["a.yaml", "wrong.yaml", "b.yaml"]);
    assert_eq!(wrong.exit, 3);
    assert!(
        wrong.err.contains("wrong.yaml:1:1") && wrong.out.ends_with("3 specs: 2 written, 0 unchanged, 1 without a new plan\n"),
        "{wrong:?}"
    );
    let twin = run(&["a.yaml", "twin.yaml", "absent.yaml"]);
    assert_eq!(twin.exit, 1, "the machine's failure says more than a slip in the command");
    assert!(twin.err.contains("`twin.yaml` and `a.yaml` are both the migration `east`"), "{}", twin.err);
    assert_eq!(run(&["a.yaml", "twin.yaml"]).exit, 64);
    fs::write(directory.path().join("plans/west/REVIEW.md"), "edited").unwrap();
    put(directory.path(), "b.yaml", "west");
    fs::write(directory.path().join("b.yaml"), fs::read_to_string(directory.path().join("b.yaml")).unwrap() + "# more\n").unwrap();
    let edited = run(&["a.yaml", "b.yaml"]);
    assert!(edited.exit == 1 && edited.err.contains("REVIEW.md"), "{edited:?}");
    assert_eq!(fs::read_to_string(directory.path().join("plans/west/REVIEW.md")).unwrap(), "edited");
}
