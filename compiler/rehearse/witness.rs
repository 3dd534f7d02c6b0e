//! Who watches during the whole rehearsal: a writer in etcd, clients of the API, and a look at who holds the virtual IP.
//!
//! Each is a program beside the hosts. It says what it saw when it is told to finish; this file holds what was said.

use std::io::{Read, Write};
use std::process::Child;

use serde::Deserialize;

use super::finding::{Result, Stop};
use super::stage::Stage;

/// What a program saw that tried something again and again.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Seen {
    /// When it succeeded, in seconds since 1970, in order.
    pub moments: Vec<f64>,
    pub failed: usize,
    /// Some of the failures' messages.
    pub reasons: Vec<String>,
    /// Acknowledged writes that are not found through quorum.
    #[serde(default)]
    pub lost: Vec<String>,
    /// How often a stream said nothing any more, and did not end either.
    #[serde(default)]
    pub hung: usize,
    /// No member answered when the writes were to be read back.
    #[serde(default)]
    pub unread: bool,
}

/// A host took the virtual IP, or let it go.
#[derive(Debug, Clone, Deserialize)]
pub struct Change {
    /// Seconds since 1970.
    pub at: f64,
    pub host: String,
    pub holds: bool,
}

/// How closely a client looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    Closely,
    Calmly,
}

/// A program that watches.
pub struct Witness {
    name: String,
    process: Child,
}

impl Witness {
    fn start(stage: &Stage<'_>, name: &str, program: &str, arguments: &[String]) -> Result<Self> {
        Ok(Self { name: name.to_owned(), process: stage.world.witness(program, arguments)? })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Writes to etcd through whichever members vote at the moment.
    pub fn writer(stage: &Stage<'_>) -> Result<Self> {
        let mut arguments = vec![stage.etcd_api().to_owned()];
        arguments.extend(Stage::observer_files());
        arguments.extend(stage.client_urls(&stage.plan.topology.source.etcd)?);
        Self::start(stage, "etcd", "writer.py", &arguments)
    }

    /// Asks the API at an endpoint; with several addresses it is content with any.
    pub fn client(stage: &Stage<'_>, name: &str, addresses: &[(String, u16)]) -> Result<Self> {
        let mut arguments = vec![stage.api_authority().unwrap_or_else(|| "-".to_owned())];
        arguments.extend(addresses.iter().flat_map(|(address, port)| [address.clone(), port.to_string()]));
        Self::start(stage, name, "client.py", &arguments)
    }

    /// Listens to a long-lived stream through an endpoint.
    pub fn stream(stage: &Stage<'_>, name: &str, address: &str, port: u16) -> Result<Self> {
        Self::start(stage, name, "stream.py", &[stage.api_authority().unwrap_or_default(), address.to_owned(), port.to_string()])
    }

    /// Watches who holds the address.
    pub fn holders(stage: &Stage<'_>, address: &str) -> Result<Self> {
        let mut arguments = vec![address.to_owned()];
        arguments.extend(stage.world.machines().map(str::to_owned));
        Self::start(stage, "holders", "holders.py", &arguments)
    }

    /// Tells a client how closely to look from now on.
    pub fn look(&mut self, pace: Pace) -> Result<()> {
        let words = match pace {
            Pace::Closely => "look closely",
            Pace::Calmly => "look calmly",
        };
        match &mut self.process.stdin {
            Some(input) => Ok(writeln!(input, "{words}")?),
            None => Ok(()),
        }
    }

    /// Tells it to finish, and reads what it saw.
    pub fn finish<T: for<'de> Deserialize<'de>>(mut self) -> Result<T> {
        if let Some(mut input) = self.process.stdin.take() {
            input.write_all(b"finish\n")?;
        }
        let mut text = String::new();
        if let Some(output) = &mut self.process.stdout {
            output.read_to_string(&mut text)?;
        }
        self.process.wait()?;
        serde_json::from_str(&text).map_err(|error| Stop::Machine(format!("the witness of {} failed: {error}", self.name)))
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        // One that has finished is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
