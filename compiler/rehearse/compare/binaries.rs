//! A cluster of binaries beside its nodes: whom running programs go by, what the API says of itself, and pods that must stay where they are.
//!
//! What counts is what a program was started with; a file that was changed since does not, until the end.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::rehearse::finding::Result;
use crate::rehearse::stage::Stage;
use crate::rehearse::world::WORKSTATION;
use crate::render::document::{DistributionDocument, FrameDocument};

use super::listed;

const A_WHILE: Duration = Duration::from_secs(20);

/// What a pod is told, and where it is, how it does, how often it was restarted; a line a pod.
const ARGUMENTS: &str = r#"{range .items[*]}{.metadata.name} {.spec.containers[*].args}{"\n"}{end}"#;
const PODS: &str =
    r#"{range .items[*]}{.metadata.name} {.spec.nodeName} {.status.phase} {.status.containerStatuses[*].restartCount}{"\n"}{end}"#;

/// Flags of running programs that name members of etcd.
const MEMBERS: &str = r"grep -zhoE '^--?etcd-(servers|endpoints)=.*' /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n'; true";

/// Where programs of a machine are told whom they go by: at their next start, and now.
const FILES: &str = "/etc/sysconfig /etc/systemd/system /usr/lib/systemd/system";
const RUNNING: &str =
    r"grep -zhoE '^--?(etcd-servers|etcd-endpoints|api-servers|master)=.*' /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n';";

/// Where objects of the cluster and the operator name machines. What a program of the team's own is told is a hook's business.
const CLUSTER: &str = r#"
kubectl get rc --all-namespaces -o jsonpath='{range .items[*]}{.metadata.name} {.spec.template.spec.containers[*].args}{"\n"}{end}'
kubectl get pods --all-namespaces -o jsonpath='{range .items[*]}{.metadata.name} {.spec.containers[*].args}{"\n"}{end}'
kubectl config view --raw
"#;

pub fn differences(stage: &Stage<'_>, row: &FrameDocument) -> Result<Vec<String>> {
    let DistributionDocument::Systemd(_) = &stage.cluster().distribution else { return Ok(Vec::new()) };
    let mut found = members(stage, row)?;
    found.extend(endpoints(stage, row)?);
    found.extend(pods(stage, row)?);
    Ok(found)
}

/// Nobody goes by a member that is none: neither a program on a machine, nor the cluster's DNS.
fn members(stage: &Stage<'_>, row: &FrameDocument) -> Result<Vec<String>> {
    let known: BTreeSet<String> = stage.client_urls(&row.etcd.voters)?.into_iter().collect();
    let mut found = Vec::new();
    for (machine, _) in stage.addresses.iter().filter(|(name, _)| !stage.has_failed(name)) {
        for line in stage.world.run(machine, MEMBERS, A_WHILE)?.stdout.lines() {
            found
                .extend(gone(&known, line).map(|url| format!("clients: a program on {machine} goes by {url}, which is no member of etcd")));
        }
    }
    let question = format!("{} get pods --all-namespaces -o jsonpath='{ARGUMENTS}'", stage.kubectl(row)?);
    for line in stage.world.run(WORKSTATION, &question, A_WHILE)?.stdout.lines() {
        let (pod, arguments) = line.split_once(' ').unwrap_or((line, ""));
        for argument in
            arguments.split(['"', '[', ']']).filter(|word| word.starts_with("--etcd-server=") || word.starts_with("--machines="))
        {
            found.extend(gone(&known, argument).map(|url| format!("clients: {pod} goes by {url}, which is no member of etcd")));
        }
    }
    Ok(found)
}

/// The URLs of a flag that nobody knows.
fn gone<'l>(known: &'l BTreeSet<String>, flag: &'l str) -> impl Iterator<Item = &'l str> {
    let urls = flag.split_once('=').map_or("", |(_, urls)| urls);
    urls.split(',').filter(|url| !url.is_empty() && !known.contains(*url))
}

/// Whom clients in the cluster are sent to.
fn endpoints(stage: &Stage<'_>, row: &FrameDocument) -> Result<Vec<String>> {
    let question = format!("{} get endpoints kubernetes -o jsonpath='{{.subsets[*].addresses[*].ip}}'", stage.kubectl(row)?);
    let outcome = stage.world.run(WORKSTATION, &question, A_WHILE)?;
    let mut promised = Vec::new();
    for machine in &row.api_servers {
        promised.push(stage.address(machine)?.to_string());
    }
    let seen: Vec<String> = outcome.stdout.split_whitespace().map(str::to_owned).collect();
    let text = || format!("API: the endpoints of `kubernetes` are {}; the ledger has {}", listed(&seen), listed(&promised));
    Ok(if outcome.succeeded() && seen != promised { vec![text()] } else { Vec::new() })
}

/// The pods that were there before the plan, each named after its node: an evicted one has a successor of another name.
fn pods(stage: &Stage<'_>, row: &FrameDocument) -> Result<Vec<String>> {
    let question = format!("{} get pods -l app=web -o jsonpath='{PODS}'", stage.kubectl(row)?);
    let outcome = stage.world.run(WORKSTATION, &question, A_WHILE)?;
    if !outcome.succeeded() {
        return Ok(vec![format!("pods: the workstation's kubectl gets no answer: {}", outcome.stderr.trim())]);
    }
    let seen: BTreeSet<String> = outcome.stdout.lines().map(str::to_owned).collect();
    let wanted: BTreeSet<String> = stage.plan.topology.source.workers.iter().map(|node| format!("web-{node} {node} Running 0")).collect();
    let lost = wanted.difference(&seen).map(|pod| format!("pods: not as before the plan: {pod}; there are: {}", listed(&seen)));
    let others = seen.difference(&wanted).map(|pod| format!("pods: this one was not there before the plan: {pod}"));
    Ok(lost.chain(others).collect())
}

/// Who still names a machine that has left, at the end: files that programs read at their next start, the DNS, the operator.
pub fn named(stage: &Stage<'_>) -> Result<Vec<String>> {
    let DistributionDocument::Systemd(_) = &stage.cluster().distribution else { return Ok(Vec::new()) };
    let (source, target) = (&stage.plan.topology.source, &stage.plan.topology.target);
    let stays = |machine: &String| [&target.control_plane, &target.workers, &target.etcd].iter().any(|role| role.contains(machine));
    let mut gone = Vec::new();
    for machine in source.control_plane.iter().chain(&source.etcd).filter(|machine| !stays(machine)) {
        gone.push(format!("-e '//{}:'", stage.address(machine)?));
    }
    if gone.is_empty() {
        return Ok(Vec::new());
    }
    let words = gone.join(" ");
    let files = format!("grep -rlF {words} {FILES} 2>/dev/null; {{ {RUNNING} }} | grep -F {words}; true");
    let mut found = Vec::new();
    for (machine, _) in stage.addresses.iter().filter(|(name, _)| stays(name)) {
        let lines = stage.world.run(machine, &files, A_WHILE)?.stdout;
        found.extend(lines.lines().map(|line| format!("{machine}: {line} names a machine that has left")));
    }
    let rest = format!("{{ {CLUSTER} }} | grep -F {words}; true");
    let lines = stage.world.run(WORKSTATION, &rest, A_WHILE)?.stdout;
    found.extend(lines.lines().map(|line| format!("the cluster: this names a machine that has left: {}", line.trim())));
    Ok(found)
}
