//! What the views say alike: counts, marks, the verdict, why a step changed.
//!
//! Knows the difference as data. Does not know how a view is laid out.

use std::collections::BTreeSet;

use crate::diff::document::{DiffDocument, Edit, Fate, Finding, Part, SideDocument, StepChange};

pub(super) fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

/// `2 steps added, 1 changed`: only what there is.
pub(super) fn headline(diff: &DiffDocument) -> String {
    let fates = [
        (Fate::Added, "added"),
        (Fate::Removed, "removed"),
        (Fate::Changed, "changed"),
        (Fate::Moved, "moved"),
        (Fate::Renamed, "with another name or address alone"),
    ];
    let counts: Vec<String> = fates
        .into_iter()
        .map(|(fate, word)| (diff.steps.iter().filter(|step| step.fate == fate).count(), word))
        .filter(|(count, _)| *count > 0)
        .enumerate()
        .map(
            |(position, (count, word))| {
                if position == 0 { format!("{} {word}", counted(count, "step")) } else { format!("{count} {word}") }
            },
        )
        .collect();
    match counts.as_slice() {
        [] if diff.is_nothing() => "nothing changed".to_owned(),
        [] => "no step changed, but not all is the same".to_owned(),
        counts => counts.join(", "),
    }
}

/// What else a reader must know before the steps, each in a sentence without its full stop: another migration, other names and addresses.
pub(super) fn renamed(diff: &DiffDocument) -> Vec<String> {
    let (was, is) = (&diff.before.migration, &diff.after.migration);
    let other = (was != is).then(|| format!("The older plan is of a migration called `{was}`"));
    let names = diff.renamed.iter().map(|one| format!("`{}` is called `{}` now ({})", one.from, one.to, one.address));
    let addresses = diff.readdressed.iter().map(|one| format!("`{}` is at {} now, and was at {}", one.machine, one.to, one.from));
    other.into_iter().chain(names).chain(addresses).collect()
}

/// `3 files of plan were edited by hand: a, b, c`, for each side; and what must have been edited in one of them.
pub(super) fn edited(diff: &DiffDocument) -> Vec<String> {
    let sides = [&diff.before, &diff.after].into_iter().filter(|side| !side.edited.is_empty());
    let sentence = |side: &SideDocument| {
        let verb = if side.edited.len() == 1 { "was" } else { "were" };
        let names: Vec<&str> = side.edited.iter().take(EDITED).map(String::as_str).collect();
        let more = side.edited.len().checked_sub(EDITED + 1).map(|more| format!(", and {} more", more + 1)).unwrap_or_default();
        format!("{} of `{}` {verb} edited by hand: {}{more}", counted(side.edited.len(), "file"), side.name, names.join(", "))
    };
    let unlike = (!diff.unlike.is_empty()).then(|| {
        format!(
            "Both plans say that they come from the same spec, and differ in {}: one of them was edited by hand",
            diff.unlike.join(", ")
        )
    });
    sides.map(sentence).chain(unlike).collect()
}

/// How many edited files are named.
const EDITED: usize = 10;

/// Steps that are the same but for names and addresses.
pub(super) fn only_renamed(diff: &DiffDocument) -> impl Iterator<Item = &StepChange> {
    diff.steps.iter().filter(|step| step.fate == Fate::Renamed)
}

/// Steps that take something away and are not as they were.
pub(super) fn destructive(diff: &DiffDocument) -> impl Iterator<Item = &StepChange> {
    let ids: BTreeSet<&str> = diff.destructive.iter().map(String::as_str).collect();
    diff.steps.iter().filter(move |step| step.fate != Fate::Removed && ids.contains(step.id.as_str()))
}

/// Steps of which more is to be said than that.
pub(super) fn told(diff: &DiffDocument) -> impl Iterator<Item = &StepChange> {
    diff.steps.iter().filter(|step| step.fate != Fate::Renamed)
}

pub(super) fn mark(fate: Fate) -> char {
    match fate {
        Fate::Added => '+',
        Fate::Removed => '-',
        Fate::Changed => '~',
        Fate::Moved => '>',
        Fate::Renamed => '=',
    }
}

/// The rows of the verdict: what is compared, before, after.
pub(super) fn verdict(diff: &DiffDocument) -> Vec<(&'static str, String, String)> {
    let survives = |side: &SideDocument| if side.verdict.survives_any_one_host { "yes" } else { "no" }.to_owned();
    let tolerance = |side: &SideDocument| match side.verdict.lowest_at.first() {
        None => format!("{} before the first step", side.verdict.lowest_etcd_tolerance),
        Some(step) => format!("{} at {step}", side.verdict.lowest_etcd_tolerance),
    };
    let accepted = |side: &SideDocument| side.verdict.accepted.len().to_string();
    let row = |name, of: &dyn Fn(&SideDocument) -> String| (name, of(&diff.before), of(&diff.after));
    vec![
        row("steps", &|side| side.steps.to_string()),
        row("any one machine may fail", &survives),
        row("lowest etcd tolerance", &tolerance),
        row("accepted risks", &accepted),
    ]
}

/// `40-add/x: sentence`.
pub(super) fn finding(finding: &Finding) -> (Option<&str>, &str) {
    (finding.step.as_deref(), &finding.text)
}

/// `a`, or `a` and those behind it with the same change, up to the last of them.
pub(super) fn steps(steps: &[String]) -> String {
    match steps {
        [] => String::new(),
        [one] => one.clone(),
        [first, last] => format!("{first}, {last}"),
        [first, rest @ .., last] => format!("{first} and {} more, the last {last}", rest.len() + 1),
    }
}

/// What changed of a step, in a few words: `commands, file etcd.service`.
pub(super) fn what(step: &StepChange) -> String {
    let parts = step.parts.iter().map(|change| part(change.part).to_owned());
    let names: Vec<&str> = step.artifacts.iter().map(|path| path.rsplit('/').next().unwrap_or(path)).collect();
    let files = match names.as_slice() {
        [] => None,
        [one] => Some(format!("file {one}")),
        several => Some(format!("files {}", several.join(", "))),
    };
    let place = step.moved.iter().map(|moved| match &moved.to_after {
        Some(after) => format!("now after {after}"),
        None => "now first".to_owned(),
    });
    match step.fate {
        Fate::Added | Fate::Removed => String::new(),
        Fate::Changed | Fate::Moved | Fate::Renamed => place.chain(parts).chain(files).collect::<Vec<_>>().join(", "),
    }
}

pub(super) fn part(part: Part) -> &'static str {
    match part {
        Part::Action => "what it does",
        Part::Title => "title",
        Part::Preconditions => "preconditions",
        Part::Run => "commands",
        Part::Verify => "verification",
        Part::Rollback => "way back",
        Part::RollbackLeaves => "what the way back leaves",
        Part::Words => "words",
    }
}

/// The lines of the spec behind a change.
pub(super) fn because(diff: &DiffDocument, step: &StepChange) -> String {
    let edits = step.edits.iter().filter_map(|edit| diff.edits.as_ref()?.get(*edit));
    let lines: Vec<String> = edits.map(Edit::place).collect();
    let pointer = &step.because.pointer;
    match (lines.as_slice(), step.fate) {
        // Where a step comes from is known of any plan; what was edited, of specs alone.
        ([], Fate::Removed) => format!("came from line {} ({pointer})", step.because.line),
        ([], Fate::Added | Fate::Changed | Fate::Moved | Fate::Renamed) => format!("comes from line {} ({pointer})", step.because.line),
        (lines, _) => lines.join(", "),
    }
}
