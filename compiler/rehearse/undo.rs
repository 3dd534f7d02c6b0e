//! Steps that are undone, and steps that are found half done.
//!
//! The runbook promises both: a rollback leads back to the state before the step, and the step that one is at may always be run
//! again from its preconditions.

use std::time::{Duration, Instant};

use crate::render::document::{FrameDocument, StepDocument};

use super::compare;
use super::cut::bring_the_address_home;
use super::finding::{Finding, Kind, Result};
use super::play::{Part, play, play_first};
use super::snapshot::Snapshot;
use super::stage::Stage;

/// How far a step is done before it is undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Half,
    Whole,
}

/// Long enough for a command to have begun to change something.
const INTERRUPTED_AFTER: Duration = Duration::from_millis(400);

/// A member's ID is made of its URL and the second of its registration: the same URL within the same second would be the member
/// that was just removed, and etcd says `member not found`. No person is that fast.
const A_PERSONS_PAUSE: Duration = Duration::from_millis(1100);

/// Does the step, undoes it, and looks for the state before it. The finding says what is not there again.
pub fn undo(stage: &Stage<'_>, step: &StepDocument, before: &FrameDocument, progress: Progress) -> Result<Option<Finding>> {
    let state = Snapshot::take(stage)?;
    let known = compare::look(stage, before)?;
    play(stage, step, &[Part::Preconditions], Kind::Command)?;
    match progress {
        Progress::Half => play_first(stage, step, Part::Run, step.run.len().div_ceil(2), Kind::Command)?,
        Progress::Whole => play(stage, step, &[Part::Run], Kind::Command)?,
    }
    play(stage, step, &[Part::Rollback], Kind::Rollback)?;
    std::thread::sleep(A_PERSONS_PAUSE);
    // A server that restarts lets go of the virtual IP, which stays where it went; only steps that are about it are held to that.
    if !step.action.starts_with("virtual-ip.") {
        bring_the_address_home(stage, before)?;
    }
    let different = differences(stage, step, before, &state, &known)?;
    let Some(first) = different.first() else { return Ok(None) };
    let done = match progress {
        Progress::Half => "half done",
        Progress::Whole => "done",
    };
    let what = format!("{done} and rolled back, and the state before it is not there again: {first}");
    Ok(Some(Finding { step: step.id.clone(), kind: Kind::Rollback, what, details: different.join("\n") }))
}

/// What is not as before. A service that was just told to start needs a moment, so the question is asked for a while.
fn differences(stage: &Stage<'_>, step: &StepDocument, before: &FrameDocument, state: &Snapshot, known: &[String]) -> Result<Vec<String>> {
    let deadline = Instant::now() + compare::PATIENCE;
    loop {
        let mut different = compare::look(stage, before)?;
        different.retain(|each| !known.contains(each));
        // Where the step itself says that something does not come back, its rollback cannot be held to it.
        if step.no_way_back.is_none() && different.is_empty() {
            different.extend(state.differences(&Snapshot::take(stage)?, &step.rollback_leaves));
        }
        if different.is_empty() || Instant::now() > deadline {
            return Ok(different);
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// Does the first half of the step's commands, begins the next one and kills it. What comes next is the step itself, from its
/// preconditions, as the runbook advises.
pub fn interrupt(stage: &Stage<'_>, step: &StepDocument) -> Result<()> {
    play(stage, step, &[Part::Preconditions], Kind::Command)?;
    play_first(stage, step, Part::Run, half(step), Kind::Command)?;
    if let Some(command) = step.run.get(half(step)) {
        // How far it comes in this time differs from run to run, as it does in a night.
        stage.world.run(&command.on, &command.shell, INTERRUPTED_AFTER)?;
    }
    Ok(())
}

/// A step of one command is interrupted within it.
fn half(step: &StepDocument) -> usize {
    step.run.len() / 2
}
