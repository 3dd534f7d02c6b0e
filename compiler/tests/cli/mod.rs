//! The program as its users meet it: words in, text and exit codes out.

mod documents;
mod explain;
mod help;
mod input;
mod merge;
mod rehearse;
mod several;
pub mod stale;
mod verify;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run said and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub exit: i32,
    pub out: String,
    pub err: String,
}

pub fn replank(words: &[&str]) -> Ran {
    run(Command::new(env!("CARGO_BIN_EXE_replank")).args(words), b"")
}

pub fn replank_in(directory: &Path, words: &[&str]) -> Ran {
    run(Command::new(env!("CARGO_BIN_EXE_replank")).args(words).current_dir(directory), b"")
}

pub fn run(command: &mut Command, input: &[u8]) -> Ran {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A run that ends without reading its input is not what is tested.
    let _ = child.stdin.take().unwrap().write_all(input);
    let done = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { exit: done.status.code().expect("ended by a signal"), out: text(done.stdout), err: text(done.stderr) }
}

/// Compares with `snapshots/cli/<name>.snap`.
pub fn assert_shown(name: &str, text: &str) {
    assert_snapshot("../../../snapshots/cli", name, text);
}

/// Compares with `snapshots/diagnostics/<name>.snap`, where every code is shown once.
pub fn assert_in_gallery(name: &str, text: &str) {
    assert_snapshot("../../../snapshots/diagnostics", name, text);
}

fn assert_snapshot(folder: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
