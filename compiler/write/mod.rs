//! The only room that touches the disk.
//!
//! Responsible for: a plan directory that is always whole, the old plan or the new one, and for leaving alone what replank
//! did not write. Does not know: what a plan means. It sees paths and bytes, and `plan.json` only to name steps.

mod compare;
mod existing;
mod lay;
mod place;
mod problem;
mod protect;
mod replace;
mod signature;
mod single;
mod workshop;

pub use compare::{Changes, Delta, Difference, compare, differences};
pub use existing::{Condition, Existing, Kind, Ours, read_existing};
pub use problem::WriteError;
pub use replace::{Force, Outcome, Written, replace};
pub use single::{make_directory, put_file};
