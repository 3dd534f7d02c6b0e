//! The rehearsal from the first step to the last: play, look, undo, cut.
//!
//! Read this first: it is the whole walk. Each part of it stands in a file of its own.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::render::document::{FrameDocument, PlanDocument, StepDocument};

use super::finding::{Finding, Kind, Result, Stop};
use super::gaps::{Activity, Diary, now, rounded};
use super::play::{Part, play};
use super::report::{Report, StepReport};
use super::stage::Stage;
use super::undo::{Progress, interrupt, undo};
use super::watch::{Watch, Watched};
use super::witness::Pace;
use super::{compare, cut, end, source};

/// Of which steps something is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    None,
    /// Enough to try each kind of step once.
    Sampled,
    Complete,
}

#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// After which steps hosts are cut off: one host where the row changed, or every host at every step.
    pub cuts: Extent,
    /// Which steps are rolled back: the first of each action, or each.
    pub rollbacks: Extent,
    /// Which steps are interrupted in the middle: the first of each action, or each.
    pub interruptions: Extent,
    pub hooks: Hooks,
}

/// What is done with the steps of the team's own, which may call what no stand-in knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hooks {
    Play,
    Skip,
}

/// What a watching person may want to know.
pub enum Event<'a> {
    Building { hosts: usize },
    Begun { number: usize, of: usize, step: &'a str },
    Doing { what: &'a str },
    Done(&'a StepReport),
    Found(&'a Finding),
    Ending,
}

/// Plays the plan of a directory. The report holds every finding.
///
/// # Errors
/// When this machine fails before anything was found: what is wrong with the plan stands in the report.
pub fn rehearse(
    directory: &Path,
    plan: &PlanDocument,
    options: &Options,
    tell: &mut dyn FnMut(&Event<'_>),
) -> std::result::Result<Report, String> {
    let machine = |stop: Stop| match stop {
        Stop::Machine(reason) => reason,
        Stop::Plan(finding) => finding.to_string(),
    };
    tell(&Event::Building { hosts: plan.machines.len() });
    let began = Instant::now();
    let mut stage = Stage::open(directory, plan).map_err(machine)?;
    source::build(&mut stage).map_err(machine)?;
    let watch = Watch::start(&stage).map_err(machine)?;
    let mut walk = Walk {
        stage: &stage,
        options,
        tell,
        watch,
        diary: Diary::default(),
        seen: BTreeSet::new(),
        steps: Vec::new(),
        findings: Vec::new(),
        known: Vec::new(),
    };
    let played = walk.all();
    let Walk { watch, diary, steps, mut findings, known, tell, .. } = walk;
    // The end is asked for at rest, when nobody writes any more. Whatever breaks from here on, what was found is told.
    let watched = watch.finish(&diary);
    let watched = watched.and_then(|watched| Ok(Watched { api_writers: compare::writers(&stage)?, ..watched }));
    let (played, watched) = match watched {
        Ok(watched) => (played, watched),
        Err(stop) => (played.and(Err(stop)), Watched::default()),
    };
    tell(&Event::Ending);
    let ended = played.and_then(|row| end::prove(&stage, row, &known));
    let (stopped, broken) = match ended {
        Ok(()) => (None, None),
        Err(Stop::Plan(finding)) => (Some(*finding), None),
        Err(Stop::Machine(reason)) => (None, Some(reason)),
    };
    let judged: Vec<Finding> = if broken.is_none() { watched.findings(plan) } else { Vec::new() };
    for finding in stopped.into_iter().chain(judged) {
        tell(&Event::Found(&finding));
        findings.push(finding);
    }
    match broken {
        Some(reason) if findings.is_empty() => Err(reason),
        broken => Ok(Report::new(plan, options, steps, watched, findings, broken, began.elapsed().as_secs_f64())),
    }
}

/// Longer than from one calm look to the next, with the time by which a gap belongs to what follows.
const A_LOOK: Duration = Duration::from_millis(500);

struct Walk<'a, 'b> {
    stage: &'a Stage<'a>,
    options: &'a Options,
    tell: &'b mut dyn FnMut(&Event<'_>),
    watch: Watch,
    diary: Diary,
    /// Actions of which a step was undone and interrupted.
    seen: BTreeSet<String>,
    steps: Vec<StepReport>,
    findings: Vec<Finding>,
    /// In what the row of the step before differed from the hosts.
    known: Vec<String>,
}

impl<'a> Walk<'a, '_> {
    /// Every step; answers the row of the last.
    fn all(&mut self) -> Result<&'a FrameDocument> {
        let plan = self.stage.plan;
        let mut row = &plan.before;
        let mut report = StepReport::new("(before)");
        self.diary.begin("(before)", Activity::Rest);
        self.look(&mut report, row)?;
        self.cut_off(&mut report, row, None, 0)?;
        self.steps.push(report);
        for (index, step) in plan.steps.iter().enumerate() {
            (self.tell)(&Event::Begun { number: index + 1, of: plan.steps.len(), step: &step.id });
            let mut report = StepReport::new(&step.id);
            let played = self.step(&mut report, step, row, index + 1);
            (self.tell)(&Event::Done(&report));
            self.steps.push(report);
            played?;
            row = &step.after;
        }
        self.diary.begin("(end)", Activity::Rest);
        Ok(row)
    }

    fn step(&mut self, report: &mut StepReport, step: &StepDocument, before: &FrameDocument, number: usize) -> Result<()> {
        if self.options.hooks == Hooks::Skip && step.action.starts_with("hook.") {
            report.skipped = true;
            return self.look(report, &step.after);
        }
        // Steps of one action differ in names alone; hooks are commands of their own.
        let kind = if step.action.starts_with("hook.") { step.action.as_str() } else { step.action.split('(').next().unwrap_or_default() };
        let first = self.seen.insert(kind.to_owned());
        let is_asked_for = |extent| match extent {
            Extent::None => false,
            Extent::Sampled => first,
            Extent::Complete => true,
        };
        if is_asked_for(self.options.rollbacks) && !step.rollback.is_empty() {
            self.doing("rolling back", &step.id, Activity::Undo);
            if self.options.rollbacks == Extent::Complete {
                let finding = undo(self.stage, step, before, Progress::Half)?;
                self.found(finding);
            }
            let finding = undo(self.stage, step, before, Progress::Whole)?;
            self.found(finding);
            report.rolled_back = true;
        }
        if is_asked_for(self.options.interruptions) && !step.run.is_empty() {
            self.doing("interrupting", &step.id, Activity::Undo);
            interrupt(self.stage, step)?;
            report.interrupted = true;
        }
        // What a hand-over lasts is told in milliseconds: no pause between two calm looks may be taken for a part of it.
        let moves_the_address = step.action.starts_with("virtual-ip.");
        if moves_the_address {
            self.watch.look(Pace::Closely)?;
            std::thread::sleep(A_LOOK);
        }
        self.doing("playing", &step.id, Activity::Play);
        if !moves_the_address {
            self.watch.look(Pace::Calmly)?;
        }
        let (began, begun) = (Instant::now(), now());
        let kind = if report.interrupted { Kind::HalfDone } else { Kind::Command };
        let played = play(self.stage, step, &[Part::Preconditions, Part::Run, Part::Verify], kind);
        report.seconds = rounded(began.elapsed().as_secs_f64());
        played?;
        report.played = true;
        self.look(report, &step.after)?;
        if self.options.cuts != Extent::None {
            self.watch.look(Pace::Calmly)?;
        }
        self.watch.follow(self.stage, begun)?;
        self.cut_off(report, &step.after, Some(before), number)
    }

    fn doing(&mut self, what: &str, step: &str, activity: Activity) {
        self.diary.begin(step, activity);
        (self.tell)(&Event::Doing { what });
    }

    /// Compares the row with the hosts.
    fn look(&mut self, report: &mut StepReport, row: &FrameDocument) -> Result<()> {
        let different = compare::differences(self.stage, row, &self.known)?;
        report.row_agrees = Some(different.is_empty());
        // What was found at an earlier step stands there, since that is the step that is wrong.
        let finding = different.iter().find(|each| !self.known.contains(each)).map(|first| Finding {
            step: report.id.clone(),
            kind: Kind::Ledger,
            what: first.clone(),
            details: different.join("\n"),
        });
        self.found(finding);
        self.known = different;
        Ok(())
    }

    /// Cuts hosts off one after the other, as many as the options ask for.
    fn cut_off(&mut self, report: &mut StepReport, row: &FrameDocument, before: Option<&FrameDocument>, number: usize) -> Result<()> {
        let hosts = match self.options.cuts {
            Extent::None => Vec::new(),
            Extent::Sampled if before.is_some_and(|before| is_alike(before, row)) => Vec::new(),
            Extent::Sampled => cut::sample(self.stage, row, number),
            Extent::Complete => self.stage.world.machines().filter(|host| !self.stage.has_failed(host)).map(str::to_owned).collect(),
        };
        for host in hosts {
            self.diary.begin(&report.id, Activity::Cut);
            (self.tell)(&Event::Doing { what: &format!("cutting off {host}") });
            let (cut, after) = cut::cut(self.stage, row, &host, &self.known)?;
            let what = if cut.agrees() { None } else { Some(cut.difference()) };
            let what = what.or_else(|| after.first().map(|first| format!("{host} was cut off and came back, and now {first}")));
            self.found(what.map(|what| Finding { step: report.id.clone(), kind: Kind::Ledger, what, details: after.join("\n") }));
            report.cuts.push(cut);
        }
        Ok(())
    }

    fn found(&mut self, finding: Option<Finding>) {
        if let Some(finding) = finding {
            (self.tell)(&Event::Found(&finding));
            self.findings.push(finding);
        }
    }
}

/// Whether two rows promise the same to whoever loses a host.
fn is_alike(one: &FrameDocument, other: &FrameDocument) -> bool {
    let candidates = |row: &FrameDocument| {
        let virtual_ip = row.virtual_ip.iter().flat_map(|virtual_ip| &virtual_ip.candidates);
        virtual_ip.map(|candidate| (candidate.machine.clone(), candidate.priority)).collect::<Vec<_>>()
    };
    one.etcd.voters == other.etcd.voters
        && one.etcd.learners == other.etcd.learners
        && one.api_servers == other.api_servers
        && one.fatal_hosts == other.fatal_hosts
        && candidates(one) == candidates(other)
}
