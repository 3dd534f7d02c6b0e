//! Every file and command of a plan is accepted by the program that will read it.
//!
//! Many plans are read at once: equal texts are read once, and each program is started as rarely as it allows. The answer
//! is a list of complaints, each with the place it was first seen at; a plan without complaints gives none.

mod data;
mod environment;
mod keepalived;
mod listing;
mod nginx;
mod shells;
mod static_pods;
mod units;

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use super::document;
use super::requirements::{READERS, met};

pub use environment::read_install_environment;

/// Distinct texts with the place where each was first seen.
type Texts = IndexMap<String, String>;

#[derive(Default)]
struct Collected {
    commands: Texts,
    scripts: Texts,
    units: Texts,
    keepalived: Texts,
    nginx: Texts,
    yaml: Texts,
    json: Texts,
    static_pods: Texts,
    environments: Texts,
}

/// Where a program lies that reads for us.
fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("compiler/tests/proof/readers").join(name)
}

/// Reads plan directories with the real programs. Empty where that was switched off, which is then printed.
pub fn read_plans(plan_directories: &[PathBuf]) -> Vec<String> {
    if !met("reading the artifacts", READERS) {
        return Vec::new();
    }
    let mut complaints = Vec::new();
    let mut collected = Collected::default();
    for directory in plan_directories {
        collect(directory, &mut collected, &mut complaints);
    }
    complaints.extend(shells::read_commands(&collected.commands));
    complaints.extend(shells::read_scripts(&collected.scripts));
    complaints.extend(units::read(&collected.units));
    complaints.extend(keepalived::read(&collected.keepalived));
    complaints.extend(nginx::read(&collected.nginx));
    complaints.extend(data::read(&collected.yaml, "yaml"));
    complaints.extend(data::read(&collected.json, "json"));
    complaints.extend(static_pods::read(&collected.static_pods));
    complaints.extend(environment::read(&collected.environments));
    complaints
}

fn collect(directory: &Path, collected: &mut Collected, complaints: &mut Vec<String>) {
    let document = document::read(directory);
    complaints.extend(listing::read(directory, &document));
    for step in &document.steps {
        for command in step.commands() {
            let place = format!("{}: {} on {}", directory.display(), step.id, command.on);
            complaints.extend(
                shells::blanks_to_fill_in(&command.shell).map(|blank| format!("{place}: {blank} is left to fill in: {}", command.shell)),
            );
            complaints.extend(listing::command(&document, command).map(|reason| format!("{place}: {reason}")));
            collected.commands.entry(command.shell.clone()).or_insert(place);
        }
        for artifact in &step.artifacts {
            let path = directory.join(&artifact.path);
            // A missing file is `listing`'s complaint.
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let place = path.display().to_string();
            match collected.reader_of(artifact) {
                Some(texts) => drop(texts.entry(text).or_insert(place)),
                None if PLAIN.contains(&artifact.kind.as_str()) => {}
                None => complaints.push(format!("{place}: the proof has no reader for kind {:?}; give it one", artifact.kind)),
            }
        }
    }
}

/// Kinds of text without a program that only reads them.
const PLAIN: &[&str] = &["hosts-block", "machine-list", "node-list"];

impl Collected {
    /// Which program reads an artifact, by its name on the machine and by its kind.
    fn reader_of(&mut self, artifact: &document::Artifact) -> Option<&mut Texts> {
        let name = artifact.destination.as_deref().unwrap_or(&artifact.path);
        let named = |end: &str| name.ends_with(end) || artifact.path.ends_with(end);
        match artifact.kind.as_str() {
            "systemd-unit" => Some(&mut self.units),
            "shell-script" => Some(&mut self.scripts),
            "keepalived-conf" => Some(&mut self.keepalived),
            "nginx-conf" => Some(&mut self.nginx),
            "static-pod" => Some(&mut self.static_pods),
            "kubeadm-config" | "kubernetes-object" => Some(&mut self.yaml),
            "k3s-install-env" => Some(&mut self.environments),
            "k3s-config" => Some(&mut self.yaml),
            _ if named(".service") => Some(&mut self.units),
            _ if named(".sh") => Some(&mut self.scripts),
            _ if named("keepalived.conf") => Some(&mut self.keepalived),
            _ if named(".yaml") || named(".yml") => Some(&mut self.yaml),
            _ if named(".json") => Some(&mut self.json),
            _ if named(".env") => Some(&mut self.environments),
            _ => None,
        }
    }
}

/// Writes each text to a file of its own, and answers their paths in order.
fn write_all(directory: &Path, texts: impl Iterator<Item = impl AsRef<[u8]>>, suffix: &str) -> Vec<PathBuf> {
    let write = |(index, text): (usize, _)| {
        let path = directory.join(format!("{index:05}{suffix}"));
        std::fs::write(&path, text).unwrap();
        path
    };
    texts.enumerate().map(write).collect()
}

/// Puts the place of a text where a program's message names the file written for it.
fn with_places(output: &str, files: &[PathBuf], texts: &Texts) -> Vec<String> {
    let mut complaints = Vec::new();
    for line in output.lines().filter(|line| !line.trim().is_empty()) {
        let file =
            files.iter().zip(texts.values()).find(|(file, _)| line.contains(&*file.file_name().unwrap_or_default().to_string_lossy()));
        complaints.push(file.map_or_else(|| line.to_owned(), |(_, place)| format!("{place}: {line}")));
    }
    complaints
}
