//! What other programs have to say about the sources. Clippy is not among them: it would build everything a second time;
//! CONTRIBUTING.md asks for it before a commit.

use std::process::Command;

use super::root;

fn run(program: &str, arguments: &[&str], mend: &str) {
    let done = Command::new(program).args(arguments).current_dir(root()).output();
    let done = done.unwrap_or_else(|error| panic!("cannot run `{program}`: {error}; .ci/run installs what the tests need"));
    let said = [done.stdout, done.stderr].concat();
    assert!(done.status.success(), "\n{}\nmend: {mend}\n", String::from_utf8_lossy(&said));
}

#[test]
fn the_sources_are_formatted() {
    run("cargo", &["fmt", "--all", "--check"], "cargo fmt --all");
}

#[test]
fn the_compiler_builds_without_the_rehearsal() {
    let mend = "put what needs the room `rehearse` behind `#[cfg(feature = \"rehearse\")]`";
    // As a test, because the packages were built for tests: with other features they would all be built again.
    run("cargo", &["test", "--lib", "--no-run", "--locked", "--offline", "--no-default-features"], mend);
}

#[test]
fn the_scripts_are_accepted_by_shellcheck() {
    run("shellcheck", &[".ci/run", "release/build"], "do what it says, or disable the check in a comment that gives the reason");
}
