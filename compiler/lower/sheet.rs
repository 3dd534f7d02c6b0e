//! What one step needs to be written down: which words, which values, which files.
//!
//! Does not know any language: words stand in `templates/steps/`.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::artifact::Artifact;
use crate::model::MachineName;

#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// Templates below `templates/steps/`, without `.yaml`. The first title counts; reasons and commands
    /// of all follow each other.
    pub words: Vec<&'static str>,
    /// Values for the words.
    pub context: Map<String, Value>,
    /// Further values, which many steps share.
    pub surroundings: Arc<Map<String, Value>>,
    pub artifacts: Vec<Artifact>,
    /// What an installer runs.
    pub operation: Option<Operation>,
}

/// An operation of an installer as it will run: nobody should have to work that out at night.
#[derive(Debug, Clone)]
pub struct Operation {
    pub name: String,
    pub lines: Vec<OperationLine>,
}

#[derive(Debug, Clone)]
pub struct OperationLine {
    pub moment: LineMoment,
    /// As the shell reads it.
    pub command: String,
    /// The machines that it changes.
    pub changes: Vec<MachineName>,
    /// Machines that it only asks.
    pub asks: Vec<MachineName>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineMoment {
    Before,
    Main,
    After,
}

impl Sheet {
    pub fn new(words: &'static str, context: Map<String, Value>) -> Self {
        Self { words: vec![words], context, ..Self::default() }
    }

    #[must_use]
    pub fn with(mut self, artifact: Artifact) -> Self {
        self.artifacts.push(artifact);
        self
    }

    /// Whether an older installation is removed while a machine is made ready. The words are told of it by the same value.
    pub fn removes_leftovers(&self) -> bool {
        self.context.get("remove_leftovers") == Some(&Value::Bool(true))
    }

    /// Begins with the commands of other words, which use the same values and have no title.
    #[must_use]
    pub fn and_words_first(mut self, words: &'static str) -> Self {
        self.words.insert(0, words);
        self
    }

    /// One step told in two parts. A value that both have is the same in both.
    #[must_use]
    pub fn join(mut self, other: Sheet) -> Self {
        debug_assert!(
            other.context.iter().all(|(name, value)| self.context.get(name).is_none_or(|own| own == value)),
            "two values of one name"
        );
        self.words.extend(other.words);
        self.context.extend(other.context);
        self.artifacts.extend(other.artifacts);
        self.operation = self.operation.or(other.operation);
        self
    }
}
