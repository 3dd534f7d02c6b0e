//! What is wrong with the files of a plan directory, as findings in these files: where it differs, and how it came to that.
//!
//! Does not look at the disk, and does not print.

use serde::Deserialize;

use crate::diag::{Code, Diagnostic};
use crate::pipeline::Compiled;
use crate::render::document::Generator;
use crate::render::{PLAN, digest};
use crate::source::{SourceFile, Span};
use crate::write::{Condition, Difference, Existing};

use crate::cli::output::Part;
use crate::cli::report;

/// The longest line that a finding quotes, in characters.
const QUOTED: usize = 160;

/// The directory as it is shown, with what was found in it.
pub(super) struct Directory<'a> {
    pub name: &'a str,
    pub found: &'a Existing,
}

/// What a plan says of its own origin.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Origin {
    generator: Generator,
    spec_digest: String,
}

impl Origin {
    fn of(plan: &[u8]) -> Option<Self> {
        serde_json::from_slice(plan).ok()
    }
}

impl Directory<'_> {
    /// Every file that is not as `SHA256SUMS` says.
    pub fn against_sums(&self) -> Vec<Part> {
        let edited = self.found.in_condition(Condition::Edited).map(|path| {
            let label = match path {
                digest::SUMS => "git left the conflict of a merge in it",
                _ => "its SHA-256 is not the one in `SHA256SUMS`",
            };
            self.part(path, |_| Diagnostic::new(Code::W101, Span::new(0, 0), label))
        });
        let missing = self.found.in_condition(Condition::Missing).map(|path| self.missing(path));
        edited.chain(missing).collect()
    }

    /// Every file that is not what the spec compiles to.
    pub fn against_spec(&self, compiled: &Compiled) -> Vec<Part> {
        let reason = self.reason(compiled);
        let because = |path: &str| match self.found.ours.get(path).map(|ours| ours.condition) {
            Some(Condition::Edited) if path == digest::SUMS => (Code::W101, "git left the conflict of a merge in it.".to_owned()),
            Some(Condition::Edited) => (Code::W101, "`SHA256SUMS` says that it was edited after it was written.".to_owned()),
            Some(Condition::Unchanged | Condition::Missing) | None => (Code::W103, reason.clone()),
        };
        let part = |difference: &Difference| match difference {
            Difference::Missing { path } => self.missing(path),
            Difference::Extra { path } => {
                self.part(path, |_| Diagnostic::new(Code::W104, Span::new(0, 0), "the spec compiles to no such file").why(&reason))
            }
            Difference::Lines { path, line, .. } => {
                let (code, why) = because(path);
                self.part(path, |text| Diagnostic::new(code, span(text, *line), label(difference)).why(why))
            }
        };
        crate::write::differences(self.found, &compiled.tree).iter().map(part).collect()
    }

    fn part(&self, path: &str, finding: impl FnOnce(&str) -> Diagnostic) -> Part {
        let content = self.found.ours.get(path).map_or(&[][..], |ours| &ours.content);
        let text = String::from_utf8_lossy(content).into_owned();
        let finding = finding(&text);
        (SourceFile::new(format!("{}/{path}", self.name), text), finding.into())
    }

    /// A file that is not there is shown where it is listed, or should be.
    fn missing(&self, path: &str) -> Part {
        self.part(digest::SUMS, |sums| {
            let listed = sums.find(&format!("  {path}\n")).map_or(0..0, |at| at + 2..at + 2 + path.len());
            Diagnostic::new(Code::W102, Span::new(listed.start, listed.end), format!("`{}/{path}` is not there", self.name))
        })
    }

    /// Why a directory that nobody edited is not what the spec compiles to, as far as its `plan.json` tells.
    fn reason(&self, compiled: &Compiled) -> String {
        let found = self.found.ours.get(PLAN).and_then(|plan| Origin::of(&plan.content));
        let expected = compiled.tree.files.get(PLAN).and_then(|plan| Origin::of(plan.as_bytes()));
        let (Some(found), Some(expected)) = (found, expected) else {
            return "Its `plan.json` cannot be read, so it is not known what it was compiled from.".to_owned();
        };
        let (version, here) = (found.generator.version, expected.generator.version);
        let is_same_spec = found.spec_digest == expected.spec_digest;
        match (version == here, is_same_spec) {
            (false, true) => format!("The plan was written by replank {version}, and this is replank {here}."),
            (false, false) => {
                format!("The plan was written by replank {version}, and this is replank {here}; the spec has changed since, too.")
            }
            (true, false) => "The spec has changed since the plan was written.".to_owned(),
            (true, true) => format!(
                "The spec is the one that the plan was compiled from: another build of replank {here} wrote it, or somebody edited it and \
                 wrote `SHA256SUMS` anew."
            ),
        }
    }
}

/// A line without its end; the end of the text where it has no such line.
fn span(text: &str, line: usize) -> Span {
    let start = text.split_inclusive('\n').take(line - 1).map(str::len).sum::<usize>();
    let length = text.get(start..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
    Span::new(start, start + length)
}

/// What should stand there, and how many lines are concerned.
fn label(difference: &Difference) -> String {
    let Difference::Lines { expected, found, surplus, lacking, .. } = difference else { return String::new() };
    let quoted = |line: &String| {
        let shown: String = line.trim_end().chars().take(QUOTED).collect();
        let cut = if line.trim_end().len() > shown.len() { "…" } else { "" };
        format!("`{shown}{cut}`")
    };
    let first = match (expected, found) {
        (None, _) => "expected the end of the file".to_owned(),
        (Some(expected), None) => format!("the file ends, expected {}", quoted(expected)),
        (Some(expected), Some(found)) if expected.trim_end() == found.trim_end() => "expected another end of the line".to_owned(),
        (Some(expected), Some(_)) => format!("expected {}", quoted(expected)),
    };
    let lines = |count: &usize| report::counted(*count, "line");
    match (surplus, lacking) {
        (0, 0) => format!("{first}; the lines are the same in another order"),
        (0, lacking) => format!("{first}; {} missing", lines(lacking)),
        (surplus, 0) => format!("{first}; {} too many", lines(surplus)),
        (surplus, lacking) if surplus == lacking => format!("{first}; {} changed", lines(surplus)),
        (surplus, lacking) => format!("{first}; {} changed, {} expected for them", lines(surplus), lacking),
    }
}
