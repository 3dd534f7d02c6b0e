//! Plans for clusters whose servers ocboot installs: what ocboot is told is read back with its own rules.

mod address;
mod compared;
mod host;
mod password;
mod played;
mod read_back;
mod reader;
pub mod spec;
