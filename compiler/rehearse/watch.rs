//! All witnesses together: started before the first step, followed while endpoints come and go, asked at the end.

use std::collections::BTreeMap;

use crate::render::document::{ExposureDocument, FrameDocument, PlanDocument};

use super::compare::{Balancer, Writer, balancers};
use super::finding::{Finding, Kind, Result};
use super::gaps::{Activity, Diary, Gap, now};
use super::stage::Stage;
use super::witness::{Change, Pace, Seen, Witness};

/// The longest that etcd or the API may be away before clusters suffer: Kubernetes' controllers give up their lease after 10 s
/// without a renewal (kube-controller-manager, `--leader-elect-renew-deadline`).
const TOO_LONG_SECONDS: f64 = 10.0;
/// Two machines may both hold the address for as long as their adverts cross, which are sent every second.
const BOTH_SECONDS: f64 = 1.0;

pub const VIRTUAL_IP: &str = "virtual IP";
pub const API_SERVERS: &str = "API servers";

pub struct Watch {
    writer: Witness,
    clients: Vec<Witness>,
    /// Where a load balancer stands behind the virtual IP: its connections end when the address moves, and must not hang.
    stream: Option<Witness>,
    holders: Option<Witness>,
    /// Clients of load balancers, and of those that have gone what they saw and when they ended.
    behind_balancers: Vec<(Balancer, Witness)>,
    ended: Vec<(String, Seen, f64)>,
}

/// What was seen, with its gaps.
#[derive(Debug, Default)]
pub struct Watched {
    pub writer: Seen,
    pub writer_gaps: Vec<Gap>,
    /// By endpoint.
    pub clients: BTreeMap<String, (Seen, Vec<Gap>)>,
    /// A long-lived stream through the virtual IP, and when it was silent.
    pub stream: Option<(Seen, Vec<Gap>)>,
    /// Runs of API servers that noted when they wrote; empty where none does.
    pub api_writers: Vec<Writer>,
    /// Times in which nobody held the virtual IP, and in which more than one did.
    pub unheld: Vec<Gap>,
    pub held_twice: Vec<Gap>,
}

impl Watch {
    pub fn start(stage: &Stage<'_>) -> Result<Self> {
        let topology = &stage.plan.topology;
        let mut servers = Vec::new();
        for machine in topology.source.control_plane.iter().chain(&topology.target.control_plane) {
            servers.push((stage.address(machine)?.to_string(), stage.api_port()));
        }
        servers.sort();
        servers.dedup();
        let mut clients = vec![Witness::client(stage, API_SERVERS, &servers)?];
        let (mut holders, mut stream) = (None, None);
        if let Some(address) = stage.virtual_ip() {
            clients.push(Witness::client(stage, VIRTUAL_IP, &[(address.to_owned(), stage.endpoint_port())])?);
            holders = Some(Witness::holders(stage, address)?);
            if stage.cluster().load_balancer.is_some() {
                stream = Some(Witness::stream(stage, VIRTUAL_IP, address, stage.endpoint_port())?);
            }
        }
        Ok(Self { writer: Witness::writer(stage)?, clients, stream, holders, behind_balancers: Vec::new(), ended: Vec::new() })
    }

    /// The client at the virtual IP looks so closely from now on. The others do not: each question is a handshake, and costs time that
    /// the hosts need for what is measured.
    pub fn look(&mut self, pace: Pace) -> Result<()> {
        let mut clients = self.clients.iter_mut().filter(|witness| witness.name() == VIRTUAL_IP);
        clients.try_for_each(|witness| witness.look(pace))
    }

    /// Load balancers come and go with the steps; each has a client from the step that starts it on.
    /// `began`: when the step began that was just played, in seconds since 1970.
    pub fn follow(&mut self, stage: &Stage<'_>, began: f64) -> Result<()> {
        let mut running = balancers(stage)?;
        running.retain(Balancer::is_published);
        let is_at = |one: &Balancer, other: &Balancer| one.name() == other.name() && one.address == other.address;
        for (balancer, witness) in std::mem::take(&mut self.behind_balancers) {
            if running.iter().any(|each| is_at(each, &balancer)) {
                self.behind_balancers.push((balancer, witness));
            } else {
                let name = witness.name().to_owned();
                // It may have been stopped at any moment of the step: from its beginning on, silence is no gap.
                self.ended.push((name, witness.finish()?, began));
            }
        }
        for balancer in running {
            if !self.behind_balancers.iter().any(|(each, _)| is_at(each, &balancer)) {
                let place = (balancer.address.to_string(), balancer.port);
                let witness = Witness::client(stage, &balancer.name(), &[place])?;
                self.behind_balancers.push((balancer, witness));
            }
        }
        Ok(())
    }

    pub fn finish(self, diary: &Diary) -> Result<Watched> {
        let mut clients = BTreeMap::new();
        for (name, seen, ended) in self.ended {
            remember(&mut clients, name, seen, diary, ended);
        }
        for witness in self.clients.into_iter().chain(self.behind_balancers.into_iter().map(|(_, witness)| witness)) {
            let (name, ended) = (witness.name().to_owned(), now());
            remember(&mut clients, name, witness.finish()?, diary, ended);
        }
        let ended = now();
        let changes: Vec<Change> = self.holders.map_or(Ok(Vec::new()), Witness::finish)?;
        let (unheld, held_twice) = (diary.held_by(&changes, ended, |count| count == 0), diary.held_by(&changes, ended, |count| count > 1));
        let stream = match self.stream {
            None => None,
            Some(witness) => {
                let ended = now();
                let seen: Seen = witness.finish()?;
                let gaps = diary.gaps(&seen, ended);
                Some((seen, gaps))
            }
        };
        let ended = now();
        let writer: Seen = self.writer.finish()?;
        let writer_gaps = diary.gaps(&writer, ended);
        Ok(Watched { writer, writer_gaps, clients, stream, api_writers: Vec::new(), unheld, held_twice })
    }
}

/// An endpoint that went and came back is one endpoint, and its absence no gap.
fn remember(clients: &mut BTreeMap<String, (Seen, Vec<Gap>)>, name: String, seen: Seen, diary: &Diary, ended: f64) {
    let gaps = diary.gaps(&seen, ended);
    let (known, longest) = clients.entry(name).or_default();
    known.moments.extend(seen.moments);
    known.failed += seen.failed;
    known.reasons.extend(seen.reasons);
    longest.extend(gaps);
    longest.sort_by(|one, other| other.seconds.total_cmp(&one.seconds));
}

impl Watched {
    /// What no plan may do. What the ledger says itself is not held against it.
    pub fn findings(&self, plan: &PlanDocument) -> Vec<Finding> {
        let mut found = Vec::new();
        if self.writer.unread {
            let what = "at the end no member read the writes back through quorum".to_owned();
            found.push(Finding { step: "(end)".to_owned(), kind: Kind::Writes, what, details: self.writer.reasons.join("\n") });
        }
        if !self.writer.lost.is_empty() || self.writer.moments.is_empty() {
            let (lost, all) = (self.writer.lost.len(), self.writer.moments.len());
            let what =
                if all == 0 { "no write was ever taken".to_owned() } else { format!("{lost} of {all} acknowledged writes are lost") };
            found.push(Finding { step: "(end)".to_owned(), kind: Kind::Writes, what, details: self.writer.lost.join("\n") });
        }
        let judged = |gap: &&Gap| matches!(gap.activity, Activity::Play | Activity::Undo);
        for gap in self.writer_gaps.iter().filter(judged).filter(|gap| gap.seconds > TOO_LONG_SECONDS && !loses_quorum(plan, &gap.step)) {
            let what = format!("etcd took no write for {} s", gap.seconds);
            found.push(Finding { step: gap.step.clone(), kind: Kind::Writes, what, details: self.writer.reasons.join("\n") });
        }
        for (name, (seen, gaps)) in &self.clients {
            if seen.moments.is_empty() && is_published(plan, name) {
                let what = format!("the API never answered at {name}");
                found.push(Finding { step: "(end)".to_owned(), kind: Kind::Endpoint, what, details: seen.reasons.join("\n") });
            }
            let is_foretold = |gap: &Gap| loses_the_api(plan, &gap.step) || name == VIRTUAL_IP && is_taken_back(plan, gap);
            for gap in gaps.iter().filter(judged).filter(|gap| gap.seconds > TOO_LONG_SECONDS && !is_foretold(gap)) {
                let what = format!("the API did not answer at {name} for {} s", gap.seconds);
                found.push(Finding { step: gap.step.clone(), kind: Kind::Endpoint, what, details: seen.reasons.join("\n") });
            }
        }
        if let Some((seen, gaps)) = &self.stream {
            for gap in gaps.iter().filter(judged).filter(|gap| gap.seconds > TOO_LONG_SECONDS && !loses_the_api(plan, &gap.step)) {
                let what = format!("a stream through the {VIRTUAL_IP} was silent for {} s", gap.seconds);
                found.push(Finding { step: gap.step.clone(), kind: Kind::Endpoint, what, details: seen.reasons.join("\n") });
            }
        }
        for gap in self.held_twice.iter().filter(judged).filter(|gap| gap.seconds > BOTH_SECONDS) {
            let what = format!("two machines held the virtual IP for {} s", gap.seconds);
            found.push(Finding { step: gap.step.clone(), kind: Kind::Endpoint, what, details: String::new() });
        }
        found
    }
}

/// Whether the ledger has somebody behind an endpoint at all. A load balancer has a client only when it runs.
fn is_published(plan: &PlanDocument, name: &str) -> bool {
    let holds = |row: &FrameDocument| row.virtual_ip.as_ref().is_some_and(|virtual_ip| !virtual_ip.possible_holders.is_empty());
    name != VIRTUAL_IP || std::iter::once(&plan.before).chain(plan.steps.iter().map(|step| &step.after)).any(holds)
}

/// Whether a step that gives the address to somebody for the first time was undone: nobody goes by it yet.
fn is_taken_back(plan: &PlanDocument, gap: &Gap) -> bool {
    let index = plan.steps.iter().position(|step| step.id == gap.step);
    let row = match index {
        Some(0) | None => &plan.before,
        Some(index) => plan.steps.get(index - 1).map_or(&plan.before, |step| &step.after),
    };
    let is_held = row.virtual_ip.as_ref().is_some_and(|virtual_ip| !virtual_ip.possible_holders.is_empty());
    gap.activity == Activity::Undo && !is_held
}

/// Whether the ledger says that etcd cannot write at the worst moment of a step.
fn loses_quorum(plan: &PlanDocument, step: &str) -> bool {
    during(plan, step).is_some_and(|during| during.etcd_tolerance < 0)
}

/// Whether the ledger says that nobody serves at the worst moment of a step.
fn loses_the_api(plan: &PlanDocument, step: &str) -> bool {
    loses_quorum(plan, step) || during(plan, step).is_some_and(|during| during.api_servers == 0)
}

fn during<'p>(plan: &'p PlanDocument, step: &str) -> Option<&'p ExposureDocument> {
    plan.steps.iter().find(|each| each.id == step)?.during.as_ref()
}
