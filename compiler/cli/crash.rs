//! A panic is our bug: exit code 70, and a short text on how to report it.
//!
//! The text names the place in our code and the command, never the panic's own message: that could quote the spec.

use std::ffi::OsString;
use std::panic::{self, PanicHookInfo};

use super::Exit;

const REPORT: &str = "Please report it with the lines above. The spec is not in them; add it only if it may be shared.";

/// Runs the program; what panics ends as `Exit::Bug`.
pub fn guard(words: &[OsString], program: impl FnOnce() -> Exit + panic::UnwindSafe) -> Exit {
    let command = command(words);
    panic::set_hook(Box::new(move |information: &PanicHookInfo<'_>| {
        let place =
            information.location().map_or_else(|| "an unknown place".to_owned(), |place| format!("{}:{}", place.file(), place.line()));
        super::output::say(&text(&format!("stopped at {place}"), &command));
    }));
    let exit = panic::catch_unwind(program).unwrap_or(Exit::Bug);
    let _ = panic::take_hook();
    exit
}

/// What to say about a bug of ours.
pub fn text(what: &str, command: &str) -> String {
    format!("error: a bug in replank: {what}\n  version: {}\n  command: {command}\n{REPORT}", env!("CARGO_PKG_VERSION"))
}

/// The subcommand alone: paths can name customers.
pub fn command(words: &[OsString]) -> String {
    let subcommand = words.iter().skip(1).filter_map(|word| word.to_str()).find(|word| !word.starts_with('-'));
    format!("replank {}", subcommand.unwrap_or_default()).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_exit_code_70() {
        assert_eq!(guard(&[], || panic!("content of a spec")).code(), 70);
    }

    #[test]
    fn the_report_names_version_and_command_and_no_path() {
        let words = ["replank", "compile", "secret-customer.yaml"].map(OsString::from);
        let text = text("stopped at a.rs:1", &command(&words));
        assert!(text.contains(env!("CARGO_PKG_VERSION")) && text.contains("command: replank compile\n"), "{text}");
        assert!(!text.contains("secret-customer"));
    }
}
