//! plan.json, SHA256SUMS and the files of a plan directory tell the same story.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::proof::document::{self, Document};

pub fn read(directory: &Path, document: &Document) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut complain = |what: String| complaints.push(format!("{}: {what}", directory.display()));
    let sums = Command::new("sha256sum").args(["-c", "--quiet", "--strict", "SHA256SUMS"]).current_dir(directory).output().unwrap();
    if !sums.status.success() || !sums.stdout.is_empty() || !sums.stderr.is_empty() {
        complain(format!("sha256sum -c SHA256SUMS: {}{}", String::from_utf8_lossy(&sums.stdout), String::from_utf8_lossy(&sums.stderr)));
    }
    let present = files(directory, directory);
    let text = std::fs::read_to_string(directory.join("SHA256SUMS")).unwrap_or_default();
    let summed: BTreeSet<_> = text.lines().filter_map(|line| line.split_once("  ")).map(|(_, path)| path.to_owned()).collect();
    for path in present.iter().filter(|path| *path != "SHA256SUMS" && !summed.contains(*path)) {
        complain(format!("{path} is not in SHA256SUMS"));
    }
    let listed: BTreeSet<_> = document.steps.iter().flat_map(|step| &step.artifacts).map(|artifact| artifact.path.clone()).collect();
    for path in listed.difference(&present) {
        complain(format!("plan.json lists {path}, which does not exist"));
    }
    for path in present.iter().filter(|path| path.starts_with("steps/") && !listed.contains(*path)) {
        complain(format!("plan.json does not list {path}"));
    }
    for artifact in document.steps.iter().flat_map(|step| &step.artifacts) {
        if let Some(reason) = implausible(artifact) {
            complain(format!("{}: {reason}", artifact.path));
        }
    }
    complaints
}

/// What is wrong with how a command says where and how long it runs.
pub fn command(document: &Document, command: &document::Command) -> Option<String> {
    if command.on != "workstation" && !document.machines.contains_key(&command.on) {
        return Some(format!("it runs on {}, which is no machine of the plan", command.on));
    }
    let retry = command.retry_every_seconds.unwrap_or(1);
    let bounded = (1..=86_400).contains(&command.timeout_seconds) && retry >= 1 && retry <= command.timeout_seconds;
    (!bounded)
        .then(|| format!("its times are not plausible: timeout {} s, retry {:?}", command.timeout_seconds, command.retry_every_seconds))
}

fn implausible(artifact: &document::Artifact) -> Option<String> {
    let mode = artifact.mode.as_deref().unwrap_or("0644");
    let octal = mode.len() == 4 && mode.starts_with('0') && mode.bytes().all(|digit| (b'0'..=b'7').contains(&digit));
    if !octal || mode.ends_with(['2', '3', '6', '7']) {
        return Some(format!("mode {mode} is not four octal digits, or lets everybody write"));
    }
    let word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if let Some(owner) = &artifact.owner
        && !owner.split_once(':').is_some_and(|(user, group)| word(user) && word(group))
    {
        return Some(format!("owner {owner} is not user:group"));
    }
    let destination = artifact.destination.as_deref().unwrap_or("/");
    // What is fed to several nodes names them instead.
    let is_of_the_cluster = ["kubeadm-config", "shell-script"].contains(&artifact.kind.as_str()) && !destination.starts_with('/');
    let others = ["cluster-operation", "config-map", "kubernetes-object", "machine-list", "node-list"];
    if is_of_the_cluster || others.contains(&artifact.kind.as_str()) {
        // An object: the resource and its name; or who reads it, and what.
        let plain = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.,".contains(&byte))
        };
        let is_object = destination.split_once('/').is_some_and(|(resource, name)| plain(resource) && plain(name));
        return (!is_object || artifact.owner.is_some()).then(|| format!("destination {destination} is no object"));
    }
    (!destination.starts_with('/') || destination.contains("..")).then(|| format!("destination {destination} is not an absolute path"))
}

/// Every file below the directory, relative to `root`, with `/` between the parts.
fn files(directory: &Path, root: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.append(&mut files(&path, root));
        } else {
            found.insert(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
        }
    }
    found
}
