//! `replank rehearse`: plays a plan on this machine, and writes down what was seen.
//!
//! The only command that runs programs and takes minutes. It says what it does while it does it, on standard error.

#![allow(clippy::disallowed_methods, reason = "reads `plan.json` of the directory that it was given, and says how long things take")]

use std::path::Path;
use std::time::Instant;

use crate::rehearse::{self, Event, Extent, Hooks, Options, Report};
use crate::render::document::{FORMAT_VERSION, PlanDocument};
use crate::write::{self, Condition};

use super::arguments::{Extent as Word, RehearseArguments};
use super::{Exit, Output, compile, report};

pub fn run(arguments: &RehearseArguments, output: &Output) -> Exit {
    let plan = match read(&arguments.directory, output) {
        Ok(plan) => plan,
        Err(exit) => return exit,
    };
    if plan.steps.is_empty() {
        output.result("nothing to rehearse: the plan has no steps");
        return Exit::Done;
    }
    if let Some(reason) = rehearse::unmet(&plan) {
        output.error(&reason);
        return Exit::Machine;
    }
    if let Err(error) = write::make_directory(&arguments.report) {
        return compile::failure(&error, output);
    }
    let began = Instant::now();
    let mut tell = |event: &Event<'_>| output.notice(&format!("{:>7.1} s  {}", began.elapsed().as_secs_f64(), described(event)));
    let report = match rehearse::rehearse(&arguments.directory, &plan, &options(arguments), &mut tell) {
        Ok(report) => report,
        Err(reason) => {
            output.error(&format!("the rehearsal could not go on, which says nothing about the plan: {reason}"));
            return Exit::Machine;
        }
    };
    put(&report, &arguments.report, output)
}

/// The plan of a directory that nobody has edited.
fn read(directory: &Path, output: &Output) -> Result<PlanDocument, Exit> {
    let name = directory.display().to_string();
    let found = write::read_existing(directory).map_err(|error| compile::failure(&error, output))?;
    if !found.present {
        output.error(&format!("there is no directory `{name}`"));
        return Err(Exit::Machine);
    }
    if !found.is_plan() {
        output.error(&format!("`{name}` holds no plan: it has no `SHA256SUMS` that replank wrote"));
        return Err(Exit::Stale);
    }
    let differs: Vec<&str> =
        [Condition::Edited, Condition::Missing].into_iter().flat_map(|condition| found.in_condition(condition)).collect();
    if !differs.is_empty() {
        differs.iter().for_each(|path| output.notice(&format!("edited or missing: {name}/{path}")));
        output.error(&format!("`{name}` is not as replank wrote it, and its own first step would refuse it"));
        return Err(Exit::Stale);
    }
    let text = std::fs::read_to_string(directory.join("plan.json")).map_err(|error| {
        output.error(&format!("cannot read `{name}/plan.json`: {error}"));
        Exit::Machine
    })?;
    serde_json::from_str(&text).map_err(|error| {
        output.error(&format!("`{name}/plan.json` is not of format {FORMAT_VERSION}, which a rehearsal needs: {error}"));
        output.notice("help: compile the plan again with this replank");
        Exit::Stale
    })
}

fn options(arguments: &RehearseArguments) -> Options {
    let hooks = if arguments.skip_hooks { Hooks::Skip } else { Hooks::Play };
    let all = |extent| Options { cuts: extent, rollbacks: extent, interruptions: extent, hooks };
    match arguments.extent {
        Word::Quick => all(Extent::None),
        Word::Sampled => all(Extent::Sampled),
        Word::Complete => all(Extent::Complete),
    }
}

/// One line a step, and what is going on inside it.
fn described(event: &Event<'_>) -> String {
    match event {
        Event::Building { hosts } => format!("building the source cluster on {} of its own", report::counted(*hosts, "host")),
        Event::Begun { number, of, step } => format!("[{number:>2}/{of}] {step}"),
        Event::Doing { what } => format!("        {what}"),
        Event::Done(step) if step.skipped => "        skipped".to_owned(),
        Event::Done(step) => format!("        done in {:.1} s", step.seconds),
        Event::Found(finding) => format!("FOUND   {finding}"),
        Event::Ending => "proving the end".to_owned(),
    }
}

/// Writes the report, and says in a few lines what stands in it.
fn put(report: &Report, directory: &Path, output: &Output) -> Exit {
    let (page, data) = match (rehearse::page(report), serde_json::to_string_pretty(report)) {
        (Ok(page), Ok(data)) => (page, data),
        (Err(error), _) => return bug(&error.0, output),
        (_, Err(error)) => return bug(&error.to_string(), output),
    };
    for finding in &report.findings {
        output.error(&format!("{finding}\n{}", finding.details));
    }
    output.result(&summary(report));
    for (name, text) in [("rehearsal.json", format!("{data}\n")), ("rehearsal.md", page)] {
        if let Err(error) = write::put_file(directory, name, &text) {
            return compile::failure(&error, output);
        }
    }
    output.result(&format!("written: {}", directory.join("rehearsal.md").display()));
    if report.passed { Exit::Done } else { Exit::Rehearsal }
}

fn bug(what: &str, output: &Output) -> Exit {
    output.notice(&super::crash::text(what, &output.command));
    Exit::Bug
}

fn summary(report: &Report) -> String {
    let gap = |gap: &Option<rehearse::Gap>| gap.as_ref().map_or("none".to_owned(), |gap| format!("{:.2} s at {}", gap.seconds, gap.step));
    let mut lines = vec![
        format!(
            "{}: {} in {:.0} s, {}",
            if report.passed { "passed" } else { "failed" },
            report::counted(report.steps.iter().filter(|step| step.played).count(), "step"),
            report.seconds,
            report::counted(report.findings.len(), "finding")
        ),
        format!(
            "writes: {} acknowledged, {} lost; longest gap {}",
            report.writes.acknowledged,
            report.writes.lost,
            gap(&report.writes.longest.longest_gap)
        ),
    ];
    lines.extend(
        report
            .endpoints
            .iter()
            .map(|endpoint| format!("{}: {} answers; longest gap {}", endpoint.name, endpoint.answers, gap(&endpoint.longest.longest_gap))),
    );
    let ledger = &report.ledger;
    lines.push(format!(
        "ledger: {} of {} rows as seen; {} of {} hosts cut off as promised",
        ledger.rows_agree, ledger.rows, ledger.pairs_agree, ledger.pairs
    ));
    lines.join("\n")
}
