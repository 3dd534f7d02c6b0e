//! One step: what happens, why, after what, and at which moment.

use std::fmt;
use std::sync::Arc;

use super::{Action, Phase, Standing};
use crate::source::Place;

/// A step's identity is its path, such as `30-grow-etcd/phy-1`. Steps are named after what they act on, never counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StepId(Arc<str>);

impl StepId {
    pub fn new(phase: Phase, name: &str) -> Self {
        Self(format!("{}/{name}", phase.folder()).into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part: what the step acts on.
    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&*self.0, |(_, name)| name)
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub id: StepId,
    pub phase: Phase,
    pub action: Action,
    /// The line of the spec that caused the step.
    pub because: Place,
    /// Steps that must be done before, in plan order.
    pub needs: Vec<StepId>,
    /// The moment for which commands and files are made.
    pub standing: Arc<Standing>,
}
