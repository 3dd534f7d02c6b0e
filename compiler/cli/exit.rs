//! The exit codes, which are a contract with the pipelines that call replank.

use std::process::ExitCode;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done,
    /// The machine failed us, or writing would lose what people wrote.
    Machine,
    /// `diff --exit-code`: there are differences.
    Different,
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
            Self::Different => 2,
            Self::Spec => 3,
            Self::Unsafe => 4,
            Self::Stale => 5,
            Self::Rehearsal => 6,
            Self::Usage => 64,
            Self::Bug => 70,
        }
    }

    /// The one that says more about a run of several works: our bug before the machine, the machine before what was asked for.
    pub const fn or_worse(self, other: Self) -> Self {
        const fn weight(exit: Exit) -> u8 {
            match exit {
                Exit::Done => 0,
                Exit::Different => 1,
                Exit::Stale => 2,
                Exit::Rehearsal => 3,
                Exit::Spec => 4,
                Exit::Unsafe => 5,
                Exit::Usage => 6,
                Exit::Machine => 7,
                Exit::Bug => 8,
            }
        }
        if weight(other) > weight(self) { other } else { self }
    }

    /// Whether replank could do its work, whatever it found out.
    pub const fn could_work(self) -> bool {
        match self {
            Self::Done | Self::Different | Self::Spec | Self::Unsafe | Self::Stale | Self::Rehearsal => true,
            Self::Machine | Self::Usage | Self::Bug => false,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
