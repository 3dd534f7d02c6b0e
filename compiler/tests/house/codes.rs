//! The table of codes, its pages, and its gallery.

use std::collections::BTreeSet;

use replank::diag::Code;

use super::{assert_none, files};

#[test]
fn codes_are_sorted_within_their_room_and_stand_once() {
    let mut rooms = Vec::new();
    for letter in Code::ALL.iter().filter_map(|code| code.name().chars().next()) {
        if rooms.last() != Some(&letter) {
            assert!(!rooms.contains(&letter), "the codes of `{letter}` stand in two places: keep each room's codes together");
            rooms.push(letter);
        }
    }
    let order: Vec<_> = Code::ALL.iter().map(|code| (rooms.iter().position(|room| code.name().starts_with(*room)), code.name())).collect();
    assert!(order.is_sorted_by(|before, after| before < after), "a code is out of order or stands twice: sort the table in diag/code.rs");
}

#[test]
fn slugs_are_unique_and_can_be_typed() {
    let slugs: BTreeSet<_> = Code::ALL.iter().map(|code| code.slug()).collect();
    assert_eq!(slugs.len(), Code::ALL.len(), "two codes share a slug: `replank explain` could not tell them apart");
    for slug in slugs {
        assert!(slug.chars().all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'), "{slug}");
    }
}

#[test]
fn each_code_has_its_page_and_each_page_its_code() {
    let pages = files("docs/diagnostics");
    let path = |code: &Code| format!("docs/diagnostics/{}.md", code.name());
    let mut findings = Vec::new();
    for code in Code::ALL {
        let title = format!("# {}: {}", code.name(), code.headline());
        match pages.iter().find(|(page, _)| *page == path(code)) {
            None => findings.push(format!("{}: there is no such page", path(code))),
            Some((_, text)) if text.lines().next() != Some(title.as_str()) => {
                findings.push(format!("{}: must open with `{title}`", path(code)))
            }
            Some(_) => {}
        }
    }
    let of_no_code =
        pages.iter().filter(|(page, _)| page != "docs/diagnostics/README.md" && !Code::ALL.iter().any(|code| path(code) == *page));
    findings.extend(of_no_code.map(|(page, _)| format!("{page}: there is no such code")));
    assert_none(&findings, "who meets a code at night types `replank explain`", "write the page as docs/diagnostics/README.md says");
}

#[test]
fn each_code_is_provoked_once_in_the_gallery() {
    let gallery = files("snapshots/diagnostics");
    let is_shown =
        |code: &&Code| gallery.iter().any(|(path, text)| path.contains(code.name()) || text.contains(&format!("[{}]", code.name())));
    let findings: Vec<_> =
        Code::ALL.iter().filter(|code| !is_shown(code)).map(|code| format!("{}: {}", code.name(), code.headline())).collect();
    assert_none(&findings, "a message that nobody has seen is a message that nobody can read", "provoke it in a test with a snapshot");
}
