//! keepalived.conf, read by keepalived itself where its interface, its password file and its check script exist.

use std::process::Command;

use super::{Texts, write_all};

pub fn read(texts: &Texts) -> Vec<String> {
    if texts.is_empty() {
        return Vec::new();
    }
    let directory = tempfile::tempdir().unwrap();
    let files = write_all(directory.path(), texts.keys(), ".conf");
    let mut command = Command::new("unshare");
    command.args(["--mount", "--net", "--propagation", "private", "bash"]).arg(super::program("read_keepalived.sh")).args(&files);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let mut complaints = super::with_places(&said, &files, texts);
    if complaints.is_empty() && !output.status.success() {
        complaints.push(format!("read_keepalived.sh: {}", output.status));
    }
    complaints
}
