//! Plan directories of strangers: what `verify` and `diff` say of them does nothing to a terminal or to a log.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;

use replank::diag::render::Format;

use super::inert::of_text;

const PLAN: &str = "examples/k3s-replace-one/plan";
const SPEC: &str = "examples/k3s-replace-one/migration.yaml";

/// Texts that a terminal, a log or a reader of Markdown acts on.
const HARM: [&str; 4] = ["\u{1b}]0;x\u{7}", "\u{202e}\u{200b}\u{e0041}", "\n::error::x", "##[stop-commands]x"];

fn copied(to: &Path) {
    let status = Command::new("cp").arg("-r").arg(crate::house::root().join(PLAN)).arg(to).status().unwrap();
    assert!(status.success());
}

/// What a run says on either stream, as text that is not inert. `##[` is a command to a runner of workflows wherever it stands.
fn complaints(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_replank")).args(arguments).current_dir(folder).output().unwrap();
    assert!(matches!(output.status.code(), Some(0..=5)), "{arguments:?}: {:?}", output.status);
    // A comment has something invisible behind signs that would call somebody; JSON is for programs, and only controls matter to a terminal.
    let own = |text: String| match arguments.last() {
        Some(&"markdown") => text.replace("@\u{200b}", "@").replace("#\u{200b}", "#"),
        Some(&"json") => text.replace(|character: char| !character.is_ascii() && !character.is_control(), "?"),
        _ => text,
    };
    let said = [output.stdout, output.stderr].map(|text| own(String::from_utf8(text).expect("text")));
    assert!(said.iter().any(|text| !text.is_empty()), "{arguments:?} says nothing");
    let command = |text: &String| text.contains("##[").then(|| "a command of a workflow".to_owned());
    let found = said.iter().filter_map(|text| of_text(text, Format::Short).or_else(|| command(text)));
    found.map(|what| format!("{arguments:?}: {what}")).collect()
}

/// Everything that is said of the directory `plan` in a folder.
fn all(folder: &Path) -> Vec<String> {
    let spec = crate::house::root().join(SPEC).display().to_string();
    let verify = ["human", "sarif"].map(|format| complaints(folder, &["verify", "plan", "--spec", &spec, "--format", format]));
    let diff = ["text", "markdown", "json"].map(|format| complaints(folder, &["diff", &spec, "plan", "--format", format]));
    verify.into_iter().chain(diff).flatten().collect()
}

#[test]
fn names_of_files_do_nothing() {
    let folder = tempfile::tempdir().unwrap();
    copied(&folder.path().join("plan"));
    for (place, harm) in ["", "steps/", "steps/10-prepare/"].into_iter().flat_map(|place| HARM.map(|harm| (place, harm))) {
        std::fs::write(folder.path().join(format!("plan/{place}{harm}")), harm).unwrap();
    }
    let name = std::ffi::OsStr::from_bytes(b"plan/\x1b[31m\xff");
    std::fs::write(folder.path().join(name), "x").unwrap();
    assert_eq!(all(folder.path()), Vec::<String>::new());
}

#[test]
fn words_of_a_plan_do_nothing() {
    let plan = std::fs::read_to_string(crate::house::root().join(PLAN).join("plan.json")).unwrap();
    let harm = serde_json::to_string(&HARM.concat()).unwrap();
    for word in ["Replace", "node-4", "root:root"] {
        let folder = tempfile::tempdir().unwrap();
        copied(&folder.path().join("plan"));
        std::fs::write(folder.path().join("plan/plan.json"), plan.replace(word, &format!("{word}{}", harm.trim_matches('"')))).unwrap();
        assert_eq!(all(folder.path()), Vec::<String>::new(), "{word}");
    }
}

#[test]
fn lines_of_files_do_nothing() {
    let folder = tempfile::tempdir().unwrap();
    copied(&folder.path().join("plan"));
    for file in ["SHA256SUMS", "REVIEW.md", "steps/30-grow-etcd/node-4/etcd.service"] {
        let path = folder.path().join("plan").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let harmed = HARM.iter().fold(text, |text, harm| text.replacen('e', &format!("e{harm}"), 3) + harm);
        std::fs::write(&path, harmed).unwrap();
    }
    assert_eq!(all(folder.path()), Vec::<String>::new());
}

#[test]
fn a_spec_that_is_refused_gives_no_command_to_a_runner() {
    let folder = tempfile::tempdir().unwrap();
    let spec = std::fs::read_to_string(crate::house::root().join(SPEC)).unwrap();
    let refused = spec.replacen("name: ", "name: \"##[stop-commands]x\" # ", 1);
    std::fs::write(folder.path().join("migration.yaml"), refused).unwrap();
    for format in ["human", "short", "json", "sarif", "github"] {
        let output = Command::new(env!("CARGO_BIN_EXE_replank"))
            .args(["check", "migration.yaml", "--format", format])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(3) && said.contains("stop-commands") && !said.contains("##["), "{format}: {said}");
    }
}
