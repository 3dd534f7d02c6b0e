//! One of the two plans that are compared, wherever it came from: a compiled spec, a directory, a revision of a repository.
//!
//! Holds the plan as data and its artifacts as text. A plan directory may have been edited by anybody: names and addresses that replank would
//! never write are refused here, so that no view has to fear them. Does not know where plans lie.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::render::document::PlanDocument;
use crate::render::{PLAN, digest};

/// A plan as it is compared.
#[derive(Debug, Clone)]
pub struct Side {
    /// As the user wrote it on the command line.
    pub name: String,
    pub plan: PlanDocument,
    /// All files below `steps/`: path below the plan directory, and text. What is no UTF-8 was edited, and is read as well as it can be.
    pub artifacts: BTreeMap<String, String>,
    /// The digests of what else is listed: `plan.json`, and the pages that are made from it.
    pub pages: BTreeMap<String, String>,
    /// The spec that was compiled, where this side is one.
    pub spec: Option<String>,
    /// What the list of digests says of each file; empty for a plan that was just compiled.
    pub listed: BTreeMap<String, BTreeSet<String>>,
}

/// The files of a plan, wherever they lie: path below the plan directory, and content.
#[derive(Debug, Default)]
pub struct Files {
    /// `plan.json`, and all below `steps/`.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The digests of the others.
    pub pages: BTreeMap<String, String>,
}

impl Files {
    /// Files that were read whole.
    pub fn of(files: BTreeMap<String, Vec<u8>>) -> Self {
        let (files, pages): (BTreeMap<_, _>, BTreeMap<_, _>) =
            files.into_iter().partition(|(path, _)| path.starts_with("steps/") || path == PLAN);
        Self { files, pages: pages.into_iter().map(|(path, content)| (path, digest::sha256(&content))).collect() }
    }
}

impl Side {
    /// Reads the files of a plan.
    ///
    /// # Errors
    /// Says what is wrong with `plan.json`, without the name of the side.
    pub fn read(name: &str, files: Files, listed: BTreeMap<String, BTreeSet<String>>) -> Result<Self, String> {
        let Files { mut files, mut pages } = files;
        if let Some(path) = files.keys().chain(pages.keys()).find(|path| path.chars().any(char::is_control)) {
            return Err(format!("no file of a plan is called {path:?}"));
        }
        let bytes = files.remove(PLAN).ok_or_else(|| format!("there is no `{PLAN}` in it"))?;
        // Every minor version of format 1 is read; what a newer one adds is not compared.
        let plan = serde_json::from_slice(&bytes).map_err(|error| format!("its `{PLAN}` is not one of format 1: {error}"))?;
        is_sound(&plan).map_err(|what| format!("its `{PLAN}` was not written by replank: {what}"))?;
        if listed.contains_key(PLAN) {
            pages.insert(PLAN.to_owned(), digest::sha256(&bytes));
        }
        let artifacts = files.into_iter().map(|(path, content)| (path, text(content))).collect();
        Ok(Self { name: name.to_owned(), plan, artifacts, pages, spec: None, listed })
    }

    /// The same plan with what its format does not say yet and the other plan's does: before 1.5 no step said whether it takes something away, and what
    /// nobody said is no difference.
    pub(super) fn completed(&self, other: &Self) -> Cow<'_, Self> {
        if says_policy(&self.plan) || !says_policy(&other.plan) {
            return Cow::Borrowed(self);
        }
        let known: BTreeMap<&str, bool> = other.plan.steps.iter().map(|step| (step.id.as_str(), step.destructive)).collect();
        let mut completed = self.clone();
        completed.plan.steps.iter_mut().for_each(|step| step.destructive = known.get(step.id.as_str()).copied().unwrap_or_default());
        Cow::Owned(completed)
    }

    /// Pages of both that differ, where both plans say that they come from one spec and one version: what is compiled twice is the same to the letter.
    pub(super) fn unlike(&self, other: &Self) -> Vec<String> {
        let (plan, others) = (&self.plan, &other.plan);
        // A plan that was just compiled has no pages.
        let is_compiled = self.pages.is_empty() || other.pages.is_empty();
        if is_compiled || plan.spec_digest != others.spec_digest || plan.generator != others.generator {
            return Vec::new();
        }
        let differs = |path: &&String| match (self.pages.get(*path), other.pages.get(*path)) {
            (Some(one), Some(another)) => one != another,
            // A plan may be written in one language alone.
            (_, _) => !path.starts_with("RUNBOOK"),
        };
        let paths: BTreeSet<&String> = self.pages.keys().chain(other.pages.keys()).collect();
        paths.into_iter().filter(differs).cloned().collect()
    }

    /// Files that are not as replank wrote them, of those that the other side has otherwise: an edit that both sides have is no difference.
    pub(super) fn edited(&self, other: &Self) -> Vec<String> {
        let artifact = |path: &str, listed: &BTreeSet<String>| {
            let text = self.artifacts.get(path);
            text == other.artifacts.get(path) || text.is_some_and(|text| listed.contains(&digest::sha256(text.as_bytes())))
        };
        let page = |path: &str, listed: &BTreeSet<String>| {
            let digest = self.pages.get(path);
            digest == other.pages.get(path) || digest.is_some_and(|digest| listed.contains(digest))
        };
        let is_as_listed = |path: &str, listed| if path.starts_with("steps/") { artifact(path, listed) } else { page(path, listed) };
        self.listed.iter().filter(|(path, listed)| !is_as_listed(path, listed)).map(|(path, _)| path.clone()).collect()
    }
}

/// What replank never writes, and what would make a view say something else than it means.
fn is_sound(plan: &PlanDocument) -> Result<(), String> {
    let is_plain = |text: &str| {
        let begins = text.starts_with(|first: char| first.is_ascii_alphanumeric());
        begins && text.len() <= LONGEST && text.chars().all(|one| one.is_ascii_alphanumeric() || "._/-".contains(one))
    };
    let is_pointer = |text: &str| text.chars().all(|one| !one.is_control() && !"`<>|".contains(one));
    if !is_plain(&plan.migration) {
        return Err("the name of the migration".to_owned());
    }
    let mut addresses = BTreeSet::new();
    for (name, machine) in &plan.machines {
        if !addresses.insert((&machine.address, &machine.ssh.user, machine.ssh.port))
            || !is_plain(name)
            || machine.address.parse::<IpAddr>().is_err()
        {
            return Err(format!("the machine {name:?}"));
        }
    }
    let mut ids = BTreeSet::new();
    for step in &plan.steps {
        if !is_plain(&step.id) || step.because.pointer.len() > LONGEST || !is_pointer(&step.because.pointer) || !is_pointer(&step.action) {
            return Err(format!("the step {:?}", step.id));
        }
        if !ids.insert(&step.id) {
            return Err(format!("the step {:?} stands there twice", step.id));
        }
    }
    let verdict = &plan.verdict;
    let named = verdict.lowest_at.iter().chain(verdict.accepted_risks.iter().flat_map(|risk| [&risk.risk, &risk.step]));
    match named.into_iter().find(|name| !is_plain(name)) {
        Some(name) => Err(format!("the verdict names {name:?}")),
        None => Ok(()),
    }
}

/// Whether the format of a plan says which steps take something away, and under which policy it was made: since 1.5.
pub(super) fn says_policy(plan: &PlanDocument) -> bool {
    let minor = plan.format_version.split_once('.').and_then(|(_, minor)| minor.parse::<u32>().ok());
    minor.is_some_and(|minor| minor >= 5)
}

/// Letters that the name of a step or of a machine has at most; those of specs are far shorter.
const LONGEST: usize = 1_000;

/// What is no UTF-8 is read as well as it can be, and told from other such bytes by its digest.
fn text(content: Vec<u8>) -> String {
    String::from_utf8(content).unwrap_or_else(|error| {
        let bytes = error.as_bytes();
        format!("(no UTF-8, SHA-256 {})\n{}", digest::sha256(bytes), String::from_utf8_lossy(bytes))
    })
}
