//! Shell commands and scripts, read by the shells and by shellcheck. Equal texts are read once; addresses do not count.

use std::process::Command;

use super::{Texts, with_places, write_all};

/// How many files one shellcheck is given.
const BATCH: usize = 400;

pub fn read_commands(texts: &Texts) -> Vec<String> {
    read(texts, "bash", "bash")
}

/// Scripts run under whatever /bin/sh is, unless their first line asks for bash.
pub fn read_scripts(texts: &Texts) -> Vec<String> {
    let (bash, sh): (Texts, Texts) =
        texts.clone().into_iter().partition(|(text, _)| text.lines().next().is_some_and(|line| line.contains("bash")));
    [read(&bash, "bash", "bash"), read(&sh, "dash", "sh")].concat()
}

fn read(texts: &Texts, shell: &str, dialect: &str) -> Vec<String> {
    if texts.is_empty() {
        return Vec::new();
    }
    let directory = tempfile::tempdir().unwrap();
    let files = write_all(directory.path(), texts.keys(), ".sh");
    let mut complaints = Vec::new();
    for files in files.chunks(BATCH) {
        let syntax = Command::new("sh")
            .args(["-c", "shell=$1; shift; for file; do \"$shell\" -n \"$file\"; done", "sh", shell])
            .args(files)
            .output();
        complaints.extend(with_places(&String::from_utf8_lossy(&syntax.unwrap().stderr), files, &places_of(files, texts)));
    }
    complaints.extend(shellcheck(texts, dialect));
    complaints
}

/// The part of `texts` that belongs to the files, whose names are their positions.
fn places_of(files: &[std::path::PathBuf], texts: &Texts) -> Texts {
    let first = files.first().and_then(|file| file.file_stem()?.to_str()?.parse().ok()).unwrap_or(0);
    texts.iter().skip(first).take(files.len()).map(|(text, place)| (text.clone(), place.clone())).collect()
}

fn shellcheck(texts: &Texts, dialect: &str) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let mut alike = Texts::new();
    for (text, place) in texts {
        alike.entry(without_addresses(text)).or_insert_with(|| place.clone());
    }
    let files = write_all(directory.path(), alike.keys(), ".sh");
    let mut complaints = Vec::new();
    let batches: Vec<_> = files.chunks(BATCH).collect();
    for pair in batches.chunks(2) {
        let started: Vec<_> = pair.iter().map(|files| (files, start(files, dialect))).collect();
        for (files, child) in started {
            let output = child.wait_with_output().unwrap();
            let said = [output.stdout, output.stderr].concat();
            complaints.extend(with_places(&String::from_utf8_lossy(&said), files, &places_of(files, &alike)));
        }
    }
    complaints
}

fn start(files: &[std::path::PathBuf], dialect: &str) -> std::process::Child {
    let mut command = Command::new("shellcheck");
    command.args(["--norc", "-S", "warning", "-f", "gcc", "-s", dialect]).args(files);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
}

/// Texts that differ in numbers between dots only, such as addresses, are the same to shellcheck.
fn without_addresses(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(from.len());
        let (number, after) = from.split_at(end);
        result.push_str(before);
        result.push_str(if number.parse::<std::net::Ipv4Addr>().is_ok() { "192.0.2.1" } else { number });
        rest = after;
    }
    result + rest
}

/// What a person would still have to fill in: `<name>` as a word of its own, or a template's braces.
pub fn blanks_to_fill_in(shell: &str) -> Option<&str> {
    if let Some(start) = shell.find("{{").filter(|start| !shell[..*start].ends_with('$')) {
        // Go templates are no blanks: a dot, a variable, or a word of that language follows.
        let inside = shell[start + 2..].trim_start();
        let go = inside.starts_with(['.', '$', '-'])
            || ["range", "end", "if", "else", "printf", "json", "with", "index"].iter().any(|word| inside.starts_with(word));
        if !go {
            return Some("{{");
        }
    }
    for (start, _) in shell.match_indices('<') {
        let inside = &shell[start + 1..];
        // What kubectl prints for nothing.
        if inside.starts_with("none>") {
            continue;
        }
        let end = inside.find(|letter: char| !letter.is_alphanumeric() && !"-_ .".contains(letter)).unwrap_or(inside.len());
        if end > 0 && inside[end..].starts_with('>') && !inside.starts_with(' ') && !shell[..start].ends_with(['<', '(']) {
            return shell.get(start..start + end + 2);
        }
    }
    None
}
