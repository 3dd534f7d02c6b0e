//! Plays steps of a plan: preconditions, run, verify, each command where and as the plan says.
//!
//! It knows the contract of a command (`expect`, `timeoutSeconds`, `retryEverySeconds`) and nothing of what commands do.

use std::fmt;
use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::document::{Command, Step};
use super::hosts::{Outcome, WORKSTATION, World};

/// Why a play stopped, with what a person would want to see next.
#[derive(Debug)]
pub struct Failure {
    pub step: String,
    pub what: String,
    pub details: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}\n{}", self.step, self.what, self.details)
    }
}

/// Which of a step's commands are run.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    Preconditions,
    Run,
    Verify,
    Rollback,
}

impl Part {
    fn of(self, step: &Step) -> &[Command] {
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
            Part::Run => "run",
            Part::Verify => "verify",
            Part::Rollback => "rollback",
        }
    }
}

pub fn play(world: &World, step: &Step, parts: &[Part]) -> Result<(), Failure> {
    for part in parts {
        for (index, command) in part.of(step).iter().enumerate() {
            command_on(world, step, command)
                .map_err(|outcome| failure(world, step, &format!("{} {}", part.name(), index + 1), command, &outcome))?;
        }
    }
    Ok(())
}

/// The first commands of `run`, up to and with the first that contains `text`: a step that was interrupted there.
pub fn play_until(world: &World, step: &Step, text: &str) -> Result<(), Failure> {
    for (index, command) in step.run.iter().enumerate() {
        command_on(world, step, command).map_err(|outcome| failure(world, step, &format!("run {}", index + 1), command, &outcome))?;
        if command.shell.contains(text) {
            return Ok(());
        }
    }
    Err(Failure { step: step.id.clone(), what: format!("no command of run contains {text:?}"), details: String::new() })
}

fn command_on(world: &World, step: &Step, command: &Command) -> Result<(), Outcome> {
    let deadline = Instant::now() + Duration::from_secs(command.timeout_seconds);
    let began = Instant::now();
    loop {
        let outcome = world.run(&command.on, &command.shell, deadline.saturating_duration_since(Instant::now()));
        let accepted = outcome.succeeded() && command.expect.as_deref().is_none_or(|expected| matches(expected, &outcome.stdout));
        if accepted {
            eprintln!("{:>7.1} s  {}  {}: {}", began.elapsed().as_secs_f32(), step.id, command.on, first_line(&command.shell));
            return Ok(());
        }
        let pause = Duration::from_secs(command.retry_every_seconds.unwrap_or(0));
        if pause.is_zero() || Instant::now() + pause >= deadline {
            return Err(outcome);
        }
        std::thread::sleep(pause);
    }
}

/// Whether a line of the output matches the extended regular expression, as the runbook's reader would ask with grep.
fn matches(expected: &str, output: &str) -> bool {
    let mut grep = std::process::Command::new("grep")
        .args(["-Eq", "--", expected.trim_start_matches("(?m)")])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // grep -q closes its input at the first match, which is no failure of ours.
    let _ = grep.stdin.take().unwrap().write_all(output.as_bytes());
    let result = grep.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&result.stderr);
    assert!(complaint.is_empty(), "`expect` is no extended regular expression: {expected:?}: {complaint}");
    result.status.success()
}

fn failure(world: &World, step: &Step, which: &str, command: &Command, outcome: &Outcome) -> Failure {
    let end = outcome.exit.map_or_else(|| format!("did not end within {} s", command.timeout_seconds), |code| format!("exit {code}"));
    let expected = command.expect.as_ref().map(|text| format!("expected on standard output: {text}\n")).unwrap_or_default();
    let shown = [("command", &command.shell), ("standard output", &outcome.stdout), ("standard error", &outcome.stderr)];
    let mut details: String = shown.iter().map(|(title, text)| format!("--- {title}\n{}\n", text.trim_end())).collect();
    details.push_str(&expected);
    for host in world.names().filter(|name| *name != WORKSTATION) {
        let log = world.run(host, "journalctl -u etcd -n 5", Duration::from_secs(5)).stdout;
        details.push_str(&format!("--- etcd on {host}\n{log}"));
    }
    Failure { step: step.id.clone(), what: format!("{which} on {}: {end}", command.on), details }
}

/// The first line that says what the command is about.
fn first_line(shell: &str) -> &str {
    let preamble = ["set -", "export ", "ip -o addr show to"];
    shell.lines().find(|line| !line.is_empty() && !preamble.iter().any(|start| line.starts_with(start))).unwrap_or_default()
}
