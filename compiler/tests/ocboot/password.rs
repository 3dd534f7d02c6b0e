//! The database's password: in no file and on no command line of a plan, and on disk for the length of one run.
//!
//! The command that runs ocboot is run here with an ocboot that is none, in a directory of its own.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use super::spec::{SEED, compiled};
use crate::compiled::document;

/// Holds what YAML, a shell and sed would each take for something else.
const PASSWORD: &str = "0ne'C1oud #DB\\&\"$(id)";

/// What stands in for ocboot: keeps what it was given, and says how the file may be read.
const OCBOOT: &str =
    "#!/bin/bash\nset -eu\n[ \"$1 $2\" = 'run.py virt' ]\nstat -c %a \"$3\" > mode\ncp \"$3\" given.yaml\nexit \"${FAILS:-0}\"\n";

struct Site(tempfile::TempDir);

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ocboot = folder.path().join("ocboot.sh");
        std::fs::write(&ocboot, OCBOOT).unwrap();
        std::fs::set_permissions(&ocboot, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::write(folder.path().join("password"), format!("{PASSWORD}\n")).unwrap();
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// The plan's own command, of a spec whose ocboot lies here and is run by the workstation.
    fn run(&self, environment: &[(&str, &str)]) -> Output {
        let here = self.path().display().to_string();
        let text = SEED.replace("/opt/ocboot", &here).replace("/root/.database-password", &format!("{here}/password"));
        let plan = compiled(&text);
        let file = plan.tree.files.iter().find(|(path, _)| path.ends_with("/ocboot.yaml")).unwrap();
        std::fs::write(self.path().join("replank.yaml"), file.1).unwrap();
        let commands = document(&plan).steps.iter().flat_map(|step| &step.run);
        let command = commands.into_iter().find(|command| command.shell.contains("run.py")).unwrap();
        Command::new("bash").arg("-c").arg(&command.shell).envs(environment.iter().copied()).output().unwrap()
    }

    fn is_clean(&self) -> bool {
        !self.path().join("replank-with-password.yaml").exists() && !self.path().join("replank.password").exists()
    }
}

#[test]
fn ocboot_is_given_the_password_as_it_is_and_nobody_else_is() {
    let site = Site::new();
    let done = site.run(&[]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let given: serde_yaml::Value = serde_yaml::from_str(&std::fs::read_to_string(site.path().join("given.yaml")).unwrap()).unwrap();
    assert_eq!(given["primary_master_node"]["db_password"].as_str(), Some(PASSWORD));
    assert_eq!(given["primary_master_node"]["db_port"].as_str(), Some("3306"));
    assert_eq!(std::fs::read_to_string(site.path().join("mode")).unwrap(), "600\n");
    let said = [done.stdout, done.stderr].concat();
    assert!(!String::from_utf8_lossy(&said).contains("C1oud"));
    assert!(site.is_clean());
}

#[test]
fn the_copy_goes_also_where_ocboot_fails() {
    let site = Site::new();
    let done = site.run(&[("FAILS", "3")]);
    assert_eq!(done.status.code(), Some(3), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(site.path().join("given.yaml").exists() && site.is_clean());
}

#[test]
fn no_file_and_no_command_of_a_plan_holds_a_password() {
    let plan = compiled(SEED);
    for (path, text) in &plan.tree.files {
        for line in text.lines().filter(|line| line.contains("db_password")) {
            assert!(line.contains("REPLANK_DATABASE_PASSWORD"), "{path}: {line}");
        }
        assert!(!text.contains("get oc ") && !text.contains("| grep mysql"), "{path}: prints what nobody should see");
    }
}
