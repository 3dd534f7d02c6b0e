//! nginx.conf, read by nginx itself: a whole configuration as it is, a part inside a `stream` block of its own.
//!
//! nginx wants the addresses of its listeners to be there, which wildcards always are, and writes its process id.

use std::process::Command;

use super::{Texts, with_places, write_all};

/// What stands around a part that an existing configuration includes. Debian has the stream module in a package of its own.
fn whole(text: &str, place: &str) -> String {
    if text.contains("\nstream {") {
        return text.replace("pid /run/nginx.pid;", &format!("pid {place}/nginx.pid;"));
    }
    format!("include /etc/nginx/modules-enabled/*.conf;\npid {place}/nginx.pid;\nevents {{}}\nstream {{\n{text}\n}}\n")
}

pub fn read(texts: &Texts) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().display().to_string();
    let files = write_all(directory.path(), texts.keys().map(|text| whole(text, &place)), ".conf");
    let mut complaints = Vec::new();
    for file in &files {
        let script = "PATH=$PATH:/usr/sbin:/sbin; exec nginx -t -q -e stderr -c \"$1\"";
        let output = Command::new("sh").args(["-c", script, "sh"]).arg(file).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() || !said.trim().is_empty() {
            complaints.extend(with_places(&format!("{}: {said}", file.display()), &files, texts));
        }
    }
    complaints
}
