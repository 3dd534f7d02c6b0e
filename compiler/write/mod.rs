//! The only room that touches the disk.
//!
//! Responsible for: a plan directory that is always whole, the old plan or the new one, and for leaving alone what replank
//! did not write. Does not know: what a plan means. It sees paths and bytes.

mod compare;
mod existing;
mod folder;
mod halves;
mod lay;
mod listed;
mod place;
mod problem;
mod protect;
mod replace;
mod single;
mod workshop;

pub use compare::{Difference, FileChanges, compare, differences};
pub use existing::{Condition, Existing, Kind, Ours, read_existing};
pub use listed::{Listed, is_directory, read_listed};
pub use problem::WriteError;
pub use protect::needed_force;
pub use replace::{Force, Outcome, Replaced, Written, replace, replace_each};
pub use single::{make_directory, put_file};
