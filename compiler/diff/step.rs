//! What of a step changed: its words, its commands, its artifacts.
//!
//! Knows the parts of a step as they stand in `plan.json`. Does not judge a change; the row of the ledger after the step is not looked at here,
//! because one edit changes every row that follows it; nor what the step waits for, which follows from where the others stand.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::render::document::{Command, OperationDocument, OperationLine, StepDocument, Text, Trouble, Words};

use super::document::{Fate, Part, PartChange};
use super::rename::Renaming;
use super::unified;
use super::version::{Artifact, Version};
use super::visible::visible;

/// The machines that a step acts upon: `control-plane.hand-over(a, b)`.
pub(super) fn machines(step: &StepDocument) -> impl Iterator<Item = &str> {
    let inside = step.action.split_once('(').map(|(_, inside)| inside.trim_end_matches(')')).unwrap_or_default();
    inside.split(", ")
}

/// What is not the same in two versions of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Difference {
    pub parts: Vec<PartChange>,
    pub artifacts: Vec<Changed>,
}

impl Difference {
    /// Of a step that stands in one plan alone, every command and every artifact differs.
    pub(super) fn between(before: Option<&Version<'_>>, after: Option<&Version<'_>>) -> Self {
        let parts = match (before, after) {
            (Some(old), Some(new)) => parts(&old.document, &new.document),
            (Some(one), None) => alone(one).map(|(part, text)| PartChange { part, diff: unified::lines(&text, "") }).collect(),
            (None, Some(one)) => alone(one).map(|(part, text)| PartChange { part, diff: unified::lines("", &text) }).collect(),
            (None, None) => Vec::new(),
        };
        Self { parts, artifacts: artifacts(before, after) }
    }

    /// What differs also as it was written: what is the same to the letter is no difference, though a name in it should mean something else now.
    pub(super) fn but_for(mut self, written: &Self, before: &Version<'_>, after: Option<&Version<'_>>) -> Self {
        self.parts.retain(|change| written.parts.iter().any(|other| other.part == change.part));
        let is_same =
            |path: &str| after.is_some_and(|after| before.artifacts.get(path).is_some_and(|old| after.artifacts.get(path) == Some(old)));
        self.artifacts.retain(|change| !is_same(&change.path));
        self
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.parts.is_empty() && self.artifacts.is_empty()
    }
}

/// Whether two versions of a step say and do the same, and have the same files.
pub(super) fn is_same(before: &Version<'_>, after: &Version<'_>) -> bool {
    let (old, new) = (&*before.document, &*after.document);
    let does = old.action == new.action && old.operation == new.operation && old.destructive == new.destructive;
    let says = old.title == new.title && old.words == new.words && old.no_way_back == new.no_way_back;
    let runs = old.preconditions == new.preconditions && old.run == new.run && old.verify == new.verify;
    let returns = old.rollback == new.rollback && old.rollback_leaves == new.rollback_leaves;
    does && says
        && runs
        && returns
        && paths(Some(before), Some(after)).into_iter().all(|path| texts_of(path, Some(before), Some(after)).is_none())
}

/// Words of a step that new names and addresses change: a name may be part of a path that means something else.
pub(super) fn words_between(before: &Version<'_>, renamed: &Version<'_>, renaming: &Renaming) -> BTreeSet<(String, String)> {
    let mut changed = BTreeSet::new();
    let mut compare = |old: &str, new: &str| {
        let pairs = old.split_whitespace().zip(new.split_whitespace()).filter(|(old, new)| old != new);
        let bare = |word: &str| word.trim_matches(|one| "'\",.:;".contains(one)).to_owned();
        changed.extend(pairs.map(|(old, new)| (bare(old), bare(new))));
    };
    texts(&before.document).iter().zip(&texts(&renamed.document)).for_each(|((_, old), (_, new))| compare(old, new));
    for (path, old) in &before.artifacts {
        let Some(new) = renamed.artifacts.get(renaming.path(path, &before.document).as_str()) else { continue };
        old.text.iter().zip(&new.text).for_each(|(old, new)| compare(old, new));
        old.places.iter().zip(&new.places).for_each(|(old, new)| compare(old, new));
    }
    changed
}

/// What changed between two versions of one step, without its artifacts, in the order of the runbook.
fn parts(before: &StepDocument, after: &StepDocument) -> Vec<PartChange> {
    let pairs = texts(before).into_iter().zip(texts(after));
    let differ = pairs.filter(|((_, old), (_, new))| old != new);
    differ.map(|((part, old), (_, new))| PartChange { part, diff: unified::lines(&visible(&old), &visible(&new)) }).collect()
}

/// The parts of a step that stands in one plan alone which do something.
fn alone(step: &Version<'_>) -> impl Iterator<Item = (Part, String)> {
    let does = |part: &Part| matches!(part, Part::Preconditions | Part::Run | Part::Verify | Part::Rollback);
    let some = texts(&step.document).into_iter().filter(move |(part, text)| does(part) && !text.is_empty());
    some.map(|(part, text)| (part, visible(&text).into_owned()))
}

/// Every part as text, always the same ones in the same order.
fn texts(step: &StepDocument) -> [(Part, String); 8] {
    [
        (Part::Action, action(step)),
        (Part::Title, both(&step.title)),
        (Part::Preconditions, written(&step.preconditions)),
        (Part::Run, written(&step.run)),
        (Part::Verify, written(&step.verify)),
        (Part::Rollback, written(&step.rollback)),
        (Part::RollbackLeaves, step.rollback_leaves.join("\n")),
        (Part::Words, words(step)),
    ]
}

/// An artifact of a step that is not the same in both plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Changed {
    /// Below the plan directory of the newer plan; of the older one for an artifact that is gone.
    pub path: String,
    pub fate: Fate,
    pub diff: String,
}

/// The artifacts of one step that differ in more than where in the spec they come from.
fn artifacts(before: Option<&Version<'_>>, after: Option<&Version<'_>>) -> Vec<Changed> {
    let changed = paths(before, after).into_iter().filter_map(|path| {
        let (old, new) = texts_of(path, before, after)?;
        compared(path, old, new)
    });
    changed.collect()
}

fn paths<'a>(before: Option<&'a Version<'_>>, after: Option<&'a Version<'_>>) -> BTreeSet<&'a str> {
    [before, after].into_iter().flatten().flat_map(|version| version.artifacts.keys().map(AsRef::as_ref)).collect()
}

/// Both texts of a file that is not the same; none where it is.
fn texts_of(path: &str, before: Option<&Version<'_>>, after: Option<&Version<'_>>) -> Option<(Option<String>, Option<String>)> {
    let (old, new) = (before.and_then(|version| version.artifacts.get(path)), after.and_then(|version| version.artifacts.get(path)));
    // The commonest case by far, and the cheapest to find out.
    if old == new {
        return None;
    }
    let is_elsewhere = old.map(|old| &old.places) != new.map(|new| &new.places);
    let text = |(artifact, version): (&Artifact<'_>, &Version<'_>)| {
        let places = artifact.places.iter().filter(|_| is_elsewhere).map(|place| format!("goes to {place}\n"));
        let text = artifact.text.as_ref().map(|text| without_origin(text, &version.document.id));
        places.chain([text.unwrap_or_else(|| "(the file is missing)\n".to_owned())]).collect::<String>()
    };
    let (old, new) = (old.zip(before).map(text), new.zip(after).map(text));
    (old != new).then_some((old, new))
}

/// Two versions of one file.
pub(super) fn compared(path: &str, old: Option<String>, new: Option<String>) -> Option<Changed> {
    let fate = match (&old, &new) {
        (None, None) => return None,
        (None, Some(_)) => Fate::Added,
        (Some(_), None) => Fate::Removed,
        (Some(old), Some(new)) if old == new => return None,
        (Some(_), Some(_)) => Fate::Changed,
    };
    let shown = |text: Option<String>| text.map(|text| visible(&ended(&text)).into_owned()).unwrap_or_default();
    Some(Changed { path: path.to_owned(), fate, diff: unified::lines(&shown(old), &shown(new)) })
}

/// A text whose last line does not end says so: some programs do not read such a line.
fn ended(text: &str) -> Cow<'_, str> {
    if text.is_empty() || text.ends_with('\n') {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("{text}\n\\ No newline at end of file\n"))
    }
}

/// An artifact without the pairs of comments that say which version of replank made it and which line of the spec is behind it: those move when a
/// line is added at the top of the spec. Every word of them is checked: whoever writes something like it says something.
fn without_origin(text: &str, id: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let is_pair = |number: usize| {
        let line = |number: usize| lines.get(number).copied().unwrap_or_default();
        is_made(line(number), id) && is_caused(line(number + 1))
    };
    let is_origin = |number: usize| is_pair(number) || number.checked_sub(1).is_some_and(is_pair);
    lines.iter().enumerate().filter(|(number, _)| !is_origin(*number)).map(|(_, line)| *line).collect()
}

/// What a line says that is a comment in every language of artifacts.
fn comment(line: &str) -> Option<&str> {
    Some(line.trim_matches([' ', '\n']).strip_prefix('#')?.trim_matches(' '))
}

/// `Made by replank 0.1.0 for step 10-prepare/phy-1.`
fn is_made(line: &str, id: &str) -> bool {
    let version = comment(line).and_then(|said| said.strip_prefix("Made by replank ")?.strip_suffix(&format!(" for step {id}.")));
    version.is_some_and(|version| version.chars().all(|one| one.is_ascii_alphanumeric() || ".-+".contains(one)))
}

/// `Caused by line 59, column 20 of the spec: /spec/target/controlPlane/0. Change the spec, not this file.`
fn is_caused(line: &str) -> bool {
    let said = comment(line).and_then(|said| said.strip_prefix("Caused by line ")?.strip_suffix(". Change the spec, not this file."));
    let Some((place, pointer)) = said.and_then(|said| said.split_once(" of the spec: ")) else { return false };
    let is_plain = |one: char| one.is_ascii_alphanumeric() || "/._~-".contains(one);
    place.chars().all(|one| one.is_ascii_digit() || " ,column".contains(one)) && pointer.chars().all(is_plain)
}

/// Commands as one text. What a shell reads is indented, so that no line of it can look like one of ours.
fn written(commands: &[Command]) -> String {
    let one = |command: &Command| {
        let Command { on, note, shell, expect, timeout_seconds, retry_every_seconds } = command;
        let every = retry_every_seconds.map(|seconds| format!(", again every {seconds} s"));
        let head = format!("# on {on}, within {timeout_seconds} s{}\n", every.unwrap_or_default());
        let note = note.iter().map(|note| format!("# {}\n# {}\n", note.en, note.zh)).collect::<String>();
        let shell: String = shell.trim_end_matches('\n').split('\n').map(|line| format!("  {line}\n")).collect();
        let expect = expect.iter().map(|expect| format!("# expect: {expect}\n")).collect::<String>();
        head + &note + &shell + &expect
    };
    commands.iter().map(one).collect()
}

fn action(step: &StepDocument) -> String {
    let line = |operation: &OperationDocument| {
        let one = |line: &OperationLine| {
            let machines = [("changes", &line.changes), ("asks", &line.asks)].into_iter().filter(|(_, names)| !names.is_empty());
            let machines = machines.map(|(verb, names)| format!("; {verb} {}", names.join(", ")));
            format!("\n{}: {}{}", line.moment, line.command, machines.collect::<String>())
        };
        format!("\noperation {}{}", operation.name, operation.lines.iter().map(one).collect::<String>())
    };
    let destructive = if step.destructive { "\ntakes something away" } else { "" };
    format!("{}{destructive}{}", step.action, step.operation.as_ref().map(line).unwrap_or_default())
}

fn both(text: &Text) -> String {
    format!("{}\n{}", text.en, text.zh)
}

/// The words besides commands, in both languages, each with what it is.
fn words(step: &StepDocument) -> String {
    let Words { why, risk, no_way_back, trouble, pause, unlike } = &step.words;
    let labelled = |label: &'static str, text: &Text| format!("{label}: {}", both(text));
    let trouble = trouble.iter().flat_map(|Trouble { symptom, action }| [labelled("trouble", symptom), labelled("then", action)]);
    let own = step.no_way_back.iter().filter(|why| no_way_back.as_ref().is_none_or(|text| text.en != **why));
    let all = why.iter().map(|text| labelled("why", text));
    let all = all.chain(risk.iter().map(|text| labelled("risk", text))).chain(no_way_back.iter().map(|text| labelled("no way back", text)));
    let all = all.chain(own.map(|why| format!("no way back: {why}"))).chain(trouble);
    let all = all.chain(pause.iter().map(|text| labelled("pause", text))).chain(unlike.iter().map(|text| labelled("unlike", text)));
    all.collect::<Vec<_>>().join("\n")
}
