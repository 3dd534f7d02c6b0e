//! Which edit of the spec is behind which step.
//!
//! With one edit there is nothing to ask. With several, each is taken back alone, and what remains is compiled: the steps that are then
//! otherwise are there because of it. An edit without which there is no plan, such as a machine that another edit gives a role, is taken back with
//! the first other one with which a spec remains; it is named only for steps that no other edit explains. Where all that would be too much work,
//! the line of the spec that the plan gives for each step decides. What is still without a cause is laid to all edits.
//!
//! Knows lines of text. Does not know what they mean.

mod said;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::render::document::StepDocument;

use super::Side;
use super::document::{Edit, StepChange};
use super::step;
use super::unified::{self, Hunk};
use super::version::Version;

/// Bytes of plans that are compiled at most to find causes: a plan of a hundred steps has half a million and takes a tenth of a second, so that
/// this is a few seconds. What a compilation costs is what it writes, whether in many steps or in long ones.
const MOST_BYTES: usize = 16_000_000;

/// Edits up to which a step that no edit explains is laid to all of them: of more, it says nothing.
const MOST_NAMED: usize = 50;

/// Compiles a spec that is like the newer one but for an edit. `None`: there is no such plan.
pub type Compile<'a> = dyn Fn(&str) -> Option<Side> + 'a;

/// The edits between two specs, and for each step that changed the ones behind it, which are written into `steps`.
pub(super) fn attribute(before: &str, after: &Side, compile: &Compile<'_>, steps: &mut [StepChange]) -> Vec<Edit> {
    // YAML reads both ends of a line as the same one.
    let unix = |text: &str| text.replace("\r\n", "\n");
    let (before, text) = (unix(before), unix(after.spec.as_deref().unwrap_or_default()));
    let all = unified::hunks(&before, &text);
    let hunks = match said::edits(&before, &text, &all) {
        // What looks like a comment is one, but where a step changed.
        none if none.is_empty() && !steps.is_empty() => all,
        edits => edits,
    };
    let causes = match hunks.as_slice() {
        [] | [_] => Causes::default(),
        several => {
            let quiet = said::only_accept(&before, &text, several);
            Retraction { hunks: several, quiet, text: &text, after, compile, changed: steps }.causes()
        }
    };
    let mut behind: Vec<Vec<String>> = vec![Vec::new(); hunks.len()];
    let everyone = || if hunks.len() > MOST_NAMED { BTreeSet::new() } else { (0..hunks.len()).collect() };
    for step in &mut *steps {
        let found = causes.of_steps.get(&step.id).cloned().or_else(|| by_line(&hunks, step).map(|edit| BTreeSet::from([edit])));
        step.edits = found.unwrap_or_else(everyone).into_iter().collect();
        for edit in &step.edits {
            behind.get_mut(*edit).into_iter().for_each(|steps| steps.push(step.id.clone()));
        }
    }
    let edits = hunks.into_iter().zip(behind).enumerate().map(|(number, (hunk, steps))| Edit {
        line_before: hunk.before.start + 1,
        line_after: hunk.after.start + 1,
        removed: ended(&hunk.removed),
        added: ended(&hunk.added),
        needed: causes.needed.contains(&number),
        steps,
    });
    edits.collect()
}

/// Lines without their ends.
fn ended(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| line.trim_end_matches(['\n', '\r']).to_owned()).collect()
}

/// What was found by compiling, by the numbers of edits.
#[derive(Debug, Default)]
struct Causes {
    of_steps: BTreeMap<String, BTreeSet<usize>>,
    /// Edits without which there is no plan.
    needed: BTreeSet<usize>,
}

/// Edits taken back, one by one.
struct Retraction<'a> {
    hunks: &'a [Hunk],
    /// Edits of accepted risks alone: they are in no step, also where there is no plan without them.
    quiet: BTreeSet<usize>,
    text: &'a str,
    after: &'a Side,
    compile: &'a Compile<'a>,
    changed: &'a [StepChange],
}

impl Retraction<'_> {
    /// For each step the edits without which it would not be as it is. Nothing, where that would be too much work.
    fn causes(&self) -> Causes {
        let mut causes = Causes::default();
        let Some(mut compilations) = compilations(self.after).checked_sub(self.hunks.len()) else { return causes };
        for edit in 0..self.hunks.len() {
            match self.without(&BTreeSet::from([edit])) {
                Some(steps) => steps.into_iter().for_each(|step| causes.of_steps.entry(step).or_default().extend([edit])),
                None => causes.needed.extend([edit]),
            }
        }
        let explained: BTreeSet<String> = causes.of_steps.keys().cloned().collect();
        for edit in causes.needed.clone() {
            for (step, edits) in self.with_another(edit, &mut compilations) {
                if !explained.contains(&step) {
                    causes.of_steps.entry(step).or_default().extend(edits.iter().filter(|edit| !self.quiet.contains(edit)));
                }
            }
        }
        causes
    }

    /// The steps that would be otherwise without an edit and the first other one with which it can be taken back, and both edits.
    fn with_another(&self, edit: usize, compilations: &mut usize) -> Vec<(String, [usize; 2])> {
        for other in (0..self.hunks.len()).filter(|other| *other != edit) {
            let Some(rest) = compilations.checked_sub(1) else { break };
            *compilations = rest;
            if let Some(steps) = self.without(&BTreeSet::from([edit, other])) {
                return steps.into_iter().map(|step| (step, [edit, other])).collect();
            }
        }
        Vec::new()
    }

    /// The steps among those that changed which would be otherwise without these edits. `None`: there would be no plan.
    fn without(&self, edits: &BTreeSet<usize>) -> Option<Vec<String>> {
        let then = (self.compile)(&without(self.text, self.hunks, edits))?;
        Some(differing(self.after, &then, self.changed))
    }
}

/// How many plans like this one may be compiled.
fn compilations(side: &Side) -> usize {
    let mut written = Written(0);
    let artifacts: usize = side.artifacts.values().map(String::len).sum();
    match serde_json::to_writer(&mut written, &side.plan) {
        Ok(()) => MOST_BYTES / (written.0 + artifacts).max(1),
        // So large that it was not counted to its end.
        Err(_) => 0,
    }
}

/// Counts what is written, up to what is allowed at all.
struct Written(usize);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        if self.0 > MOST_BYTES { Err(io::ErrorKind::WriteZero.into()) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The steps among those that changed which are not the same in both plans.
fn differing(now: &Side, then: &Side, changed: &[StepChange]) -> Vec<String> {
    let (new, old) = (positions(now), positions(then));
    let differs = |step: &&StepChange| match (new.get(step.id.as_str()), old.get(step.id.as_str())) {
        (Some(new), Some(old)) => {
            (step.moved.is_some() && new.1 != old.1) || !step::is_same(&Version::of(then, old.0), &Version::of(now, new.0))
        }
        (None, None) => false,
        (Some(_), None) | (None, Some(_)) => true,
    };
    changed.iter().filter(differs).map(|step| step.id.clone()).collect()
}

/// Each step with the one before it.
fn positions(side: &Side) -> BTreeMap<&str, (&StepDocument, Option<&str>)> {
    let ids = side.plan.steps.iter().map(|step| step.id.as_str());
    let previous = std::iter::once(None).chain(ids.map(Some));
    side.plan.steps.iter().zip(previous).map(|(step, previous)| (step.id.as_str(), (step, previous))).collect()
}

/// The newer spec with some of its edits taken back.
fn without(text: &str, hunks: &[Hunk], edits: &BTreeSet<usize>) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut older: Vec<&str> = Vec::new();
    let mut at = 0;
    for hunk in edits.iter().filter_map(|edit| hunks.get(*edit)) {
        older.extend(lines.get(at..hunk.after.start).unwrap_or_default());
        older.extend(hunk.removed.iter().map(String::as_str));
        at = hunk.after.end;
    }
    older.extend(lines.get(at..).unwrap_or_default());
    older.concat()
}

/// The edit that holds the line which the plan gives for a step.
fn by_line(hunks: &[Hunk], step: &StepChange) -> Option<usize> {
    let line = step.because.line.checked_sub(1)?;
    let is_gone = step.fate == super::document::Fate::Removed;
    hunks.iter().position(|hunk| if is_gone { &hunk.before } else { &hunk.after }.contains(&line))
}
