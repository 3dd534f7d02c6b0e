//! Many kubean clusters and what may be done to them, each with the risks accepted that its plan takes.

use replank::diag::render::{Format, Style, render};
use replank::pipeline::{Compiled, Refusal, compile};
use replank::render::Language;
use replank::source::SourceFile;

/// Operator, and the Kubernetes release that runs.
const RELEASES: &[(&str, &str)] = &[("v0.12.2", "v1.27.5"), ("v0.20.0", "v1.30.4"), ("v0.34.0", "v1.33.8")];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    InPlace,
    WithHelpers,
    Replace,
    Grow,
    Bury,
    Revive,
}

const CHANGES: &[Change] = &[Change::InPlace, Change::WithHelpers, Change::Replace, Change::Grow, Change::Bury, Change::Revive];

/// The name of each story and its spec, without accepted risks.
fn stories() -> Vec<(String, String)> {
    let mut stories = Vec::new();
    for (number, change) in CHANGES.iter().enumerate() {
        for (release, etcd) in RELEASES.iter().flat_map(|release| [(release, "kubeadm"), (release, "host")]) {
            for network in ["online", "offline"] {
                let name = format!("{change:?}-{}-{etcd}-{network}", release.0);
                stories.push((name, story(*change, release, etcd, network, number + stories.len())));
            }
        }
    }
    stories
}

/// `variety` turns what does not matter to the change.
fn story(change: Change, (operator, kubernetes): &(&str, &str), etcd: &str, network: &str, variety: usize) -> String {
    let names = |kind: &str, range: std::ops::RangeInclusive<usize>| range.map(|number| format!("{kind}-{number}")).collect::<Vec<_>>();
    let dedicated = etcd == "host" && variety.is_multiple_of(2);
    let ends = |masters: Vec<String>, members: Vec<String>, workers: Vec<String>| {
        let etcd = if dedicated { members } else { masters.clone() };
        format!("    controlPlane: [{}]\n    etcd: [{}]\n    workers: [{}]\n", masters.join(", "), etcd.join(", "), workers.join(", "))
    };
    let workers = 2 + variety % 3;
    let source = ends(names("master", 1..=3), names("etcd", 1..=3), names("worker", 1..=workers));
    let (target, temporary) = match change {
        Change::InPlace | Change::Revive => (source.clone(), String::new()),
        Change::WithHelpers => {
            let list = "[helper-1, helper-2]";
            let roles = if dedicated { format!("etcd: {list}") } else { format!("controlPlane: {list}, etcd: {list}") };
            (source.clone(), format!("  temporary: {{{roles}}}\n"))
        }
        Change::Replace => (ends(names("master", 3..=5), names("etcd", 2..=4), names("worker", 2..=workers + 1)), String::new()),
        Change::Grow => (ends(names("master", 1..=5), names("etcd", 1..=5), names("worker", 1..=workers + 2)), String::new()),
        Change::Bury => (ends(names("master", 2..=4), names("etcd", 2..=4), names("worker", 1..=workers)), String::new()),
    };
    let mut machines = String::new();
    let all = [names("master", 1..=5), names("etcd", 1..=5), names("worker", 1..=8), names("helper", 1..=2)].concat();
    for (index, name) in all.iter().enumerate() {
        let is_named = [&source, &target, &temporary].iter().any(|end| end.contains(name.as_str()));
        let failed = match change {
            Change::Bury => name == "master-1" || name == "etcd-1",
            Change::Revive => name == "master-1" || name == "worker-2",
            Change::InPlace | Change::WithHelpers | Change::Replace | Change::Grow => false,
        };
        let state = if failed { ", state: failed" } else { "" };
        if is_named {
            machines.push_str(&format!("    {name}: {{address: 10.1.0.{}{state}}}\n", 11 + index));
        }
    }
    let (from, to) = match change {
        Change::InPlace | Change::WithHelpers | Change::Revive => {
            ["centos-7.9 ubuntu-22.04", "rhel-7.9 rocky-9", "kylin-v10-sp2 openeuler-22.03"]
        }
        Change::Replace | Change::Grow | Change::Bury => ["ubuntu-22.04 ubuntu-22.04", "rocky-9 rocky-9", "kylin-v10-sp2 kylin-v10-sp2"],
    }[variety % 3]
        .split_once(' ')
        .unwrap();
    let offline = if network == "offline" { "        offline: {repository: \"http://10.9.0.5:9000\"}\n" } else { "" };
    let balancer = if variety % 4 == 1 { "        loadBalancer: {address: 10.1.0.100}\n" } else { "" };
    let skipped = if variety % 3 == 1 { "        skipTags: [multus]\n" } else { "" };
    format!(
        "apiVersion: replank/v1alpha1\nkind: Migration\nmetadata: {{name: story-{variety}}}\nspec:\n  cluster:\n    name: story\n    \
         distribution:\n      kubean:\n        version: {operator}\n        image: ghcr.io/kubean-io/spray-job:{operator}\n        \
         kubernetes: {kubernetes}\n        etcdDeployment: {etcd}\n        managementKubeconfig: /root/.kube/management.yaml\n        \
         controlPlaneTakesPods: {}\n        operationsLimit: 100\n        variables: {{container_manager: containerd}}\n\
         {offline}{balancer}{skipped}  machines:\n{machines}  source:\n    os: {from}\n{source}  target:\n    os: {to}\n{target}{temporary}",
        variety % 2 == 1
    )
}

/// Every story compiled, after the risks that its plan takes were accepted as the refusal says.
pub fn plans() -> Vec<(String, Compiled)> {
    stories().into_iter().map(|(name, text)| (name.clone(), accepted(&name, text))).collect()
}

fn accepted(name: &str, mut text: String) -> Compiled {
    for round in 0..3 {
        let source = SourceFile::new("migration.yaml", &text);
        match compile(&source, &[Language::English]) {
            Ok(compiled) => return compiled,
            Err(Refusal::Unsafe { findings, .. } | Refusal::Spec(findings)) => {
                let shown = render(&findings, &source, Format::Human, Style::Plain);
                let entries: Vec<&str> = shown.lines().map(str::trim).filter(|line| line.starts_with("- {risk: ")).collect();
                // The one that would be taken with two helpers, which a refusal offers, is not taken without them.
                let entries: Vec<&str> =
                    entries.into_iter().filter(|entry| !entry.contains("helper-1") || text.contains("helper-1:")).collect();
                assert!(!entries.is_empty() && round < 2, "{name}\n{text}\n{shown}");
                if round == 0 {
                    text.push_str("  accept:\n");
                }
                entries.iter().for_each(|entry| text.push_str(&format!("    {entry}\n")));
            }
            Err(Refusal::Bug(error)) => panic!("{name}: {error}"),
        }
    }
    panic!("{name}: no plan");
}
