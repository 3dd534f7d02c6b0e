//! Plays the etcd steps of a plan against real etcd, and compares what the plan promised with what etcd says.
//!
//! It plays what stands in plan.json, in the order in which it stands there, and has no opinion about how steps should look.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use replank::model::{Distribution, EtcdTls, Migration, TlsFiles};

use super::certificates::Certificates;
use super::document::{self, Command, Document, Step};
use super::etcd::Cluster;
use super::hosts::{Network, World};
use super::ledger::{Membership, promised};
use super::play::{Failure, Part, play, play_until};
use super::writer::{Writer, Written};

/// What plan.json does not say: how the source's etcd runs today, and where it shall end.
#[derive(Debug, Clone)]
pub struct EtcdRehearsal {
    pub source: Vec<SourceMember>,
    /// Machines.
    pub target: BTreeSet<String>,
    pub client_port: u16,
    pub peer_port: u16,
    pub data_dir: String,
    pub binary_directory: String,
    pub cluster_token: String,
    pub user: String,
    /// `None`: plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Where the plan expects etcd's programs on machines that join, instead of copying them.
    pub binaries_everywhere: bool,
}

#[derive(Debug, Clone)]
pub struct SourceMember {
    pub machine: String,
    /// The member's `--name`.
    pub name: String,
}

#[derive(Debug)]
pub struct Report {
    pub steps: Vec<String>,
    pub written: Written,
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Written { acknowledged, failed, lost, longest_gap_seconds, failures } = &self.written;
        write!(
            formatter,
            "{} steps; writes: {acknowledged} acknowledged, {} lost, {failed} failed {failures:?}; ",
            self.steps.len(),
            lost.len()
        )?;
        write!(formatter, "longest gap {longest_gap_seconds} s")
    }
}

impl EtcdRehearsal {
    /// The rehearsal of a compiled migration.
    #[allow(dead_code, reason = "for the tests of the examples")]
    pub fn of(migration: &Migration) -> Self {
        let Distribution::K3s(_) = &migration.cluster.distribution;
        let etcd = &migration.cluster.etcd;
        let source = migration
            .source
            .etcd
            .iter()
            .map(|role| SourceMember { machine: role.value.to_string(), name: etcd.member_name(&role.value).to_owned() });
        Self {
            source: source.collect(),
            target: migration.target.etcd.iter().map(|role| role.value.to_string()).collect(),
            client_port: number(&etcd.client_port),
            peer_port: number(&etcd.peer_port),
            data_dir: etcd.data_dir.to_string(),
            binary_directory: etcd.binary_directory.to_string(),
            cluster_token: etcd.cluster_token.to_string(),
            user: etcd.user.to_string(),
            tls: match &etcd.tls {
                EtcdTls::None => None,
                EtcdTls::Files(files) => Some(files.clone()),
            },
            binaries_everywhere: false,
        }
    }

    pub fn is_source(&self, machine: &str) -> bool {
        self.source.iter().any(|member| member.machine == machine)
    }

    pub fn source_machines(&self) -> BTreeSet<String> {
        self.source.iter().map(|member| member.machine.clone()).collect()
    }

    /// What of a step is played. Machines are prepared and cleaned for all their roles at once: there only the commands
    /// that speak of etcd count, for nothing else exists in this world.
    fn part_of(step: &Step) -> Option<Step> {
        if step.action.starts_with("etcd.") {
            return Some(step.clone());
        }
        let shared = ["machine.prepare(", "machine.clean-up("].iter().any(|action| step.action.starts_with(action));
        let about_etcd = |commands: &[Command]| commands.iter().filter(|command| command.shell.contains("etcd")).cloned().collect();
        shared.then(|| Step {
            preconditions: about_etcd(&step.preconditions),
            run: about_etcd(&step.run),
            verify: about_etcd(&step.verify),
            ..step.clone()
        })
    }
}

fn number(port: &impl std::fmt::Display) -> u16 {
    port.to_string().parse().unwrap()
}

/// Plays the plan's etcd steps while a client writes. `Err` names the step that failed, with the logs.
pub fn rehearse_etcd(plan_directory: &Path, spec: &EtcdRehearsal) -> Result<Report, Failure> {
    let Document { machines, steps, .. } = document::read(plan_directory);
    let world = World::open(plan_directory, &machines, &Network::default());
    let certificates = Certificates::for_machines(&machines);
    let cluster = Cluster { world: &world, machines: &machines, spec, certificates: &certificates };
    cluster.start_source();
    let writer = Writer::start(&world, &cluster.endpoints(&spec.source_machines()), &certificates);
    let mut now = Membership { voters: spec.source_machines(), learners: BTreeSet::new() };
    let mut undone = false;
    let mut played = Vec::new();
    for step in &steps.iter().filter_map(EtcdRehearsal::part_of).collect::<Vec<_>>() {
        let adds = step.action.starts_with("etcd.add(");
        if adds && !undone {
            try_rollback(&cluster, step, &now)?;
            undone = true;
        }
        let twice = if adds { &[Part::Run][..] } else { &[] };
        play(&world, step, &[Part::Preconditions, Part::Run])?;
        play(&world, step, twice).map_err(|failure| Failure { what: format!("run a second time: {}", failure.what), ..failure })?;
        play(&world, step, &[Part::Verify])?;
        if step.action.starts_with("etcd.") {
            now = as_promised(&cluster, step)?;
        }
        played.push(step.id.clone());
    }
    let end = |what: &str, details: String| Failure { step: "the end".into(), what: what.into(), details };
    if now.voters != spec.target {
        return Err(end("the members are not the target", format!("expected {:?}\nfound    {:?}", spec.target, now.voters)));
    }
    let written = writer.finish();
    if !written.lost.is_empty() || written.acknowledged == 0 {
        return Err(end("acknowledged writes are lost", format!("{written:?}")));
    }
    at_rest(&cluster, &now).map_err(|reason| end("the cluster is not as it should be at rest", reason))?;
    Ok(Report { steps: played, written })
}

/// The first addition is interrupted after its registration, then after its last command, and undone each time: the
/// members must be those of before, and the step itself must be possible afterwards.
fn try_rollback(cluster: &Cluster<'_>, step: &Step, before: &Membership) -> Result<(), Failure> {
    let undo = |interrupted: &str| {
        let explain = |failure: Failure| Failure { what: format!("rollback after {interrupted}: {}", failure.what), ..failure };
        play(cluster.world, step, &[Part::Rollback]).map_err(explain)?;
        let what = format!("after a rollback ({interrupted}) the members are not those of before");
        // A member's ID is made of its URL and the second of its registration: the same URL within the same second would be
        // the member just removed, and etcd says `member not found`. No person is that fast.
        std::thread::sleep(Duration::from_millis(1100));
        cluster.agrees_on(before).map_err(|details| Failure { step: step.id.clone(), what, details })
    };
    play(cluster.world, step, &[Part::Preconditions])?;
    play_until(cluster.world, step, "member add")?;
    undo("the registration")?;
    play(cluster.world, step, &[Part::Preconditions, Part::Run])?;
    undo("the last command")
}

pub fn as_promised(cluster: &Cluster<'_>, step: &Step) -> Result<Membership, Failure> {
    let fail = |what: &str, details: String| Failure { step: step.id.clone(), what: what.into(), details };
    let expected = promised(&step.after).ok_or_else(|| fail("`after` does not say who votes", step.after.to_string()))?;
    cluster.agrees_on(&expected).map_err(|reason| fail("the members are not those that `after` promises", reason))?;
    Ok(expected)
}

/// Equal data on every member, every member comes back from its unit, nothing is left of those that went.
pub fn at_rest(cluster: &Cluster<'_>, end: &Membership) -> Result<(), String> {
    cluster.wait_until("equal hashes on every member", || {
        let hashes = cluster.hashes(&end.voters);
        hashes.iter().all(|hash| *hash == hashes[0])
    });
    for machine in &end.voters {
        let restarted = cluster.world.run(
            machine,
            "systemctl daemon-reload && systemctl is-enabled etcd && systemctl restart etcd",
            Duration::from_secs(30),
        );
        if !restarted.succeeded() {
            return Err(format!("{machine} does not come back from its unit: {restarted:?}"));
        }
        cluster.agrees_on(end).map_err(|reason| format!("after {machine} was restarted: {reason}"))?;
    }
    for machine in cluster.spec.source_machines().difference(&cluster.spec.target) {
        let script = GONE.replace("$data_dir", &cluster.spec.data_dir);
        let left = cluster.world.run(machine, &script, Duration::from_secs(10));
        if !left.succeeded() || !left.stdout.is_empty() {
            return Err(format!("on {machine} something is left of etcd: {}{}", left.stdout, left.stderr));
        }
    }
    Ok(())
}

/// Prints what is left of a member.
const GONE: &str = r#"
if pgrep -x etcd; then echo "etcd runs"; fi
if systemctl is-enabled etcd 2>/dev/null; then echo "etcd.service is enabled"; fi
for file in /etc/systemd/system/etcd.service /usr/lib/systemd/system/etcd.service; do
    if [ -e "$file" ]; then echo "$file exists"; fi
done
if [ -e "$data_dir/member" ]; then echo "$data_dir/member exists"; fi
"#;
