//! A step of one plan as it is compared: its document, and its artifacts.
//!
//! Does not compare.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::render::document::{ArtifactDocument, StepDocument};

use super::rename::Renaming;
use super::side::Side;

/// A step, and its artifacts by their path below the plan directory.
#[derive(Debug, Clone)]
pub(super) struct Version<'a> {
    pub document: Cow<'a, StepDocument>,
    pub artifacts: BTreeMap<Cow<'a, str>, Artifact<'a>>,
}

/// A file of a step, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Artifact<'a> {
    /// Each place as one line; none for a file that no step claims.
    pub places: Vec<String>,
    /// Absent where the file is missing.
    pub text: Option<Cow<'a, str>>,
}

impl<'a> Version<'a> {
    pub(super) fn of(side: &'a Side, step: &'a StepDocument) -> Self {
        let mut artifacts: BTreeMap<Cow<'a, str>, Artifact<'a>> = BTreeMap::new();
        for claimed in &step.artifacts {
            let text = side.artifacts.get(&claimed.path).map(|text| Cow::Borrowed(text.as_str()));
            let artifact = artifacts.entry(Cow::Borrowed(&claimed.path)).or_insert(Artifact { places: Vec::new(), text });
            artifact.places.push(place(claimed));
        }
        Self { document: Cow::Borrowed(step), artifacts }
    }

    /// The same step, had its machines been called otherwise.
    pub(super) fn renamed(&self, renaming: &Renaming) -> Version<'static> {
        let document = renaming.step(&self.document);
        let renamed = self.artifacts.iter().map(|(path, artifact)| {
            let places = artifact.places.iter().map(|place| renaming.apply(place)).collect();
            let text = artifact.text.as_ref().map(|text| Cow::Owned(renaming.apply(text)));
            (Cow::Owned(renaming.path(path, &self.document)), Artifact { places, text })
        });
        Version { artifacts: renamed.collect(), document: Cow::Owned(document) }
    }
}

/// Where an artifact goes, as one line.
fn place(artifact: &ArtifactDocument) -> String {
    let ArtifactDocument { host, destination, owner, mode, path: _, kind: _ } = artifact;
    let rights = [owner, mode].into_iter().flatten().map(|right| format!(" {right}"));
    format!("{host}:{destination}{}", rights.collect::<String>())
}
