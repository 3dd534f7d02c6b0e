//! The exit codes, which are a contract with the pipelines that call replank.

use std::process::ExitCode;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done,
    /// The machine failed us, or writing would lose what people wrote.
    Machine,
    /// The spec is wrong.
    Spec,
    /// The spec is right, but no safe plan exists under its policy.
    Unsafe,
    /// A plan directory is stale or was edited.
    Stale,
    /// A plan failed its rehearsal.
    Rehearsal,
    Usage,
    Bug,
}

impl Exit {
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Machine => 1,
            Self::Spec => 3,
            Self::Unsafe => 4,
            Self::Stale => 5,
            Self::Rehearsal => 6,
            Self::Usage => 64,
            Self::Bug => 70,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
