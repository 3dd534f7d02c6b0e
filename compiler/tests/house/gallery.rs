//! Every picture in the gallery is still painted by a test.

use replank::diag::Code;

use super::{assert_none, files};

#[test]
fn no_snapshot_is_left_without_its_test() {
    let tests: String = files("compiler/tests").into_iter().map(|(_, text)| text).collect();
    let mut findings = Vec::new();
    // The comments of pull requests, and what fields accept, have galleries of their own, which their tests keep whole.
    let is_kept_elsewhere = |path: &str| path.starts_with("snapshots/diffs/") || path == "snapshots/injection/accepted.txt";
    for (path, _) in files("snapshots").into_iter().filter(|(path, _)| !is_kept_elsewhere(path)) {
        let Some(name) = path.rsplit('/').next().and_then(|file| file.strip_suffix(".snap")) else {
            findings.push(format!("{path}: is no snapshot"));
            continue;
        };
        let of_a_code = Code::ALL.iter().any(|code| name == format!("{}-{}", code.name(), code.slug()));
        let of_a_command = name == "help" || name.strip_prefix("help-").is_some_and(|command| tests.contains(&format!("\"{command}\"")));
        if !of_a_code && !of_a_command && !tests.contains(&format!("\"{name}\"")) {
            findings.push(format!("{path}: no test names it"));
        }
    }
    assert_none(&findings, "a snapshot that no test compares shows what the program said once", "remove it, or bring its test back");
}
