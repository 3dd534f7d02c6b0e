//! The words that the fuzzer tries in a spec are those of the schema.

use super::drivers::seeds::WORDS;

/// What YAML itself has, and what a spec has that no schema lists.
const MARKS: &[&str] = &[
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "&a ",
    "*a",
    "!!str ",
    "|\\x0a",
    ">-\\x0a",
    "<<: ",
    "---\\x0a",
    "...\\x0a",
    "\\\"",
    "'",
    "# ",
    "\\x0a  ",
    "\\x0a    ",
    "? ",
    "~",
    "\\xef\\xbb\\xbf",
    "%YAML 1.2\\x0a",
    "10.0.0.1",
    "2001:db8::1",
    "v1.31.4+k3s1",
    "/etc/x",
    "{env: X}",
    "{file: /x}",
    "migration.yaml",
];

#[test]
fn the_dictionary_holds_the_words_of_the_schema() {
    let head = "# Words of the schema, and marks of YAML. Written by: REPLANK_UPDATE=1 cargo test hostile::dictionary\n";
    let words = WORDS.iter().map(String::as_str).chain(MARKS.iter().copied());
    let text: String = std::iter::once(head.to_owned()).chain(words.map(|word| format!("\"{word}\"\n"))).collect();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/spec.dict");
    if std::env::var_os("REPLANK_UPDATE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == text, "fuzz/spec.dict is not current; mend it with: REPLANK_UPDATE=1 cargo test hostile::dictionary");
}
