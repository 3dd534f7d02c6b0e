//! Random clusters of k3s whose servers are members of etcd: what compiles is proved and ends at the target, what is refused is refused
//! for a reason, and every server reads what k3s knows.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use replank::diag::{Code, Findings, Severity};
use replank::ir::{Action, MachineRole, Plan};
use replank::model::{EtcdJoin, JoinAddress, Migration, Order};
use replank::pipeline::{Refusal, compile};
use replank::render::Language;
use replank::verify::judge;
use serde_json::{Value, json};

use super::kubeadm::bracketed;
use super::{cases, file, planned, resolved};

const SERVERS: [&str; 7] = ["s-1", "s-10", "s-2", "s", "etcd-0", "virtual", "k3s"];
const AGENTS: [&str; 3] = ["w-1", "w-10", "agent"];

/// What becomes of a machine that is there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answers,
    /// It is dead, and leaves.
    Failed,
    /// It is dead or has another operating system, and comes back.
    Rebuilt {
        failed: bool,
    },
}

#[derive(Debug, Clone)]
struct Draw {
    servers: [Vec<String>; 2],
    agents: [Vec<String>; 2],
    fates: Vec<Fate>,
    /// 0: no virtual IP; 1: at the target; 2: at both ends.
    virtual_ip: u8,
    candidates: [usize; 2],
    by_machine: [bool; 2],
    remove_first: bool,
    voter: bool,
    tolerance: u32,
    docker: bool,
    six: bool,
    version: &'static str,
}

fn list(pool: &'static [&'static str], least: usize, most: usize) -> impl Strategy<Value = Vec<String>> {
    let names: Vec<String> = pool.iter().map(|name| (*name).to_owned()).collect();
    (Just(names).prop_shuffle(), least..=most).prop_map(|(names, count)| names.into_iter().take(count).collect())
}

fn servers() -> impl Strategy<Value = [Vec<String>; 2]> {
    (list(&SERVERS, 1, 5), list(&SERVERS, 1, 5), 0..4_u8).prop_map(|(source, drawn, fate)| match fate {
        0 => [source.clone(), source],
        // One is replaced, or comes in addition.
        1 => {
            let mut target: Vec<_> = source.iter().skip(1).cloned().collect();
            target.extend(drawn.into_iter().filter(|name| !source.contains(name)).take(1));
            let target = if target.is_empty() { source.clone() } else { target };
            [source, target]
        }
        _ => [source, drawn],
    })
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        8 => Just(Fate::Answers),
        2 => Just(Fate::Failed),
        1 => any::<bool>().prop_map(|failed| Fate::Rebuilt { failed }),
    ]
}

fn draw() -> impl Strategy<Value = Draw> {
    let policy = (any::<bool>(), any::<bool>(), 0..=2_u32);
    let versions = prop::sample::select(vec!["v1.22.5+k3s1", "v1.28.5+k3s1", "v1.31.4+k3s1"]);
    let machines = (servers(), [list(&AGENTS, 0, 3), list(&AGENTS, 0, 3)], prop::collection::vec(fate(), SERVERS.len() + AGENTS.len()));
    let address = (0..3_u8, [1..=5_usize, 1..=5_usize], any::<[bool; 2]>());
    (machines, address, policy, any::<[bool; 2]>(), versions).prop_map(
        |((servers, agents, fates), (virtual_ip, candidates, by_machine), (remove_first, voter, tolerance), [docker, six], version)| Draw {
            servers,
            agents,
            fates,
            virtual_ip,
            candidates,
            by_machine,
            remove_first,
            voter,
            tolerance,
            docker,
            six,
            version,
        },
    )
}

impl Draw {
    fn fate(&self, name: &str) -> Fate {
        let at = SERVERS.iter().chain(&AGENTS).position(|known| *known == name).unwrap();
        let is_at = |end: usize| self.servers[end].iter().chain(&self.agents[end]).any(|found| found == name);
        match self.fates[at] {
            Fate::Failed if is_at(0) && !is_at(1) => Fate::Failed,
            Fate::Rebuilt { failed } if is_at(0) && is_at(1) => Fate::Rebuilt { failed },
            _ => Fate::Answers,
        }
    }

    fn is_dead(&self, name: &str) -> bool {
        matches!(self.fate(name), Fate::Failed | Fate::Rebuilt { failed: true })
    }

    /// Whether one that answers is rebuilt while it is a candidate for the virtual IP.
    fn rebuilds_a_candidate(&self) -> bool {
        let candidates = self.servers.iter().zip(self.candidates).flat_map(|(servers, count)| servers.iter().take(count));
        self.virtual_ip > 0 && candidates.into_iter().any(|name| self.fate(name) == Fate::Rebuilt { failed: false })
    }

    fn machines(&self) -> Value {
        let ends = [&self.servers[0], &self.agents[0], &self.servers[1], &self.agents[1]];
        let names: BTreeSet<&String> = ends.into_iter().flatten().collect();
        let known: Vec<&str> = SERVERS.iter().chain(&AGENTS).copied().collect();
        let machine = |name: &&String| {
            let number = known.iter().position(|known| known == *name).unwrap() + 11;
            let address = if self.six { format!("fd00:20::{number}") } else { format!("10.20.0.{number}") };
            let mut value = json!({"address": address});
            if self.is_dead(name) {
                value["state"] = json!("failed");
            }
            if matches!(self.fate(name), Fate::Rebuilt { .. }) {
                value["os"] = json!({"source": "centos-7.9", "target": "ubuntu-22.04"});
            }
            value
        };
        names.iter().map(|name| ((*name).clone(), machine(name))).collect::<serde_json::Map<_, _>>().into()
    }

    fn end(&self, end: usize) -> Value {
        let mut value = json!({"controlPlane": self.servers[end], "workers": self.agents[end]});
        let holds = self.virtual_ip > 0 && (end == 1 || self.virtual_ip == 2);
        if holds {
            value["virtualIp"] = self.servers[end].iter().take(self.candidates[end]).cloned().collect();
        }
        let alive = self.servers[end].iter().find(|name| end == 1 || !self.is_dead(name));
        if let Some(server) = alive.filter(|_| self.by_machine[end] || !holds) {
            value["joinAddress"] = json!(server);
        }
        value
    }

    fn value(&self, accept: &[Value]) -> Value {
        let mut cluster = json!({
            "name": "property",
            "distribution": {"k3s": {
                "version": self.version, "datastore": "embedded", "runtime": if self.docker { "docker" } else { "containerd" },
                "token": {"file": "/etc/rancher/k3s/join-token"},
                "serverConfig": {"disable": ["traefik"], "etcd-snapshot-retention": 10, "tls-san": ["api.example.org"]},
                "agentConfig": {"node-label": ["tier=one"]},
            }},
        });
        if self.virtual_ip > 0 {
            let address = if self.six { "fd00:20::100/64" } else { "10.20.0.100/24" };
            cluster["virtualIp"] = json!({"address": address, "interface": "eth0", "routerId": 51});
        }
        json!({
            "apiVersion": "replank/v1alpha1", "kind": "Migration", "metadata": {"name": "property"},
            "spec": {
                "cluster": cluster, "machines": self.machines(), "source": self.end(0), "target": self.end(1),
                "policy": {
                    "order": if self.remove_first { "removeThenAdd" } else { "addThenRemove" },
                    "etcd": {"join": if self.voter { "voter" } else { "learner" }},
                    "minimumEtcdTolerance": self.tolerance,
                },
                "accept": accept,
            },
        })
    }

    fn text(&self) -> String {
        self.value(&[]).to_string()
    }

    /// The text with every risk accepted that its plan takes.
    fn accepting(&self) -> String {
        let Some((migration, plan)) = planned(&self.text()) else { return self.text() };
        let (_, findings) = judge(&migration, &plan);
        let risks: BTreeSet<_> = findings.iter().filter_map(|finding| replank::verify::acceptance::risk_name(finding.code)).collect();
        let phases: BTreeSet<_> = plan.steps.iter().map(|step| step.phase.folder()).collect();
        let entry = |risk: &&str, phase: &&str| json!({"risk": risk, "at": phase, "reason": "a property asks"});
        let entries = risks.iter().flat_map(|risk| phases.iter().map(|phase| entry(risk, phase)));
        self.value(&entries.collect::<Vec<_>>()).to_string()
    }
}

fn errors(findings: &Findings) -> BTreeSet<Code> {
    findings.iter().filter(|finding| finding.severity() == Severity::Error).map(|finding| finding.code).collect()
}

/// Whether what is there, and what the user asked for, make this finding inevitable.
fn is_explained(code: Code, draw: &Draw, migration: &Migration) -> bool {
    let (source, target, policy) = (&migration.source, &migration.target, &migration.policy);
    let remove_first = policy.order.value == Order::RemoveThenAdd;
    let rebuilds = migration.machines.keys().any(|name| migration.is_rebuilt(name));
    let dead = draw.servers[0].iter().filter(|name| draw.is_dead(name)).count();
    let alive = draw.servers[0].len() - dead;
    match code {
        Code::V102 | Code::V103 => {
            remove_first
                || rebuilds
                || alive < 3
                || target.control_plane.len() < 3
                || target.virtual_ip.len() == 1
                || source.virtual_ip.len() == 1
        }
        Code::V201 => alive < 3 || target.etcd.len() < 3 || rebuilds || policy.etcd_join.value == EtcdJoin::Voter,
        // Servers restart for the certificate of an address, and its holder when it hands the address over.
        Code::V202 => {
            draw.virtual_ip > 0
                || remove_first
                || rebuilds
                || dead > 0
                || policy.etcd_join.value == EtcdJoin::Voter
                || target.etcd.len() < 5
        }
        // Workers that join ask at a server that comes when others have gone.
        // A dead one that comes back asks there as well, before that one has come.
        Code::V101 => rebuilds || (remove_first && (draw.by_machine[1] || draw.virtual_ip == 0)),
        // A server that is rebuilt may hold the address, and nobody takes it away first.
        Code::V303 | Code::V306 => draw.rebuilds_a_candidate(),
        Code::V405 => rebuilds || remove_first,
        // The address moves before those come that hold it afterwards, or with those that died.
        Code::V302 | Code::V305 => remove_first || rebuilds || dead > 0,
        // Pods of those that go first have nowhere to go where no node of the source stays.
        Code::V402 => remove_first || rebuilds || dead > 0,
        Code::V205 => target.etcd.len() % 2 == 0,
        _ => false,
    }
}

/// What no plan may do, in words; written without a look at the judge.
fn wrong(migration: &Migration, plan: &Plan) -> Vec<String> {
    let names = |roles: &[replank::source::Located<replank::model::MachineName>]| {
        roles.iter().map(|role| role.value.clone()).collect::<BTreeSet<_>>()
    };
    let mut servers = names(&migration.source.control_plane);
    let mut agents = names(&migration.source.workers);
    let (mut fenced, mut installed, mut wrong) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for step in &plan.steps {
        match &step.action {
            Action::FenceMachine { machine } => drop(fenced.insert(machine.clone())),
            Action::ReinstallMachine { machine, .. } => drop(installed.insert(machine.clone())),
            Action::JoinCluster { machine, roles, .. } => {
                let list = if roles.contains(&MachineRole::ControlPlane) { &mut servers } else { &mut agents };
                if !list.insert(machine.clone()) {
                    wrong.push(format!("{}: it is there", step.id));
                }
                if servers.iter().any(|name| migration.is_failed(name) && !installed.contains(name))
                    && roles.contains(&MachineRole::ControlPlane)
                {
                    wrong.push(format!("{}: a dead member is still counted", step.id));
                }
            }
            Action::LeaveCluster { machine, .. } => {
                if !servers.remove(machine) && !agents.remove(machine) {
                    wrong.push(format!("{}: it is not there", step.id));
                }
                if migration.is_failed(machine) && !fenced.contains(machine) && !installed.contains(machine) {
                    wrong.push(format!("{}: nobody has made sure that it is off", step.id));
                }
            }
            Action::RepointWorker { machine, join: JoinAddress::Machine(server) } if !servers.contains(server) => {
                wrong.push(format!("{}: {machine} is sent to {server}, which is no server", step.id));
            }
            Action::AddControlPlane { .. } | Action::AddWorker { .. } | Action::RemoveNode { .. } | Action::AddEtcdMember { .. } => {
                wrong.push(format!("{}: roles do not travel apart", step.id));
            }
            _ => {}
        }
        if servers.is_empty() {
            wrong.push(format!("{}: nobody is left", step.id));
        }
    }
    if servers != names(&migration.target.control_plane) || agents != names(&migration.target.workers) {
        wrong.push(format!("the end: {servers:?}, {agents:?}"));
    }
    wrong
}

/// Keys that k3s's reference lists for both, and for servers alone; of those a plan may use.
const BOTH: &[&str] = &["node-name", "node-ip", "token-file", "docker", "server", "node-label"];
const SERVER: &[&str] = &["https-listen-port", "tls-san", "disable", "etcd-snapshot-retention"];

/// What is wrong with a server's or an agent's `config.yaml`.
fn misread(config: &Value, is_server: bool, homes: &BTreeSet<String>) -> Vec<String> {
    let map = config.as_object().unwrap();
    let known = |key: &&String| BOTH.contains(&key.as_str()) || (is_server && SERVER.contains(&key.as_str()));
    let mut wrong: Vec<String> = map.keys().filter(|key| !known(key)).map(|key| format!("`{key}` is not for it")).collect();
    let server = map.get("server").and_then(Value::as_str).unwrap_or_default();
    if !homes.contains(server) {
        wrong.push(format!("`server: {server}` is none of {homes:?}"));
    }
    wrong
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_refusal_is_explained_and_a_plan_ends_at_the_target(draw in draw()) {
        let text = draw.text();
        let Some((migration, plan)) = planned(&text) else { return Ok(()) };
        let (_, findings) = judge(&migration, &plan);
        let steps: Vec<_> = plan.steps.iter().map(|step| format!("{}: {}", step.id, step.action)).collect();
        let dead = draw.servers[0].iter().filter(|name| draw.is_dead(name)).count();
        if dead * 2 >= draw.servers[0].len() {
            // No step helps a cluster that has lost its quorum before the first one.
            prop_assert!(plan.steps.is_empty() || errors(&findings).contains(&Code::V201), "{findings:?}\n{text}");
            return Ok(());
        }
        // A server that is rebuilt in place may be the only one, the address of others, or a candidate: much is refused there, safely.
        let rebuilds = migration.machines.keys().any(|name| migration.is_rebuilt(name));
        for code in errors(&findings).into_iter().filter(|_| !rebuilds) {
            let found: Vec<_> = findings.iter().filter(|finding| finding.code == code).map(|finding| (finding.step.clone(), finding.label.text.clone())).collect();
            prop_assert!(is_explained(code, &draw, &migration), "{} {found:?}\n{text}\n{steps:#?}", code.name());
        }
        let wrong = wrong(&migration, &plan);
        // What is wrong in a plan that is refused for good reason nobody carries out.
        prop_assert!(wrong.is_empty() || (rebuilds && findings.has_errors()), "{wrong:?}\n{text}\n{steps:#?}");
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn what_compiles_is_read_by_k3s(draw in draw()) {
        let text = draw.accepting();
        let Some(migration) = resolved(&text) else { return Ok(()) };
        let compiled = match compile(&file(&text), &[Language::English, Language::Chinese]) {
            Ok(compiled) => compiled,
            Err(Refusal::Bug(what)) => return Err(TestCaseError::fail(format!("{what}\n{text}"))),
            Err(_) => return Ok(()),
        };
        let files = &compiled.tree.files;
        let (_, plan) = planned(&text).unwrap();
        let home = |address: &str| format!("https://{}:6443", bracketed(address));
        let address = |name: &replank::model::MachineName| migration.machines[name].address.to_string();
        let mut last: BTreeMap<String, (Value, bool, String)> = BTreeMap::new();
        for step in &plan.steps {
            let Some(config) = files.get(&format!("steps/{}/config.yaml", step.id)) else { continue };
            let machine = step.action.machine().unwrap();
            let is_server = migration.target.is_control_plane(machine) || migration.source.is_control_plane(machine);
            let config: Value = serde_yaml::from_str(config).unwrap();
            for key in ["cluster-init", "cluster-reset", "datastore-endpoint", "token", "K3S_URL"] {
                prop_assert!(config.get(key).is_none(), "{}: {key}\n{text}", step.id);
            }
            prop_assert_eq!(&config["node-name"], machine.as_str());
            prop_assert!(config["server"] != home(&address(machine)), "{} asks itself\n{text}", step.id);
            // Names and values as a shell reads them.
            let lines = files[&format!("steps/{}/install.env", step.id)].lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
            let environment: BTreeMap<_, _> = lines.map(|line| line.split_once('=').unwrap_or((line, "?"))).collect();
            let command = if is_server { "server" } else { "agent" };
            let expected = [("INSTALL_K3S_EXEC", command), ("INSTALL_K3S_SKIP_DOWNLOAD", "true"), ("INSTALL_K3S_SKIP_START", "true")];
            prop_assert_eq!(environment, BTreeMap::from(expected), "{}", step.id);
            last.insert(machine.to_string(), (config, is_server, step.id.to_string()));
        }
        let mut homes: BTreeSet<String> = migration.target.control_plane.iter().map(|role| home(&address(&role.value))).collect();
        if let Some(virtual_ip) = &migration.cluster.virtual_ip {
            homes.insert(home(&virtual_ip.address.value.address.to_string()));
        }
        let is_alone = migration.target.control_plane.len() == 1;
        for (machine, (config, is_server, step)) in &last {
            // A server that ends alone has nobody else to name.
            if is_alone && *is_server { continue }
            let wrong = misread(config, *is_server, &homes);
            prop_assert!(wrong.is_empty(), "{machine} by {step}: {wrong:?}\n{text}");
        }
    }
}

proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 5, failure_persistence: None, ..Default::default() })]

    #[test]
    fn nearly_every_such_spec_is_valid_and_most_compile(draws in prop::collection::vec(draw(), 40)) {
        let refused: Vec<_> = draws.iter().filter(|draw| resolved(&draw.text()).is_none()).collect();
        prop_assert!(refused.len() <= 6, "{} of 40 are invalid, as {:?}", refused.len(), refused.iter().map(|draw| draw.text()).collect::<Vec<_>>());
        let is_safe = |draw: &&Draw| {
            let (migration, plan) = planned(&draw.accepting()).unwrap();
            let codes = errors(&judge(&migration, &plan).1);
            codes.is_subset(&BTreeSet::from([Code::V504]))
        };
        let valid: Vec<_> = draws.iter().filter(|draw| resolved(&draw.text()).is_some()).collect();
        let safe = valid.iter().copied().filter(is_safe).count();
        prop_assert!(safe >= 8, "{safe} of {} compile", valid.len());
    }
}
