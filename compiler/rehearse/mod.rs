//! Plays a compiled plan for real, on this machine alone: every host of the plan a network namespace, real etcd, keepalived and nginx,
//! the plan's own commands as they stand.
//!
//! Responsible for: a small copy of the source cluster, the play of every step, the witnesses that watch meanwhile, and the
//! comparison of each row of the ledger with what is seen. Knows the plan as a user has it, a directory with `plan.json`; does not
//! know the compiler that made it. The only room that runs programs and reads the clock, and it can be left out of the build
//! (feature `rehearse`): the compiler does not know it.
#![allow(clippy::disallowed_methods, reason = "a rehearsal is processes and time")]

mod chore;
mod compare;
mod cut;
mod end;
mod finding;
mod gaps;
mod needs;
mod play;
mod report;
mod snapshot;
mod source;
mod stage;
mod stand_ins;
mod undo;
mod walk;
mod watch;
mod witness;
mod world;

pub use finding::{Finding, Kind, Stop};
pub use gaps::Gap;
pub use needs::unmet;
pub use report::{Report, page, schema};
pub use walk::{Event, Extent, Hooks, Options, rehearse};
pub use world::{Host, Link, Network, Outcome, WORKSTATION, World};
