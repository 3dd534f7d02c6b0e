//! Templates to bytes, in memory.

pub mod digest;

use std::collections::BTreeMap;

/// A plan directory in memory: path (with `/`, relative to the directory) to content. `SHA256SUMS` is one of the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    pub files: BTreeMap<String, String>,
}
