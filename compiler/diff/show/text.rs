//! The difference of two plans for a terminal: the whole of it, or the summary that `compile` gives.

use std::fmt::Write;

use crate::diff::document::{ArtifactChange, DiffDocument, Edit, Fate, Finding, RowChange, StepChange, WordChange};

use super::phrase;
use crate::diff::visible::visible;

/// How many steps the summary names.
const SUMMARY_STEPS: usize = 20;

/// How many of those that have only another name or address.
const SUMMARY_RENAMED: usize = 5;

/// Everything, down to each line of each artifact.
pub fn whole(diff: &DiffDocument) -> String {
    visible(&all(diff)).into_owned()
}

fn all(diff: &DiffDocument) -> String {
    let mut text = String::new();
    // Writing into a `String` cannot fail.
    let _ = writeln!(text, "{}: {}", diff.migration, phrase::headline(diff));
    text.push_str(&verdict(diff));
    text.push_str(&findings("worse", '!', &diff.regressions));
    text.push_str(&findings("accepted for another reason", '*', &diff.reworded));
    text.push_str(&findings("better", '*', &diff.improvements));
    text.push_str(&edited(diff));
    text.push_str(&renamed(diff, usize::MAX));
    text.push_str(&destructive(diff));
    text.push_str(&edits(diff.edits.as_deref().unwrap_or_default()));
    text.push_str(&steps(diff, usize::MAX));
    let word = |word: &WordChange| format!("{} -> {}, in {}", word.from, word.to, phrase::counted(word.steps, "step"));
    text.push_str(&section("words with other names or addresses", diff.words.iter().map(word)));
    text.push_str(&facts(diff));
    text.push_str(&ledger(&diff.ledger));
    text.push_str(&contents(diff));
    text
}

/// What a person must know who has just compiled: what got worse, and which steps changed.
pub fn summary(diff: &DiffDocument) -> String {
    let head = format!("{}\n", phrase::headline(diff));
    let worse = findings("worse", '!', &diff.regressions) + &findings("accepted for another reason", '*', &diff.reworded);
    let better = findings("better", '*', &diff.improvements);
    let text = [head, worse, better, edited(diff), renamed(diff, SUMMARY_RENAMED), destructive(diff), steps(diff, SUMMARY_STEPS)].concat();
    visible(&text).into_owned()
}

fn section(title: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: String = lines.map(|line| format!("  {line}\n")).collect();
    if lines.is_empty() { lines } else { format!("{title}:\n{lines}") }
}

fn verdict(diff: &DiffDocument) -> String {
    let row = |(name, before, after): (&str, String, String)| {
        if before == after { format!("{name}: {after}") } else { format!("{name}: {after} (before: {before})") }
    };
    section("verdict", phrase::verdict(diff).into_iter().map(row))
}

fn findings(title: &str, mark: char, findings: &[Finding]) -> String {
    let line = |finding: &Finding| match phrase::finding(finding) {
        (Some(step), text) => format!("{mark} {step}: {text}"),
        (None, text) => format!("{mark} {text}"),
    };
    section(title, findings.iter().map(line))
}

fn edited(diff: &DiffDocument) -> String {
    let sides = [&diff.before, &diff.after].into_iter();
    let files = sides.flat_map(|side| side.edited.iter().map(|path| format!("! {}/{path}", side.name)));
    let unlike = diff.unlike.iter().map(|path| format!("! {path}, in one of the plans: both say that they come from the same spec"));
    section("edited by hand", files.chain(unlike))
}

fn renamed(diff: &DiffDocument, most: usize) -> String {
    let steps: Vec<&str> = phrase::only_renamed(diff).map(|step| step.id.as_str()).collect();
    let rest = steps.len().saturating_sub(most);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let same = (!steps.is_empty())
        .then(|| format!("= the same but for that: {}{more}", steps.iter().take(most).copied().collect::<Vec<_>>().join(", ")));
    section("other names and addresses; the older plan is shown with the new ones", phrase::renamed(diff).into_iter().chain(same))
}

fn destructive(diff: &DiffDocument) -> String {
    let steps = phrase::destructive(diff);
    let line = |step: &StepChange| {
        let end = if step.no_way_back { ", no way back" } else { "" };
        let other = if step.fate == Fate::Renamed { " (with other names or addresses)" } else { "" };
        format!("{} {}{other}: {}{end}", phrase::mark(step.fate), step.id, step.title.en)
    };
    section("destructive", steps.map(line))
}

fn edits(edits: &[Edit]) -> String {
    let lines = edits.iter().flat_map(|edit| {
        let head = format!("{}: {}", edit.place(), edit.consequence());
        let removed = edit.removed.iter().map(|line| format!("  - {line}"));
        let added = edit.added.iter().map(|line| format!("  + {line}"));
        std::iter::once(head).chain(removed).chain(added).collect::<Vec<_>>()
    });
    section("edits of the spec", lines)
}

fn steps(diff: &DiffDocument, most: usize) -> String {
    let line = |step: &StepChange| {
        let what = phrase::what(step);
        let what = if what.is_empty() { step.title.en.clone() } else { what };
        let was = step.was.as_ref().map(|was| format!(" (was {was})")).unwrap_or_default();
        format!("{} {}{was}: {what}; {}", phrase::mark(step.fate), step.id, phrase::because(diff, step))
    };
    let rest = phrase::told(diff).count().saturating_sub(most);
    let more = (rest > 0).then(|| format!("and {rest} more"));
    section("steps", phrase::told(diff).take(most).map(line).chain(more))
}

fn facts(diff: &DiffDocument) -> String {
    if diff.edits.as_ref().is_some_and(|edits| !edits.is_empty()) {
        // The edits of the spec say the same in the user's words.
        return String::new();
    }
    let value = |value: &Option<serde_json::Value>| value.as_ref().map_or_else(|| "(nothing)".to_owned(), ToString::to_string);
    section("facts", diff.facts.iter().map(|fact| format!("{}: {} -> {}", fact.pointer, value(&fact.before), value(&fact.after))))
}

fn ledger(rows: &[RowChange]) -> String {
    let line = |row: &RowChange| {
        let columns = row.columns.iter().map(|column| format!("{} {} -> {}", column.column, column.before, column.after));
        format!("{}: {}", phrase::steps(&row.steps), columns.collect::<Vec<_>>().join("; "))
    };
    section("ledger", rows.iter().map(line))
}

/// The changed lines of steps and artifacts.
fn contents(diff: &DiffDocument) -> String {
    let mut text = String::new();
    for step in &diff.steps {
        for change in &step.parts {
            let _ = write!(text, "\n{}, {}:\n{}", step.id, phrase::part(change.part), change.diff);
        }
    }
    for ArtifactChange { fate, paths, diff } in &diff.artifacts {
        let _ = write!(text, "\n{} {}:\n{diff}", phrase::mark(*fate), paths.join(&format!("\n{} ", phrase::mark(*fate))));
    }
    text
}
