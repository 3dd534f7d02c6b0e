//! What writing a plan over a directory would lose: files of ours that were edited since, and files of others in the way.
//!
//! Decides by content: a file that already holds the new bytes is in nobody's way.

#![allow(clippy::disallowed_methods, reason = "`write` is the room that looks at the disk")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::render::Tree;

use super::Force;
use super::existing::{Condition, Existing, Kind, is_above_one};

#[derive(Debug, Default)]
pub(super) struct AtStake {
    pub edited: Vec<String>,
    pub colliding: Vec<String>,
    /// Foreign paths that cannot be carried over, because the new plan has something else there; named or not.
    pub displaced: BTreeSet<PathBuf>,
}

/// Whether a plan can be written over a directory as it is, or only by force.
pub fn needed_force(directory: &Path, existing: &Existing, tree: &Tree) -> Force {
    let stake = at_stake(directory, existing, tree);
    if stake.edited.is_empty() && stake.colliding.is_empty() { Force::No } else { Force::Yes }
}

pub(super) fn at_stake(directory: &Path, existing: &Existing, tree: &Tree) -> AtStake {
    let mut stake = AtStake::default();
    for (path, ours) in &existing.ours {
        let is_new_content = tree.files.get(path).is_some_and(|content| content.as_bytes() == ours.content);
        if ours.condition == Condition::Edited && !is_new_content {
            stake.edited.push(path.clone());
        }
    }
    for (path, &kind) in &existing.foreign {
        let file = path.ancestors().find_map(|above| above.to_str().and_then(|above| tree.files.get_key_value(above)));
        let in_place_of_folder = kind != Kind::Directory && path.to_str().is_some_and(|path| is_above_one(path, &tree.files));
        if file.is_none() && !in_place_of_folder {
            continue;
        }
        stake.displaced.insert(path.clone());
        let is_same = file.is_some_and(|(new_path, content)| {
            Path::new(new_path) == path
                && kind == Kind::File
                && fs::read(directory.join(path)).is_ok_and(|found| found == content.as_bytes())
        });
        if !is_same {
            stake.colliding.push(path.display().to_string());
        }
    }
    stake
}
