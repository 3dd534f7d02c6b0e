//! The difference of two plans as people read it.
//!
//! Knows the difference as data, and nothing else: no view can say what the data does not hold.

mod inert;
pub mod markdown;
mod phrase;
mod room;
pub mod text;
