//! What was accepted, read by the programs that will read it: shells, a reader of YAML 1.1, ansible, systemd, keepalived and nginx.
//!
//! Many texts are given to one run of a program. Does not know which field a text came from.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::compared::Words;

/// Words as they stand in commands, each with what must arrive. Nothing else may happen in the directory.
pub fn shells(words: &Words) -> Vec<String> {
    ["bash", "dash"].into_iter().flat_map(|shell| one_shell(shell, words)).collect()
}

fn one_shell(shell: &str, words: &Words) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let lines: String = words.keys().map(|word| format!("printf '%s\\0' {word}\n")).collect();
    let script = directory.path().join("words");
    std::fs::write(&script, lines).unwrap();
    let room = directory.path().join("room");
    std::fs::create_dir(&room).unwrap();
    let output = Command::new(shell).arg(&script).current_dir(&room).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let arrived: Vec<&str> = text.split_terminator('\0').collect();
    let mut found = Vec::new();
    if !output.status.success() || !output.stderr.is_empty() || arrived.len() != words.len() {
        found.push(format!("{shell}: {} of {} words: {}", arrived.len(), words.len(), String::from_utf8_lossy(&output.stderr)));
    }
    let pairs = words.iter().zip(&arrived).filter(|((_, expected), arrived)| expected.as_str() != **arrived);
    found.extend(pairs.map(|((word, expected), arrived)| format!("{shell} reads {word} as {arrived:?}, expected {expected:?}")));
    let left: Vec<_> = std::fs::read_dir(&room).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.extend((!left.is_empty()).then(|| format!("{shell} ran what was written: {left:?}")));
    found
}

/// A text of YAML, and the values that it was written for.
pub struct Document {
    pub name: String,
    pub text: String,
    pub meant: Vec<Value>,
}

/// What Python's reader of YAML 1.1, which ansible uses, finds other values in.
pub fn yaml(documents: &[Document]) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("documents");
    let line = |one: &Document| json!({"name": one.name, "text": one.text, "meant": one.meant}).to_string();
    std::fs::write(&file, documents.iter().map(line).collect::<Vec<_>>().join("\n")).unwrap();
    let output = Command::new("/usr/bin/python3").arg("-B").arg(program("read_injected.py")).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("compiler/tests/injection").join(name)
}

/// What ansible finds wrong with the inventories in a file of objects: hosts, groups and variables are what is written.
pub fn inventory(objects: &str) -> Vec<String> {
    let objects = super::compared::documents(objects).unwrap_or_default();
    let hosts = objects.iter().filter_map(|object| object["data"]["hosts.yml"].as_str());
    hosts.flat_map(crate::proof::kubean::ansible::complaints_about_inventory).collect()
}

#[test]
fn a_word_that_a_shell_acts_on_is_found() {
    for (word, expected) in
        [("$(touch CANARY)", "$(touch CANARY)"), ("a;touch CANARY", "a;touch CANARY"), ("'a'b'", "a'b"), ("\"$HOME\"", "$HOME")]
    {
        assert!(!shells(&Words::from([(word.to_owned(), expected.to_owned())])).is_empty(), "{word}");
    }
    assert_eq!(
        shells(&Words::from([("'$(touch CANARY); `x` \\'".to_owned(), "$(touch CANARY); `x` \\".to_owned())])),
        Vec::<String>::new()
    );
}

#[test]
fn a_value_that_yaml_takes_for_another_is_found() {
    let complaints = |text: &str, meant: &str| {
        yaml(&[Document { name: "a".to_owned(), text: format!("a: {text}\n"), meant: vec![json!({"a": meant})] }]).len()
    };
    for word in ["12:30:45", "yes", "2001-01-01", "1_000", "a\nb: c", "!!python/object/apply:os.system [true]", "*a"] {
        assert_eq!((complaints(word, word), complaints(&json!(word).to_string(), word)), (1, 0), "{word}");
    }
}
