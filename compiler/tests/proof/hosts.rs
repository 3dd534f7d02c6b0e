//! A world of hosts: every machine of a plan with its address, its files and its processes, apart from this machine.
//!
//! `shims/world.py` builds it; this file starts it, runs commands in it, and ends it. It knows nothing of etcd or of steps.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use serde_json::json;

use super::document::Machine;

pub const WORKSTATION: &str = "workstation";

/// Ends with its standard input: the keeper is process 1 of the world, so nothing outlives this value, not even in a panic.
pub struct World {
    /// Variables that the operator has exported on the workstation.
    pub exported: BTreeMap<String, String>,
    /// What no command may print, anywhere.
    pub secrets: Vec<String>,
    keeper: Child,
    keeper_pid: u32,
    inits: BTreeMap<String, u32>,
    _place: tempfile::TempDir,
}

/// How the hosts are attached to their network.
#[derive(Debug, Clone)]
pub struct Network {
    pub interface: String,
    /// `None`: every other address is a neighbour, whatever its subnet.
    pub prefix: Option<u8>,
}

impl Default for Network {
    fn default() -> Self {
        Self { interface: "eth0".into(), prefix: None }
    }
}

/// What a command came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// `None`: it did not end within its time.
    pub exit: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    pub fn succeeded(&self) -> bool {
        self.exit == Some(0)
    }
}

impl World {
    pub fn open(plan_directory: &Path, machines: &IndexMap<String, Machine>, network: &Network) -> Self {
        let place = tempfile::tempdir().unwrap();
        let inside = place.path().join("world");
        std::fs::create_dir(&inside).unwrap();
        let hosts: Vec<_> = machines
            .iter()
            .map(|(name, machine)| {
                json!({"name": name, "address": machine.address.to_string(), "port": machine.ssh.port,
                       "interface": network.interface, "prefix": network.prefix})
            })
            .collect();
        let description = place.path().join("world.json");
        let plan = std::fs::canonicalize(plan_directory).unwrap();
        std::fs::write(&description, json!({"place": inside, "plan": plan, "hosts": hosts}).to_string()).unwrap();
        let mut keeper = Command::new("unshare")
            .args(["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"])
            .args(["/usr/bin/python3", "-B"])
            .arg(shims().join("world.py"))
            .arg(&description)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(keeper.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let Ok(inits) = serde_json::from_str(&line) else {
            let status = keeper.wait();
            panic!("the world of hosts did not come up: {status:?}; its reason stands above");
        };
        let children = format!("/proc/{pid}/task/{pid}/children", pid = keeper.id());
        let keeper_pid = std::fs::read_to_string(children).unwrap().trim().parse().unwrap();
        Self { exported: BTreeMap::new(), secrets: Vec::new(), keeper, keeper_pid, inits, _place: place }
    }

    /// Runs a shell command as root on a host, or on the workstation in the plan directory.
    pub fn run(&self, host: &str, shell: &str, limit: Duration) -> Outcome {
        let init = self.inits.get(host).unwrap_or_else(|| panic!("the plan has no machine {host}"));
        let directory = if host == WORKSTATION { "plan" } else { "root" };
        let mut command = self.inside();
        command.args(["env", &format!("ENTER_DIRECTORY={directory}"), "timeout", "--kill-after=5", &format!("{}", limit.as_secs().max(1))]);
        command.arg(shims().join("enter")).arg(init.to_string()).arg("env");
        if host == WORKSTATION {
            command.args(self.exported.iter().map(|(name, value)| format!("{name}={value}")));
        }
        command.args(["bash", "-c", shell]);
        let outcome = finish(command, limit);
        let printed = |secret: &&String| outcome.stdout.contains(*secret) || outcome.stderr.contains(*secret);
        assert!(!self.secrets.iter().any(|secret| printed(&secret)), "{host}: a secret is printed by: {shell}");
        outcome
    }

    /// Runs a program beside the hosts, with this machine's own files: an observer on the bridge.
    pub fn observe(&self, program: &str, arguments: &[&str]) -> Outcome {
        let mut command = self.inside();
        command.args(["timeout", "--kill-after=5", "30", program]).args(arguments);
        finish(command, Duration::from_secs(30))
    }

    /// The beginning of a command line that runs beside the hosts.
    pub fn inside(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.keeper_pid.to_string(), "--mount", "--net", "--pid", "--"]);
        command
    }

    /// Every host and the workstation.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.inits.keys().map(String::as_str)
    }

    /// Copies a file of this machine into a host, executable.
    pub fn install(&self, host: &str, from: &str, to: &str) {
        let init = self.inits.get(host).unwrap_or_else(|| panic!("the plan has no machine {host}"));
        let outcome = self.observe("install", &["-D", "-m", "0755", from, &format!("/proc/{init}/root{to}")]);
        assert!(outcome.succeeded(), "{host}: {from} to {to}: {}", outcome.stderr);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if self.keeper.try_wait().is_ok_and(|status| status.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.keeper.kill().ok();
        self.keeper.wait().ok();
    }
}

fn finish(mut command: Command, limit: Duration) -> Outcome {
    let started = Instant::now();
    let output = command.stdin(Stdio::null()).output().unwrap();
    let exit = output.status.code();
    let late = started.elapsed() >= limit && matches!(exit, Some(124 | 137) | None);
    Outcome {
        exit: if late { None } else { exit },
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Where the shims lie in the source tree.
pub fn shims() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("compiler/tests/proof/shims")
}
