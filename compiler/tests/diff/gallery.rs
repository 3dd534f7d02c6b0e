//! `snapshots/diffs`: for each example a dozen edits, each with the comment that a pull request would get. Read it like a gallery.
//!
//! `REPLANK_UPDATE=1` paints it anew.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use replank::diff::DiffDocument;
use replank::diff::document::Fate;
use replank::diff::show::markdown;

use super::oracle::faults;
use super::{compare, example, root, side};

type Stories = BTreeMap<String, BTreeMap<String, Vec<(String, String)>>>;

fn stories() -> Stories {
    serde_yaml::from_str(include_str!("stories.yaml")).unwrap()
}

/// The spec after a story's edits.
fn edited(base: &str, edits: &[(String, String)]) -> String {
    edits.iter().fold(base.to_owned(), |text, (from, to)| {
        assert!(text.contains(from.as_str()), "the spec does not hold `{from}`");
        text.replace(from.as_str(), to)
    })
}

/// Everything that the gallery holds, by its path below `snapshots/diffs`.
fn painted() -> BTreeMap<String, String> {
    let mut pictures = BTreeMap::new();
    let mut index = String::from(
        "# What a reviewer is shown\n\nOne edit of the spec of an example, and the comment that `replank diff --format markdown` makes of it. Painted by \
         `compiler/tests/diff/gallery.rs`.\n",
    );
    for (name, stories) in stories() {
        let base = example(&name);
        let before = side("migration.yaml", &base);
        let _ = write!(
            index,
            "\n## {name}, {} steps\n\n| edit | steps that differ | the same but for a name or address | lines | bytes |\n| --- | ---: | ---: | ---: | ---: |\n",
            before.plan.steps.len()
        );
        for (story, edits) in stories {
            let after = side("migration.yaml", &edited(&base, &edits));
            let found = compare(&before, &after);
            assert_eq!(faults(&before, &after, &found), Vec::<String>::new(), "{name}/{story}");
            let comment = markdown::comment(&found, markdown::BUDGET, "replank diff git:main:migration.yaml migration.yaml");
            check(&format!("{name}/{story}"), &found, &comment);
            let renamed = found.steps.iter().filter(|step| step.fate == Fate::Renamed).count();
            let (lines, bytes) = (comment.lines().count(), comment.len());
            let _ = writeln!(index, "| [{story}]({name}/{story}.md) | {} | {renamed} | {lines} | {bytes} |", found.steps.len() - renamed);
            pictures.insert(format!("{name}/{story}.md"), comment);
        }
    }
    pictures.insert("README.md".to_owned(), index);
    pictures
}

/// What holds for every story.
fn check(story: &str, found: &DiffDocument, comment: &str) {
    assert!(comment.len() <= markdown::BUDGET, "{story}: {} bytes", comment.len());
    let edits = found.edits.as_ref().unwrap();
    for step in &found.steps {
        assert!(!step.edits.is_empty(), "{story}: no edit is named for {}", step.id);
    }
    if story.ends_with("a-comment-added") {
        assert!(found.is_nothing() && edits.is_empty(), "{story}: a comment of the spec changes no step");
    }
}

#[test]
fn the_gallery_shows_what_a_reviewer_is_shown() {
    let folder = root().join("snapshots/diffs");
    let pictures = painted();
    if std::env::var_os("REPLANK_UPDATE").is_some() {
        let _ = fs::remove_dir_all(&folder);
        for (path, text) in &pictures {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    for (path, text) in &pictures {
        let found = fs::read_to_string(folder.join(path)).unwrap_or_default();
        assert!(found == *text, "snapshots/diffs/{path} is not what a reviewer is shown today: paint it anew with REPLANK_UPDATE=1");
    }
    let hung = crate::house::files("snapshots/diffs").into_iter().map(|(path, _)| path.replace("snapshots/diffs/", "")).collect::<Vec<_>>();
    assert_eq!(hung, pictures.keys().cloned().collect::<Vec<_>>(), "a picture without its story");
}

#[test]
fn each_example_has_a_dozen_stories() {
    for (name, stories) in stories() {
        assert_eq!(stories.len(), 12, "{name}");
    }
    let examples = fs::read_dir(root().join("examples")).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count();
    assert_eq!(stories().len(), examples);
}
