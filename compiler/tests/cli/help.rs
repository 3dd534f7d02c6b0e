//! The help pages, as they are read; and the exit codes of wrong usage.

use std::process::Command;

use super::{assert_shown, replank, run};

#[test]
fn the_help_pages_read_well() {
    assert_shown("help", &replank(&["--help"]).out);
    for command in ["compile", "check", "diff", "verify", "explain", "schema", "completions", "man"] {
        let ran = replank(&[command, "--help"]);
        assert_eq!((ran.exit, ran.err.as_str()), (0, ""), "{command}");
        assert_shown(&format!("help-{command}"), &ran.out);
    }
}

#[test]
fn no_line_of_help_is_wider_than_a_terminal() {
    let pages = [&["--help"][..], &["compile", "--help"], &["verify", "--help"]].map(|words| replank(words).out);
    for line in pages.iter().flat_map(|page| page.lines()) {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn wrong_usage_is_exit_64_and_never_2() {
    for words in [&[][..], &["sail"], &["compile"], &["compile", "a.yaml"], &["check", "--format", "xml", "a.yaml"], &["schema", "cluster"]]
    {
        let ran = replank(words);
        assert_eq!(ran.exit, 64, "{words:?}: {ran:?}");
        assert!(ran.out.is_empty() && !ran.err.is_empty(), "{words:?}: usage errors go to standard error");
    }
}

#[test]
fn version_and_manual_and_completions_are_results() {
    assert_eq!(replank(&["--version"]).out, format!("replank {}\n", env!("CARGO_PKG_VERSION")));
    assert!(replank(&["man"]).out.contains(".TH replank"));
    for shell in ["bash", "zsh", "fish"] {
        assert!(replank(&["completions", shell]).out.contains("replank"), "{shell}");
    }
}

#[test]
fn each_schema_is_json() {
    for subject in ["migration", "plan", "diagnostic"] {
        let ran = replank(&["schema", subject]);
        assert!(serde_json::from_str::<serde_json::Value>(&ran.out).is_ok_and(|schema| schema.get("$schema").is_some()), "{subject}");
    }
    assert_eq!(replank(&["schema"]).out, replank(&["schema", "migration"]).out);
}

#[test]
fn a_result_that_does_not_arrive_is_a_failure_and_a_reader_that_leaves_is_none() {
    let to = |where_to: &str| run(Command::new("bash").args(["-c", where_to, "bash", env!("CARGO_BIN_EXE_replank")]), b"");
    let full = to("\"$1\" man > /dev/full");
    assert_eq!(full.exit, 1, "{full:?}");
    assert!(full.err.contains("standard output"), "{}", full.err);
    // The reader is gone before the program starts.
    let left = to("exec 3> >(:); sleep 0.2; \"$1\" man >&3");
    assert_eq!((left.exit, left.err.as_str()), (0, ""));
}
