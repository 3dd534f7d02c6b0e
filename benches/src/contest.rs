//! Programs side by side over one fleet: replank, `cp -r` of what it writes, and peers; in rounds, in changing order.
//!
//! Knows what is compared with what, and what must lie there before. Does not know how the figures are shown.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::arena::{Arena, LONGEST, Sample, Tools, cleared, command, size};
use crate::peers::{self, Peer};
use crate::results::{Results, Run, median};
use crate::{fleet, kustomize};

/// As many rounds as a median is taken of, and the seconds after which a contestant takes part in no further one: on a busy disk one and the
/// same program took from 5 to 14 s over ten thousand machines, of which two rounds say little.
const ROUNDS: usize = 5;
const PATIENCE: f64 = 45.0;

/// What the fleet is called that lies on a file system in memory.
pub const IN_MEMORY: &str = "k3s-external-etcd, in memory";

/// Who takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contestant {
    /// `replank compile` into a directory that is not there.
    Compile,
    /// The same onto the plan that is there already.
    Again,
    /// The same after the address of one machine was changed.
    Edited,
    /// `cp -r` of the plan.
    Copy,
    /// The same, and `sync -f`: replank ends with that too, so that a plan is on the disk when it says so.
    CopyAndSync,
    Peer(Peer),
}

impl Contestant {
    pub fn name(self) -> &'static str {
        match self {
            Self::Compile => "compile",
            Self::Again => "compile again, unchanged",
            Self::Edited => "compile again, one address changed",
            Self::Copy => "cp -r",
            Self::CopyAndSync => "cp -r; sync -f",
            Self::Peer(peer) => peer.name(),
        }
    }
}

/// A fleet, and programs over it.
pub struct Contest<'a> {
    tools: &'a Tools,
    arena: Arena,
    fleet: &'static str,
    machines: usize,
    /// Compiled by one command; and the same with one machine elsewhere.
    specs: Vec<PathBuf>,
    edited: Vec<PathBuf>,
    /// Which of the two lies in `plan`.
    is_edited: bool,
}

impl<'a> Contest<'a> {
    /// Over one spec of a fleet.
    ///
    /// # Errors
    /// Where the spec cannot be made or written.
    pub fn of_fleet(tools: &'a Tools, arena: Arena, backend: fleet::Backend, machines: usize) -> Result<Self, Box<dyn Error>> {
        let text = fleet::spec(backend, machines)?;
        let [spec, edited] = [arena.path("spec.yaml"), arena.path("edited.yaml")];
        fs::write(&edited, text.replacen("address: 10.150.0.2\n", "address: 10.151.0.2\n", 1))?;
        fs::write(&spec, text)?;
        Ok(Self { tools, arena, fleet: backend.name(), machines, specs: vec![spec], edited: vec![edited], is_edited: false })
    }

    /// The same where no program waits for a disk.
    pub fn in_memory(self) -> Self {
        Self { fleet: IN_MEMORY, ..self }
    }

    /// Over many specs of ten machines each.
    ///
    /// # Errors
    /// Where the specs cannot be made or written.
    pub fn of_clusters(tools: &'a Tools, arena: Arena, count: usize) -> Result<Self, Box<dyn Error>> {
        let folder = arena.path("specs");
        fs::create_dir_all(&folder)?;
        let mut specs = Vec::new();
        for number in 1..=count {
            let path = folder.join(format!("cluster-{number:04}.yaml"));
            fs::write(&path, fleet::cluster(number)?)?;
            specs.push(path);
        }
        Ok(Self { tools, arena, fleet: "clusters of ten", machines: 10 * count, edited: specs.clone(), specs, is_edited: false })
    }

    /// Runs the contestants in rounds, every second one in reverse order, and proves what peers have made.
    ///
    /// # Errors
    /// Where a program fails, or a peer made something else.
    pub fn run(mut self, contestants: &[Contestant], results: &mut Results) -> Result<(), Box<dyn Error>> {
        self.prepare(contestants)?;
        let mut samples: Vec<(Contestant, Vec<Sample>)> = contestants.iter().map(|contestant| (*contestant, Vec::new())).collect();
        for _ in 0..ROUNDS {
            for (contestant, taken) in &mut samples {
                if taken.iter().map(|sample| sample.seconds).sum::<f64>() < PATIENCE {
                    taken.push(self.once(*contestant)?);
                }
            }
            samples.reverse();
        }
        samples.sort_by_key(|(contestant, _)| contestants.iter().position(|other| other == contestant));
        for (contestant, taken) in samples {
            if taken.iter().any(|sample| sample.is_stopped) {
                let what = format!("{}, {} machines: stopped after {LONGEST} s", contestant.name(), self.machines);
                results.left_out.push(what);
            } else {
                results.runs.push(self.summed(contestant, &taken)?);
            }
        }
        Ok(())
    }

    /// What lies there before the first round: two plans, and what peers read.
    fn prepare(&mut self, contestants: &[Contestant]) -> Result<(), Box<dyn Error>> {
        if self.once(Contestant::Compile)?.is_stopped {
            return Err(format!("a compile of {} machines takes longer than {LONGEST} s", self.machines).into());
        }
        let copied = Command::new("cp").arg("-r").args([self.arena.path("fresh"), self.arena.path("plan")]).status()?;
        if !copied.success() {
            return Err("cp -r failed".into());
        }
        let is_peer = |contestant: &&Contestant| matches!(contestant, Contestant::Peer(_));
        if contestants.contains(&Contestant::Peer(Peer::Kustomize)) {
            kustomize::overlays(&self.arena.path("overlays"), &self.arena.path("fresh"), &self.joiners())?;
        } else if contestants.iter().any(|contestant| is_peer(&contestant)) {
            let release = Command::new(&self.tools.replank).arg("--version").output()?;
            let release = String::from_utf8(release.stdout)?.trim().trim_start_matches("replank ").to_owned();
            let data: Value = peers::fleet(&fs::read_to_string(self.arena.path("spec.yaml"))?, &release)?;
            fs::write(self.arena.path("fleet.json"), data.to_string())?;
            fs::write(self.arena.path("fleet.yaml"), serde_yaml::to_string(&data)?)?;
            if contestants.contains(&Contestant::Peer(Peer::Jinja2Whole)) {
                peers::learn(self.tools, &self.arena.path("fresh"), &self.arena.path("learned"))?;
            }
        }
        Ok(())
    }

    /// The workers that kubean adds: all but the one that is there already.
    fn joiners(&self) -> Vec<String> {
        (2..=self.machines - 5).map(|number| format!("w-{number}")).collect()
    }

    fn once(&mut self, contestant: Contestant) -> Result<Sample, Box<dyn Error>> {
        let output = self.output(contestant);
        let replank = |specs: &[PathBuf]| {
            let mut words = command(&[&self.tools.replank, &"compile", &"-o", &output]);
            words.extend(specs.iter().map(|spec| spec.as_os_str().to_owned()));
            words
        };
        let words = match contestant {
            Contestant::Compile => replank(&self.specs),
            Contestant::Again => replank(if self.is_edited { &self.edited } else { &self.specs }),
            Contestant::Edited => replank(if self.is_edited { &self.specs } else { &self.edited }),
            Contestant::Copy => command(&[&"cp", &"-r", &self.arena.path("fresh"), &output]),
            Contestant::CopyAndSync => {
                command(&[&"sh", &"-c", &"cp -r \"$1\" \"$2\" && sync -f \"$2\"", &"sh", &self.arena.path("fresh"), &output])
            }
            Contestant::Peer(peer) => peer.command(self.tools, &self.arena, &output),
        };
        match contestant {
            Contestant::Again => {}
            Contestant::Edited => self.is_edited = !self.is_edited,
            Contestant::Compile | Contestant::Copy | Contestant::CopyAndSync => cleared(&output)?,
            Contestant::Peer(peer) => {
                cleared(&output)?;
                peer.prepare(&self.arena, &output)?;
            }
        }
        self.arena.timed(&words)
    }

    fn output(&self, contestant: Contestant) -> PathBuf {
        self.arena.path(match contestant {
            Contestant::Compile => "fresh",
            Contestant::Again | Contestant::Edited => "plan",
            Contestant::Copy => "copy",
            Contestant::CopyAndSync => "synced",
            Contestant::Peer(peer) => peer.folder(),
        })
    }

    fn summed(&self, contestant: Contestant, taken: &[Sample]) -> Result<Run, Box<dyn Error>> {
        let output = self.output(contestant);
        match contestant {
            Contestant::Peer(peer) => {
                let workers = if peer == Peer::Kustomize { self.joiners().len() } else { self.machines - 8 };
                peer.prove(&output, &self.arena.path("fresh"), workers)?;
            }
            Contestant::Compile | Contestant::Again | Contestant::Edited | Contestant::Copy | Contestant::CopyAndSync => {}
        }
        let (files, bytes) = size(&output)?;
        Ok(Run {
            fleet: self.fleet.to_owned(),
            machines: self.machines,
            what: contestant.name().to_owned(),
            seconds: median(taken.iter().map(|sample| sample.seconds).collect()),
            rounds: taken.len(),
            peak: taken.iter().map(|sample| sample.peak).max().unwrap_or_default(),
            files,
            bytes,
        })
    }
}
