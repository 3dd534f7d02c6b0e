//! Random clusters of k3s with etcd inside the servers, whose machines are rebuilt while others help out: what a step does to a machine is what
//! the machine is at that moment, a server or an agent, and nobody joins who was not made ready.

use std::collections::BTreeMap;

use proptest::prelude::*;
use replank::pipeline::{Refusal, compile};
use replank::render::Language;
use replank::render::document::{PlanDocument, StepDocument};
use serde_json::json;

use super::{cases, file};

#[derive(Debug, Clone)]
struct Draw {
    servers: usize,
    agents: usize,
    /// Servers first, then agents.
    rebuilt: Vec<bool>,
    helping_servers: usize,
    helping_agents: usize,
    listed_as_members: bool,
}

fn draw() -> impl Strategy<Value = Draw> {
    let counts = (prop::sample::select(vec![1_usize, 3]), 0..3_usize, 0..3_usize, 0..2_usize);
    (counts, prop::collection::vec(any::<bool>(), 5), any::<bool>()).prop_map(
        |((servers, agents, helping_servers, helping_agents), rebuilt, listed_as_members)| Draw {
            servers,
            agents,
            rebuilt,
            helping_servers,
            helping_agents,
            listed_as_members,
        },
    )
}

fn names(kind: &str, count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("{kind}-{number}")).collect()
}

impl Draw {
    fn text(&self) -> String {
        let (servers, agents) = (names("server", self.servers), names("agent", self.agents));
        let (helping_servers, helping_agents) = (names("extra", self.helping_servers), names("aide", self.helping_agents));
        let mut machines = serde_json::Map::new();
        for (number, name) in servers.iter().chain(&agents).enumerate() {
            let rebuilt = self.rebuilt.get(number).copied().unwrap_or_default();
            let os = if rebuilt {
                json!({"source": "centos-7.9", "target": "ubuntu-22.04"})
            } else {
                json!({"source": "ubuntu-22.04", "target": "ubuntu-22.04"})
            };
            machines.insert(name.clone(), json!({"address": format!("10.30.0.{}", number + 11), "os": os}));
        }
        for (number, name) in helping_servers.iter().chain(&helping_agents).enumerate() {
            machines.insert(name.clone(), json!({"address": format!("10.30.1.{}", number + 11)}));
        }
        let end = json!({"controlPlane": servers, "workers": agents, "joinAddress": "server-1"});
        let mut temporary = json!({});
        if self.helping_servers > 0 {
            temporary["controlPlane"] = json!(helping_servers);
            if self.listed_as_members {
                temporary["etcd"] = json!(helping_servers);
            }
        }
        if self.helping_agents > 0 {
            temporary["workers"] = json!(helping_agents);
        }
        let mut spec = json!({
            "cluster": {"name": "property", "distribution": {"k3s": {
                "version": "v1.31.4+k3s1", "datastore": "embedded", "token": {"file": "/etc/rancher/k3s/join-token"},
            }}},
            "machines": machines, "source": end.clone(), "target": end,
            "policy": {"minimumEtcdTolerance": 0},
        });
        if temporary != json!({}) {
            spec["temporary"] = temporary;
        }
        json!({"apiVersion": "replank/v1alpha1", "kind": "Migration", "metadata": {"name": "property"}, "spec": spec}).to_string()
    }
}

/// All commands of a step, one after the other.
fn shell(step: &StepDocument) -> String {
    step.run.iter().chain(&step.rollback).map(|command| command.shell.as_str()).collect::<Vec<_>>().join("\n")
}

/// What is wrong in a plan, by its commands alone.
fn wrong(plan: &PlanDocument) -> Vec<String> {
    let mut wrong = Vec::new();
    let source = &plan.topology.source;
    let is_server = |name: &String| (name.clone(), true);
    let mut there: BTreeMap<String, bool> = source.control_plane.iter().map(is_server).collect();
    there.extend(source.workers.iter().map(|name| (name.clone(), false)));
    let mut ready: BTreeMap<String, bool> = BTreeMap::new();
    let mut was: BTreeMap<String, bool> = there.clone();
    for step in &plan.steps {
        let Some((verb, machine)) = step.action.trim_end_matches(')').split_once('(') else { continue };
        let all = shell(step);
        match verb {
            "machine.prepare"
                if step.phase != "10-prepare" && step.words.pause.as_ref().is_none_or(|text| text.en.contains("as long as you like")) =>
            {
                wrong.push(format!("{}: a cluster that lacks {machine} does not wait for ever", step.id));
            }
            "machine.prepare" => drop(ready.insert(machine.to_owned(), all.contains("/usr/local/bin/k3s --version"))),
            "cluster.join" => {
                // Only a server has an API server of its own to wait for.
                let joins_as_server = all.contains("/usr/local/bin/k3s kubectl");
                if ready.remove(machine) != Some(true) {
                    wrong.push(format!("{}: {machine} was not made ready for k3s", step.id));
                }
                there.insert(machine.to_owned(), joins_as_server);
                was.insert(machine.to_owned(), joins_as_server);
            }
            "cluster.leave" => {
                let service = if there.remove(machine) == Some(true) { "k3s" } else { "k3s-agent" };
                if !all.contains(&format!("systemctl disable --now {service}; fi")) {
                    wrong.push(format!("{}: {service} of {machine} is not stopped", step.id));
                }
                if (service == "k3s") != all.contains("member remove") {
                    wrong.push(format!("{}: {machine} ran {service}, and the member is treated otherwise", step.id));
                }
                if !all.contains(&format!("grep -xF -e '{machine}'")) {
                    wrong.push(format!("{}: {machine} is not noted as closed", step.id));
                }
            }
            "machine.clean-up" if !all.contains("k3s-uninstall.sh") && was.contains_key(machine) => {
                wrong.push(format!("{}: k3s stays on {machine}", step.id));
            }
            _ => {}
        }
    }
    wrong
}

proptest! {
    #![proptest_config(cases(25))]

    #[test]
    fn a_step_treats_a_machine_as_what_it_is_at_that_moment(draw in draw()) {
        let text = draw.text();
        match compile(&file(&text), &[Language::English]) {
            Ok(compiled) => {
                let wrong = wrong(&compiled.tree.document().unwrap());
                prop_assert!(wrong.is_empty(), "{wrong:#?}\n{text}");
            }
            Err(Refusal::Bug(what)) => return Err(TestCaseError::fail(format!("{what}\n{text}"))),
            Err(Refusal::Spec(findings)) => return Err(TestCaseError::fail(format!("{findings:?}\n{text}"))),
            // A single server cannot be rebuilt without another one.
            Err(Refusal::Unsafe { .. }) => prop_assert!(draw.servers == 1 || draw.helping_servers == 0, "{text}"),
        }
    }

    #[test]
    fn with_two_servers_that_help_out_every_cluster_can_be_rebuilt(draw in draw()) {
        let text = Draw { helping_servers: 2, ..draw }.text();
        let compiled = compile(&file(&text), &[Language::English]);
        let refused = match &compiled {
            Ok(_) => String::new(),
            Err(refusal) => format!("{refusal:?}"),
        };
        prop_assert!(compiled.is_ok(), "{refused}\n{text}");
    }
}
