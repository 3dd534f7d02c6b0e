//! Plays every step of a plan, in order, against real etcd and real keepalived, with stand-ins for k3s and its tools.
//!
//! A client asks the API at the virtual IP all the while, and another writes to etcd. It knows no step by name: what it
//! compares at the end is the spec's target with what the machines say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use replank::model::Migration;

use super::certificates::Certificates;
use super::client::{Polled, Poller};
use super::document::{self, Document, Step};
use super::etcd::Cluster;
use super::hosts::{Network, WORKSTATION, World};
use super::ledger::Membership;
use super::old_cluster::{OldCluster, TOKEN, VRRP_PASSWORD, exported};
use super::play::{Failure, Part, play};
use super::rehearsal::{EtcdRehearsal, as_promised, at_rest};
use super::writer::{Writer, Written};

/// Whether steps are also undone and done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thoroughness {
    /// Each step as the runbook has it.
    Once,
    /// The first step of each action is rolled back and run again, every other one is run twice.
    UndoneAndRepeated,
}

#[derive(Debug)]
pub struct Report {
    pub steps: usize,
    pub written: Written,
    pub polled: Polled,
    /// The longest pauses at the virtual IP, with what was being played.
    pub pauses: Vec<(f64, String)>,
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Written { acknowledged, failed, lost, longest_gap_seconds, .. } = &self.written;
        writeln!(
            formatter,
            "{} steps; {acknowledged} writes, {} lost, {failed} failed, gap {longest_gap_seconds} s;",
            self.steps,
            lost.len()
        )?;
        writeln!(
            formatter,
            "{} answers at the virtual IP, {} failures {:?}",
            self.polled.answers, self.polled.failures, self.polled.reasons
        )?;
        self.pauses.iter().try_for_each(|(seconds, moment)| writeln!(formatter, "    {seconds:.3} s at {moment}"))
    }
}

struct Whole<'a> {
    world: &'a World,
    cluster: &'a Cluster<'a>,
    now: Membership,
    /// When what began.
    moments: Vec<(f64, String)>,
    seen: BTreeMap<String, usize>,
}

pub fn play_whole(plan_directory: &Path, migration: &Migration, thoroughness: Thoroughness) -> Result<Report, Failure> {
    let Document { machines, steps, .. } = document::read(plan_directory);
    let virtual_ip = migration.cluster.virtual_ip.as_ref().unwrap();
    let network = Network { interface: virtual_ip.interface.to_string(), prefix: Some(virtual_ip.address.value.prefix) };
    let mut world = World::open(plan_directory, &machines, &network);
    world.exported = exported(migration);
    let quiet = vec![TOKEN.to_owned(), VRRP_PASSWORD.to_owned()];
    world.secrets = quiet;
    let spec = EtcdRehearsal::of(migration);
    let certificates = Certificates::for_machines(&machines);
    let cluster = Cluster { world: &world, machines: &machines, spec: &spec, certificates: &certificates };
    cluster.start_source();
    let old = OldCluster { world: &world, migration, etcd: &cluster };
    old.start();
    let authority = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(authority.path(), old.authority()).unwrap();
    let address = virtual_ip.address.value.address.to_string();
    let poller = Poller::start(&world, &address, old.api_port(), authority.path());
    let writer = Writer::start(&world, &cluster.endpoints(&spec.source_machines()), &certificates);
    let now = Membership { voters: spec.source_machines(), learners: BTreeSet::new() };
    let mut whole = Whole { world: &world, cluster: &cluster, now, moments: Vec::new(), seen: BTreeMap::new() };
    for step in &steps {
        whole.step(step, thoroughness)?;
    }
    let (polled, written, moments, end) = (poller.finish(), writer.finish(), whole.moments, whole.now);
    let fail = |what: &str, details: String| Failure { step: "the end".into(), what: what.into(), details };
    if end.voters != spec.target || !written.lost.is_empty() || written.acknowledged == 0 {
        return Err(fail("the members are not the target, or writes are lost", format!("{end:?}\n{written:?}")));
    }
    is_the_target(&world, migration).map_err(|reason| fail("the cluster is not the target", reason))?;
    at_rest(&cluster, &end).map_err(|reason| fail("the cluster is not as it should be at rest", reason))?;
    let pauses = polled.gaps.iter().map(|gap| (gap.seconds, moment_of(&moments, gap.began))).collect();
    Ok(Report { steps: steps.len(), written, polled, pauses })
}

impl Whole<'_> {
    fn step(&mut self, step: &Step, thoroughness: Thoroughness) -> Result<(), Failure> {
        let action = step.action.split('(').next().unwrap_or_default().to_owned();
        let seen = self.seen.entry(action).or_default();
        *seen += 1;
        let first = *seen == 1;
        self.play(step, &[Part::Preconditions, Part::Run], "run")?;
        if thoroughness == Thoroughness::UndoneAndRepeated && first && !step.rollback.is_empty() {
            self.play(step, &[Part::Rollback], "rollback")?;
            // A member's ID is made of its URL and the second of its registration; no person is that fast.
            std::thread::sleep(Duration::from_millis(1100));
            self.play(step, &[Part::Preconditions, Part::Run], "run after its rollback")?;
        } else if thoroughness == Thoroughness::UndoneAndRepeated {
            self.play(step, &[Part::Run], "second run")?;
        }
        self.play(step, &[Part::Verify], "verify")?;
        if step.action.starts_with("etcd.") && step.after.get("etcd").is_some() {
            self.now = as_promised(self.cluster, step)?;
        }
        Ok(())
    }

    fn play(&mut self, step: &Step, parts: &[Part], what: &str) -> Result<(), Failure> {
        self.moments.push((seconds_now(), format!("{} ({what})", step.id)));
        play(self.world, step, parts).map_err(|failure| Failure { what: format!("{what}: {}", failure.what), ..failure })
    }
}

fn seconds_now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

fn moment_of(moments: &[(f64, String)], began: f64) -> String {
    moments.iter().take_while(|(start, _)| *start <= began + 0.05).last().map_or("the beginning", |(_, what)| what).to_owned()
}

/// Prints what still runs on a machine that has left.
const RUNS: &str = r#"
for program in etcd keepalived k3s; do if pgrep -x "$program" >/dev/null; then echo "$program runs"; fi; done
for path in /usr/local/bin/k3s /var/lib/rancher/k3s /etc/rancher/k3s /etc/systemd/system/k3s.service; do if [ -e "$path" ]; then echo "$path is left"; fi; done
if grep -q replank /etc/hosts; then echo 'a block in /etc/hosts'; fi
"#;

/// What the machines say at the end against the spec's target.
fn is_the_target(world: &World, migration: &Migration) -> Result<(), String> {
    let limit = Duration::from_secs(20);
    let nodes = world.run(WORKSTATION, "kubectl get nodes --no-headers | awk '{ print $1, $2 }' | sort", limit);
    let mut expected: Vec<_> = migration.target.nodes().map(|role| format!("{} Ready", role.value)).collect();
    expected.sort();
    if nodes.stdout.lines().collect::<Vec<_>>() != expected {
        return Err(format!("nodes: expected {expected:?}, found {nodes:?}"));
    }
    let address = migration.cluster.virtual_ip.as_ref().unwrap().address.value.address;
    let holds = |machine: &&replank::model::MachineName| {
        world.run(machine.as_str(), &format!("ip -o addr show to {address} | grep ."), limit).succeeded()
    };
    let holders: Vec<_> = migration.machines.keys().filter(holds).collect();
    if !matches!(holders[..], [one] if migration.target.is_virtual_ip_candidate(one)) {
        return Err(format!("the virtual IP is held by {holders:?}"));
    }
    let plays_a_role = |machine: &replank::model::MachineName| {
        let target = &migration.target;
        target.nodes().any(|role| role.value == *machine) || target.is_etcd_member(machine) || target.is_virtual_ip_candidate(machine)
    };
    for machine in migration.machines.keys() {
        let hygiene = if plays_a_role(machine) { "cat /var/lib/docker-of-the-rehearsal.json 2>/dev/null || true" } else { RUNS };
        let outcome = world.run(machine.as_str(), hygiene, limit);
        let wrong = if plays_a_role(machine) {
            outcome.stdout.contains("k8s_")
                || outcome.stdout.contains("somebodys_database")
                    != (migration.machines[machine].leftovers == replank::model::Leftovers::Remove)
        } else {
            !outcome.stdout.is_empty()
        };
        if wrong || !outcome.succeeded() {
            return Err(format!("{machine}: {outcome:?}"));
        }
    }
    Ok(())
}
