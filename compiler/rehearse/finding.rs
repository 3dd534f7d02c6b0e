//! What a rehearsal finds: where the plan and reality part, and why a rehearsal ends before its end.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

/// One place at which the plan is wrong.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Finding {
    /// The step's id; `(before)` and `(end)` for the cluster before the first and after the last.
    pub step: String,
    pub kind: Kind,
    /// One line.
    pub what: String,
    /// Command, output, logs: what a person wants to see next.
    pub details: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A command of the step did not do what the plan says.
    Command,
    /// A command printed a secret.
    Secret,
    /// The ledger row of the step is not what was seen.
    Ledger,
    /// The rollback did not lead back to the state before the step.
    Rollback,
    /// The step could not be done again after it was interrupted.
    HalfDone,
    /// Acknowledged writes were lost, or none was taken for too long.
    Writes,
    /// The API did not answer for too long, or two machines held the virtual IP.
    Endpoint,
    /// The end is not the target.
    End,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Kind::Command => "command",
            Kind::Secret => "secret",
            Kind::Ledger => "ledger",
            Kind::Rollback => "rollback",
            Kind::HalfDone => "half done",
            Kind::Writes => "writes",
            Kind::Endpoint => "endpoint",
            Kind::End => "end",
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}: {}", self.step, self.kind, self.what)
    }
}

/// Why a rehearsal cannot go on.
#[derive(Debug)]
pub enum Stop {
    /// The plan is wrong at a step, and what comes after it would prove nothing.
    Plan(Box<Finding>),
    /// This machine failed us.
    Machine(String),
}

impl Stop {
    pub fn plan(step: &str, kind: Kind, what: impl Into<String>, details: impl Into<String>) -> Self {
        Self::Plan(Box::new(Finding { step: step.to_owned(), kind, what: what.into(), details: details.into() }))
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Machine(error.to_string())
    }
}

pub type Result<T> = std::result::Result<T, Stop>;
