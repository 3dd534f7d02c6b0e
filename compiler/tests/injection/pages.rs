//! Pages for people, read by the reader of Markdown that code hosts use: nothing that was written into a field becomes a link, a picture, an
//! element of HTML, a block of code, a cell or an item of a list.
//!
//! Does not compare words.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use replank::pipeline::Compiled;

/// What a reader makes of each page: the elements in their order, and those of HTML with their text.
pub type Structure = BTreeMap<String, Vec<String>>;

pub fn structure(compiled: &Compiled) -> Structure {
    let spec = compiled.tree.document().unwrap().spec_digest;
    let pages = compiled.tree.files.iter().filter(|(path, _)| path.ends_with(".md"));
    // The digest of the spec stands in a comment, and is another for every spec.
    let page = |(path, text): (&String, &String)| (path.clone(), elements(&text.replace(&spec, "")));
    pages.map(page).collect()
}

/// The first difference of each page.
pub fn complaints(before: &Structure, after: &Structure) -> Vec<String> {
    let pairs = before.iter().zip(after.values());
    let other = |((path, old), new): ((&String, &Vec<String>), &Vec<String>)| {
        let at = old.iter().zip(new).position(|(old, new)| old != new).unwrap_or(old.len().min(new.len()));
        (old != new).then(|| {
            format!(
                "{path}: expected {:?}, a reader finds {:?}",
                old.get(at..).unwrap_or_default().first(),
                new.get(at..).unwrap_or_default().first()
            )
        })
    };
    pairs.filter_map(other).collect()
}

/// The elements of a page but for its letters: text, line ends, and how they are stressed.
pub fn elements(page: &str) -> Vec<String> {
    let mut command = Command::new("cmark-gfm");
    command.args(["-t", "xml", "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist", "-e", "footnotes"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("cmark-gfm: apt-get install cmark-gfm");
    let mut input = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || input.write_all(page.as_bytes()).unwrap());
        child.wait_with_output().unwrap()
    });
    assert!(output.status.success(), "cmark-gfm: {}", output.status);
    let xml = String::from_utf8(output.stdout).unwrap();
    let letters = [
        "text",
        "/text",
        "emph",
        "/emph",
        "strong",
        "/strong",
        "strikethrough",
        "/strikethrough",
        "softbreak",
        "linebreak",
        "code",
        "/code",
    ];
    let mut found = Vec::new();
    for tag in xml.split('<').skip(1) {
        let (inside, after) = tag.split_once('>').unwrap_or((tag, ""));
        let name = inside.split([' ', '/']).find(|part| !part.is_empty()).unwrap_or_default();
        match name {
            _ if letters.contains(&name) => {}
            "html_block" | "html_inline" if !inside.starts_with('/') => found.push(format!("{name} {after}")),
            _ => found.push(format!("{}{name}", if inside.starts_with('/') { "/" } else { "" })),
        }
    }
    found
}

#[test]
fn a_reader_of_markdown_finds_what_a_stranger_wrote() {
    let words = "# a\n\nb\n\n| a |\n| --- |\n| b |\n";
    for foreign in ["[a](b)", "![a](b)", "<b>", "https://example.org", "\n```\nb", "\n- a"] {
        assert_ne!(elements(&words.replace('b', foreign)), elements(words), "{foreign}");
    }
    assert_eq!(elements(&words.replace('b', "**a** _c_ `d`")), elements(words));
}
