//! Each file says what it is responsible for before it says anything else.

use super::{assert_none, files};

#[test]
fn each_source_file_opens_with_its_responsibility() {
    let without = files("compiler").into_iter().filter(|(path, text)| path.ends_with(".rs") && !text.starts_with("//! "));
    let findings: Vec<_> = without.map(|(path, _)| path).collect();
    assert_none(
        &findings,
        "a reader decides by the first line whether to read on",
        "open with `//! ` and what the file is responsible for",
    );
}

#[test]
fn each_template_opens_with_a_comment() {
    let marks = ["{#", "#", "//", "<!--", ";"];
    let is_commented = |text: &str| marks.iter().any(|mark| text.trim_start().starts_with(mark));
    let without = files("templates").into_iter().filter(|(_, text)| !is_commented(text));
    let findings: Vec<_> = without.map(|(path, _)| path).collect();
    assert_none(&findings, "a template is read by people who do not read Rust", "say in a comment what it becomes, and for whom");
}
