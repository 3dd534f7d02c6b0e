//! A client of the virtual IP while a plan is played: the longest pauses between two good answers, and when they began.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Stdio};

use serde::Deserialize;

use super::hosts::{World, shims};

pub struct Poller {
    process: Child,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Polled {
    pub answers: usize,
    pub failures: usize,
    /// The longest first.
    pub gaps: Vec<Gap>,
    /// What failures said.
    pub reasons: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Gap {
    pub seconds: f64,
    /// Seconds since 1970.
    pub began: f64,
}

impl Poller {
    /// `authority` is a file of this machine.
    pub fn start(world: &World, address: &str, port: u16, authority: &Path) -> Self {
        let mut command = world.inside();
        command.args(["/usr/bin/python3", "-B"]).arg(shims().join("poller.py")).args([address, &port.to_string()]).arg(authority);
        Self { process: command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap() }
    }

    pub fn finish(mut self) -> Polled {
        drop(self.process.stdin.take());
        let mut text = String::new();
        self.process.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        let status = self.process.wait().unwrap();
        assert!(status.success(), "the poller failed: {status}; its reason stands above");
        serde_json::from_str(&text).unwrap()
    }
}

impl Drop for Poller {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
