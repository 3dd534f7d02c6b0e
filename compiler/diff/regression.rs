//! What got worse from one plan to another, and what got better: what a reviewer must see first.
//!
//! Knows the verdict, the ledger, accepted risks and points of no return of both plans. Does not judge whether a plan is safe: both passed the judge.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use crate::render::document::{AcceptedRiskDocument, ApplicationDocument, DataDocument, FrameDocument, PlanDocument, StepDocument};

use super::document::{Concern, Finding, accepted};
use super::rename::{Author, Renaming};

/// What got worse, what got better, and what is only said otherwise.
#[derive(Debug, Default)]
pub(super) struct Weighed {
    pub regressions: Vec<Finding>,
    pub improvements: Vec<Finding>,
    pub reworded: Vec<Finding>,
}

/// Weighs two plans. `original` is the older one as it was written, `before` the same with the newer one's names.
pub(super) fn weigh(original: &PlanDocument, before: &PlanDocument, after: &PlanDocument, renaming: &Renaming) -> Weighed {
    let mut regressions = addresses(original, after, renaming);
    regressions.extend(Scale { better: before, worse: after, turn: Turn::Worse, renaming }.findings());
    let improvements = Scale { better: after, worse: before, turn: Turn::Better, renaming }.findings();
    Weighed { regressions, improvements, reworded: reworded(before, after) }
}

/// Which way a plan turned.
#[derive(Debug, Clone, Copy)]
enum Turn {
    Worse,
    Better,
}

/// Two plans, of which one is looked through for what is worse in it than in the other.
struct Scale<'a> {
    better: &'a PlanDocument,
    worse: &'a PlanDocument,
    turn: Turn,
    renaming: &'a Renaming,
}

impl Scale<'_> {
    /// The worst first.
    fn findings(&self) -> Vec<Finding> {
        let mut found: Vec<Finding> = self.policy().into_iter().collect();
        found.extend(self.encryption());
        found.extend(self.storage());
        found.extend(self.own_steps());
        found.extend(self.verdict());
        found.extend(self.risks());
        found.extend(self.no_way_back());
        found.extend(self.fatal_hosts());
        found.extend(self.tolerance());
        found.extend(self.lowest());
        found
    }

    /// `2 (before: 3)`: what the newer plan has, and the older one.
    fn values(&self, worse: impl Display, better: impl Display) -> String {
        match self.turn {
            Turn::Worse => format!("{worse} (before: {better})"),
            Turn::Better => format!("{better} (before: {worse})"),
        }
    }

    fn either(&self, worse: &str, better: &str) -> String {
        match self.turn {
            Turn::Worse => worse.to_owned(),
            Turn::Better => better.to_owned(),
        }
    }

    fn policy(&self) -> Option<Finding> {
        let (better, worse) = (self.better.policy.as_ref()?, self.worse.policy.as_ref()?);
        let (better, worse) = (better.minimum_etcd_tolerance, worse.minimum_etcd_tolerance);
        let text = format!("the policy asks for an etcd tolerance of {}", self.values(worse, better));
        (worse < better).then(|| finding(Concern::Policy, None, text))
    }

    fn encryption(&self) -> Option<Finding> {
        let is_lost = self.better.cluster.etcd.tls.is_some() && self.worse.cluster.etcd.tls.is_none();
        let text = self.either("etcd is spoken to without TLS", "etcd is spoken to with TLS");
        is_lost.then(|| finding(Concern::Policy, None, text))
    }

    /// Steps of the team's own, such as a backup, that are gone, or stand behind what cannot be undone and stood before it. That such a step is new,
    /// or earlier, is neither better nor worse: nobody here knows what it does.
    fn own_steps(&self) -> Vec<Finding> {
        match self.turn {
            Turn::Better => return Vec::new(),
            Turn::Worse => {}
        }
        let places = |plan: &PlanDocument| -> BTreeMap<String, usize> {
            plan.steps.iter().enumerate().map(|(place, step)| (step.id.clone(), place)).collect()
        };
        let (old, new) = (places(self.better), places(self.worse));
        let is_final = |step: &&StepDocument| Author::of(step) != Author::Team && (step.destructive || step.no_way_back.is_some());
        let finals: Vec<&StepDocument> = self.worse.steps.iter().filter(is_final).collect();
        let finding_of = |step: &StepDocument| {
            let Some(place) = new.get(&step.id) else {
                return Some(format!("a step of the team's own is gone: {}", step.title.en));
            };
            let passed: Vec<&&StepDocument> =
                finals.iter().filter(|other| new.get(&other.id) < Some(place) && old.get(&other.id) > old.get(&step.id)).collect();
            let first = passed.first()?;
            Some(format!("stands behind {}, which stood behind it and takes something away{}", first.id, and_more(passed.len() - 1)))
        };
        let own = self.better.steps.iter().filter(|step| Author::of(step) == Author::Team);
        own.filter_map(|step| Some(finding(Concern::OwnStep, Some(&step.id), finding_of(step)?))).collect()
    }

    /// What is said of applications whose volumes lie on single machines: the judge guards what is declared, and no more than it needs.
    fn storage(&self) -> Vec<Finding> {
        let declared: BTreeMap<&str, &ApplicationDocument> = self.worse.storage.iter().map(|one| (one.name.as_str(), one)).collect();
        let mut found = Vec::new();
        for better in &self.better.storage {
            let name = &better.name;
            match declared.get(name.as_str()) {
                None => found.push(self.either(
                    &format!("{name} is declared no longer: its volumes are not counted"),
                    &format!("{name} is declared now: its volumes are counted"),
                )),
                Some(worse) if worse.needs < better.needs => {
                    found.push(format!("volumes that {name} is said to need: {}", self.values(worse.needs, better.needs)));
                }
                Some(worse) if worse.data == DataDocument::Disposable && better.data != DataDocument::Disposable => {
                    found.push(self.either(
                        &format!("the data of {name} is said to be disposable"),
                        &format!("the data of {name} is no longer said to be disposable"),
                    ));
                }
                Some(_) => {}
            }
        }
        found.into_iter().map(|text| finding(Concern::ApplicationVolumes, None, text)).collect()
    }

    fn verdict(&self) -> Vec<Finding> {
        let (better, worse) = (&self.better.verdict, &self.worse.verdict);
        let mut found = Vec::new();
        if better.survives_any_one_host && !worse.survives_any_one_host {
            let text = self.either("at some steps there is a machine that must not fail", "any one machine may fail at every step");
            found.push(finding(Concern::SurvivesAnyOneHost, None, text));
        }
        if worse.lowest_etcd_tolerance < better.lowest_etcd_tolerance {
            let text = format!("the lowest etcd tolerance is {}", self.values(worse.lowest_etcd_tolerance, better.lowest_etcd_tolerance));
            found.push(finding(Concern::EtcdTolerance, worse.lowest_at.first().map(String::as_str), text));
        }
        found
    }

    /// Risks that one plan accepts and the other does not, or for another finding. That a risk is accepted no longer does not mean that it is gone.
    fn risks(&self) -> Vec<Finding> {
        let known: BTreeSet<(&str, &str, &str)> = self.better.verdict.accepted_risks.iter().map(identity).collect();
        let new = self.worse.verdict.accepted_risks.iter().filter(|risk| !known.contains(&identity(risk)));
        let text = |risk: &AcceptedRiskDocument| match self.turn {
            Turn::Worse => format!("accepted: {}", accepted(risk)),
            Turn::Better => format!("not accepted by name any more: {}", accepted(risk)),
        };
        new.map(|risk| finding(Concern::AcceptedRisk, Some(&risk.step), text(risk))).collect()
    }

    fn no_way_back(&self) -> Vec<Finding> {
        let others: BTreeMap<&str, &StepDocument> = self.better.steps.iter().map(|step| (step.id.as_str(), step)).collect();
        let found = self.worse.steps.iter().filter_map(|step| {
            let why = step.no_way_back.as_deref()?;
            let other = others.get(step.id.as_str());
            let text = match (self.turn, other) {
                (_, Some(other)) if other.no_way_back.is_some() => return None,
                (Turn::Worse, _) => format!("no way back: {}", why.trim_end_matches('.')),
                (Turn::Better, Some(_)) => "there is a way back now".to_owned(),
                // What is gone may be done in another way, or not at all, which need not be better.
                (Turn::Better, None) => return None,
            };
            Some(finding(Concern::NoWayBack, Some(&step.id), text))
        });
        found.collect()
    }

    /// Machines that must not fail at a step, and might fail at the same step of the other plan; at a step that is in one plan alone, those that
    /// might fail at every step of the other.
    fn fatal_hosts(&self) -> Vec<Finding> {
        let others: BTreeMap<&str, BTreeSet<&str>> = self.better.steps.iter().map(|step| (step.id.as_str(), fatal(step))).collect();
        let before = self.better.before.fatal_hosts.iter().map(String::as_str);
        let ever: BTreeSet<&str> = before.chain(self.better.steps.iter().flat_map(fatal)).collect();
        let is_new =
            |step: &StepDocument, host: &str| fatal(step).contains(host) && !others.get(step.id.as_str()).unwrap_or(&ever).contains(host);
        // One machine is fatal at a run of steps: it is said once, at the first.
        let mut said = BTreeSet::new();
        let mut found = Vec::new();
        for step in &self.worse.steps {
            let new: Vec<&str> = fatal(step).into_iter().filter(|host| is_new(step, host) && said.insert(*host)).collect();
            if !new.is_empty() {
                let also = self.worse.steps.iter().filter(|other| new.iter().all(|host| is_new(other, host))).count();
                let words = self.either("must not fail", "may fail now");
                let text = format!("{words}: {}{}", new.join(", "), at_more_steps(also.saturating_sub(1)));
                found.push(finding(Concern::FatalHosts, Some(&step.id), text));
            }
        }
        found
    }

    /// The first of the steps in both plans at which fewer members may fail, where the lowest of the whole plan is no lower. A step that is done in
    /// another phase meets another cluster.
    fn tolerance(&self) -> Option<Finding> {
        if self.worse.verdict.lowest_etcd_tolerance < self.better.verdict.lowest_etcd_tolerance {
            return None;
        }
        let in_its_phase = self.better.steps.iter().filter(|step| !self.renaming.was_in_another_phase(&step.id));
        let others: BTreeMap<&str, i64> = in_its_phase.map(|step| (step.id.as_str(), tolerated(step))).collect();
        let lower = |step: &&StepDocument| others.get(step.id.as_str()).is_some_and(|other| tolerated(step) < *other);
        let first = self.worse.steps.iter().find(lower)?;
        let other = others.get(first.id.as_str())?;
        let more = match self.worse.steps.iter().filter(lower).count() {
            0 | 1 => String::new(),
            2 => format!(", and {} than before at 1 more step", self.either("lower", "higher")),
            steps => format!(", and {} than before at {} more steps", self.either("lower", "higher"), steps - 1),
        };
        let text = format!("etcd tolerance {}{more}", self.values(tolerated(first), other));
        Some(finding(Concern::EtcdTolerance, Some(&first.id), text))
    }

    /// The lowest, or longest, that a plan comes to at any step.
    fn lowest(&self) -> Vec<Finding> {
        let (better, worse) = (Lows::of(self.better), Lows::of(self.worse));
        let mut found = Vec::new();
        // Where no gap is predicted for one of them, nobody knows which is longer.
        if let (Some(worse), Some(better)) = (worse.gap, better.gap)
            && worse > better
        {
            let values = self.values(format!("{worse} ms"), format!("{better} ms"));
            found.push(finding(Concern::VirtualIpGap, None, format!("the longest predicted gap of the virtual IP is {values}")));
        }
        if worse.nodes < better.nodes {
            let text = format!("fewest nodes that take pods: {}", self.values(worse.nodes, better.nodes));
            found.push(finding(Concern::SchedulableNodes, None, text));
        }
        if worse.nodes_at_the_end < better.nodes_at_the_end {
            let text = format!("nodes that take pods at the end: {}", self.values(worse.nodes_at_the_end, better.nodes_at_the_end));
            found.push(finding(Concern::SchedulableNodes, None, text));
        }
        if worse.api_servers < better.api_servers {
            let text = format!("fewest API servers: {}", self.values(worse.api_servers, better.api_servers));
            found.push(finding(Concern::ApiServers, None, text));
        }
        for (application, volumes) in &worse.volumes {
            if let Some(other) = better.volumes.get(application).filter(|other| volumes < *other) {
                let text = format!("fewest volumes of {application} that are there: {}", self.values(volumes, other));
                found.push(finding(Concern::ApplicationVolumes, None, text));
            }
        }
        found
    }
}

fn identity(risk: &AcceptedRiskDocument) -> (&str, &str, &str) {
    (&risk.risk, &risk.step, &risk.finding)
}

/// A machine where another one was: what was meant for one would be done to the other, if this is a slip.
fn addresses(original: &PlanDocument, after: &PlanDocument, renaming: &Renaming) -> Vec<Finding> {
    let found = renaming.in_the_place_of(original, after);
    found
        .map(|(machine, other, address)| finding(Concern::Address, None, format!("{machine} is at {address} now, where {other} was")))
        .collect()
}

fn finding(kind: Concern, step: Option<&str>, text: String) -> Finding {
    Finding { kind, step: step.map(str::to_owned), text }
}

/// The same risks at the same steps, accepted for another reason: somebody agreed to the old one.
fn reworded(before: &PlanDocument, after: &PlanDocument) -> Vec<Finding> {
    let risks = &before.verdict.accepted_risks;
    let changed = after.verdict.accepted_risks.iter().filter_map(|risk| {
        let mut same =
            risks.iter().filter(|was| (&was.risk, &was.step, &was.finding) == (&risk.risk, &risk.step, &risk.finding)).peekable();
        let was = same.peek().map(|was| was.reason.clone())?;
        if same.any(|was| was.reason == risk.reason) {
            return None;
        }
        let text = format!("{} is accepted because: {} (before: {was})", risk.risk, risk.reason);
        Some(finding(Concern::AcceptedRisk, Some(&risk.step), text))
    });
    changed.collect()
}

/// How many members may fail at the worst moment of a step.
fn tolerated(step: &StepDocument) -> i64 {
    let inside = step.during.as_ref().map(|during| during.etcd_tolerance);
    inside.into_iter().fold(step.after.etcd.tolerance, i64::min)
}

fn fatal(step: &StepDocument) -> BTreeSet<&str> {
    let during = step.during.iter().flat_map(|during| &during.fatal_hosts);
    step.after.fatal_hosts.iter().chain(during).map(String::as_str).collect()
}

struct Lows<'a> {
    gap: Option<u32>,
    nodes: usize,
    nodes_at_the_end: usize,
    api_servers: usize,
    volumes: BTreeMap<&'a str, usize>,
}

impl<'a> Lows<'a> {
    fn of(plan: &'a PlanDocument) -> Self {
        let rows = || std::iter::once(&plan.before).chain(plan.steps.iter().map(|step| &step.after));
        let gap = |row: &FrameDocument| row.virtual_ip.as_ref().and_then(|virtual_ip| virtual_ip.predicted_gap_milliseconds);
        let at_rest = rows().flat_map(|row| row.storage.iter().map(|frame| (frame.application.as_str(), frame.there.len())));
        let inside = plan.steps.iter().filter_map(|step| step.during.as_ref()).flat_map(|during| &during.storage);
        let mut volumes: BTreeMap<&str, usize> = BTreeMap::new();
        for (application, there) in at_rest.chain(inside.map(|(application, there)| (application.as_str(), *there))) {
            let least = volumes.entry(application).or_insert(there);
            *least = (*least).min(there);
        }
        let inside = plan.steps.iter().filter_map(|step| step.during.as_ref()).map(|during| during.api_servers);
        Self {
            gap: rows().filter_map(gap).max(),
            nodes: rows().map(|row| row.schedulable_nodes).min().unwrap_or(0),
            nodes_at_the_end: rows().last().map_or(0, |row| row.schedulable_nodes),
            api_servers: rows().map(|row| row.api_servers.len()).chain(inside).min().unwrap_or(0),
            volumes,
        }
    }
}

fn and_more(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => ", and 1 more such step".to_owned(),
        _ => format!(", and {count} more such steps"),
    }
}

fn at_more_steps(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => ", also at 1 more step".to_owned(),
        _ => format!(", also at {count} more steps"),
    }
}
