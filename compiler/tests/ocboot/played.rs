//! A machine on which commands of a plan are run: a directory instead of `/`, and stand-ins for whatever they would ask or change.
//!
//! Does not know what the commands are for.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Paths of a machine that lie below its directory.
const BELOW: &[&str] = &["/etc/", "/var/", "/run/", "/proc/", "/usr/local/bin/"];

pub struct Machine(tempfile::TempDir);

impl Machine {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// A program that comes before those of this machine, at `path` or by its name. It finds what is told of it in `$STATE`.
    pub fn program(&self, path: &str, script: &str) {
        let path = if path.contains('/') { path.to_owned() } else { format!("bin/{path}") };
        self.write(&path, &format!("#!/bin/bash\n{script}\n"));
        fs::set_permissions(self.path(&path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub fn run(&self, shell: &str) -> Output {
        let root = self.0.path().to_str().unwrap();
        let moved = BELOW.iter().fold(shell.to_owned(), |text, path| text.replace(path, &format!("{root}{path}")));
        let moved = ["cd / ", "-C / "].iter().fold(moved, |text, word| text.replace(word, &word.replace('/', root)));
        let moved = moved.replace("\"/$file", &format!("\"{root}/$file"));
        let search = format!("{root}/bin:{}", std::env::var("PATH").unwrap());
        let mut command = Command::new("bash");
        command.arg("-c").arg(moved).env("PATH", search).env("STATE", root).current_dir(root);
        command.output().unwrap()
    }

    #[track_caller]
    pub fn succeeds(&self, shell: &str) -> String {
        let done = self.run(shell);
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(done.status.success(), "{}{}\n{shell}", said(&done.stdout), said(&done.stderr));
        said(&done.stdout)
    }

    /// What it says on its way out.
    #[track_caller]
    pub fn fails(&self, shell: &str) -> String {
        let done = self.run(shell);
        assert!(!done.status.success(), "{}\n{shell}", String::from_utf8_lossy(&done.stdout));
        String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned()
    }
}
