//! Plays commands of a step, each where and as the plan says.
//!
//! It knows the contract of a command (`expect`, `timeoutSeconds`, `retryEverySeconds`) and nothing of what commands do.

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::render::document::{Command, StepDocument};

use super::chore::Chore;
use super::finding::{Kind, Result, Stop};
use super::stage::Stage;
use super::world::{Outcome, WORKSTATION};

/// Which of a step's commands are run.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    Preconditions,
    Run,
    Verify,
    Rollback,
}

impl Part {
    pub fn of(self, step: &StepDocument) -> &[Command] {
        match self {
            Part::Preconditions => &step.preconditions,
            Part::Run => &step.run,
            Part::Verify => &step.verify,
            Part::Rollback => &step.rollback,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Part::Preconditions => "precondition",
            Part::Run => "command",
            Part::Verify => "verification",
            Part::Rollback => "rollback",
        }
    }
}

/// Runs every command of the parts, in order.
pub fn play(stage: &Stage<'_>, step: &StepDocument, parts: &[Part], kind: Kind) -> Result<()> {
    for part in parts {
        play_first(stage, step, *part, usize::MAX, kind)?;
    }
    Ok(())
}

/// Runs the first commands of a part, `count` at most.
pub fn play_first(stage: &Stage<'_>, step: &StepDocument, part: Part, count: usize, kind: Kind) -> Result<()> {
    match (part, Chore::of(stage, step)) {
        (Part::Run, Some(chore)) => std::thread::scope(|both| {
            let person = both.spawn(|| chore.done(stage));
            let run = run_first(stage, step, part, count, kind);
            person.join().unwrap_or_else(|_| Err(Stop::Machine("who does the work by hand has gone".to_owned()))).and(run)
        }),
        (Part::Preconditions | Part::Run | Part::Verify | Part::Rollback, _) => run_first(stage, step, part, count, kind),
    }
}

fn run_first(stage: &Stage<'_>, step: &StepDocument, part: Part, count: usize, kind: Kind) -> Result<()> {
    for (index, command) in part.of(step).iter().take(count).enumerate() {
        let unreached = stage.world.note(WORKSTATION, "unreached")?;
        let (outcome, secret) = attempt(stage, command)?;
        if let Some(machine) = asked_in_vain(stage, step, command, unreached.len())? {
            let what = format!("{} {} on {} asks {machine}, which has failed and answers nobody", part.name(), index + 1, command.on);
            return Err(Stop::plan(&step.id, Kind::Command, what, command.shell.clone()));
        }
        if let Some(secret) = secret {
            let what = format!("{} {} on {} prints {secret}", part.name(), index + 1, command.on);
            return Err(Stop::plan(&step.id, Kind::Secret, what, command.shell.clone()));
        }
        if !is_accepted(command, &outcome)? {
            return Err(failure(stage, step, &format!("{} {}", part.name(), index + 1), command, &outcome, kind));
        }
    }
    Ok(())
}

/// A machine that is dead and was asked to do something. To look whether it is silent takes no login; and a person who brings it back is
/// waited for with one.
fn asked_in_vain(stage: &Stage<'_>, step: &StepDocument, command: &Command, noted: usize) -> Result<Option<String>> {
    if stage.has_failed(&command.on) {
        return Ok(Some(command.on.clone()));
    }
    if command.on != WORKSTATION || Chore::of(stage, step).is_some() {
        return Ok(None);
    }
    let unreached = stage.world.note(WORKSTATION, "unreached")?;
    let mut those = unreached.get(noted..).unwrap_or_default().lines();
    Ok(those.find(|machine| stage.has_failed(machine)).map(str::to_owned))
}

/// Runs a command, again and again where the plan says so, and answers the last outcome, and which secret was printed by any.
fn attempt(stage: &Stage<'_>, command: &Command) -> Result<(Outcome, Option<&'static str>)> {
    let deadline = Instant::now() + Duration::from_secs(command.timeout_seconds.into());
    let mut secret = None;
    loop {
        let outcome = stage.world.run(&command.on, &command.shell, deadline.saturating_duration_since(Instant::now()))?;
        secret = secret.or_else(|| stage.printed_secret(&outcome));
        let pause = Duration::from_secs(command.retry_every_seconds.unwrap_or(0).into());
        if pause.is_zero() || Instant::now() + pause >= deadline || is_accepted(command, &outcome)? {
            return Ok((outcome, secret));
        }
        std::thread::sleep(pause);
    }
}

fn is_accepted(command: &Command, outcome: &Outcome) -> Result<bool> {
    match &command.expect {
        Some(expected) if outcome.succeeded() => matches(expected, &outcome.stdout),
        Some(_) | None => Ok(outcome.succeeded()),
    }
}

/// Whether a line of the output matches the extended regular expression, as the runbook's reader would ask with grep.
fn matches(expected: &str, output: &str) -> Result<bool> {
    let mut grep = std::process::Command::new("grep")
        .args(["-Eq", "--", expected])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = grep.stdin.take() {
        // grep -q closes its input at the first match, which is no failure.
        let _ = input.write_all(output.as_bytes());
    }
    let result = grep.wait_with_output()?;
    match result.status.code() {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => Err(Stop::Machine(format!("grep -E {expected:?}: {}", String::from_utf8_lossy(&result.stderr)))),
    }
}

fn failure(stage: &Stage<'_>, step: &StepDocument, which: &str, command: &Command, outcome: &Outcome, kind: Kind) -> Stop {
    let end = match outcome.exit {
        None => format!("did not end within {} s", command.timeout_seconds),
        Some(0) => "did not print what is expected".to_owned(),
        Some(code) => format!("ended with {code}"),
    };
    let about = command.note.as_ref().map_or(String::new(), |note| format!(" ({})", note.en));
    let expected = command.expect.as_ref().map(|text| format!("--- expected on standard output\n{text}\n")).unwrap_or_default();
    let shown = [("command", &command.shell), ("standard output", &outcome.stdout), ("standard error", &outcome.stderr)];
    let mut details: String = shown.iter().map(|(title, text)| format!("--- {title}\n{}\n", text.trim_end())).collect();
    details.push_str(&expected);
    details.push_str(&stage.logs());
    Stop::plan(&step.id, kind, format!("{which} on {}{about} {end}", command.on), details)
}
