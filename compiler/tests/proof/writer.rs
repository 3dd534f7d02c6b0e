//! A client that writes to etcd while a plan is played, and afterwards looks for every acknowledged write.

use std::io::{Read, Write};
use std::process::{Child, Stdio};

use serde::Deserialize;

use super::certificates::Certificates;
use super::hosts::{World, shims};

pub struct Writer {
    process: Child,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Written {
    pub acknowledged: usize,
    pub failed: usize,
    /// Acknowledged, and not found through quorum.
    pub lost: Vec<String>,
    pub longest_gap_seconds: f64,
    /// Some of the failures' messages.
    pub failures: Vec<String>,
}

impl Writer {
    pub fn start(world: &World, endpoints: &[String], certificates: &Certificates) -> Self {
        let mut command = world.inside();
        command.args(["/usr/bin/python3", "-B"]).arg(shims().join("writer.py")).args(certificates.observer()).args(endpoints);
        Self { process: command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap() }
    }

    /// Stops writing, reads everything back, and counts.
    pub fn finish(mut self) -> Written {
        self.process.stdin.take().unwrap().write_all(b"finish\n").unwrap();
        let mut text = String::new();
        self.process.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        let status = self.process.wait().unwrap();
        assert!(status.success(), "the writer failed: {status}; its reason stands above");
        serde_json::from_str(&text).unwrap()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
