//! The sections of a runbook: a step by itself, or a batch of steps that are alike.
//!
//! A page for each of ten thousand machines would be read by nobody. Where many steps in a row say the same, they are told once, with a
//! table of the machines. Does not know how a section is written.

use std::ops::Range;

use rayon::prelude::*;

use super::alike::Said;
use crate::render::document::{FrameDocument, StepDocument};

/// Fewer steps than this are told one by one: what stands there can be copied as it is.
pub const LEAST: usize = 10;

/// What a person does in a shift and finds on one page; a table of more rows is scrolled and not read.
pub const MOST: usize = 500;

/// Which steps of the plan a section tells, in the plan's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Section {
    Step(usize),
    Batch(Range<usize>),
}

impl Section {
    pub fn first(&self) -> usize {
        match self {
            Self::Step(index) => *index,
            Self::Batch(range) => range.start,
        }
    }
}

/// Divides the steps. `before` is the cluster before the first of them.
pub fn divide(steps: &[Said<'_>], before: &FrameDocument) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut at = 0;
    while let Some(first) = steps.get(at) {
        let frame = at.checked_sub(1).and_then(|last| steps.get(last)).map_or(before, |last| &last.outline.after);
        let alike = alike(first, frame, steps.get(at + 1..).unwrap_or_default());
        if alike < LEAST {
            sections.push(Section::Step(at));
            at += 1;
        } else {
            let end = at + alike;
            sections.extend((at..end).step_by(MOST).map(|start| Section::Batch(start..end.min(start + MOST))));
            at = end;
        }
    }
    sections
}

/// How many steps from the first on are alike, the first included.
fn alike(first: &Said<'_>, before: &FrameDocument, later: &[Said<'_>]) -> usize {
    let is_at = |step: &StepDocument| step.phase == first.outline.phase;
    // Most steps are like no other: the text of the next one tells before anything is searched.
    let is_lonely = later
        .get(LEAST - 2)
        .is_none_or(|said| !is_at(said.outline) || said.outline.action.split('(').next() != first.outline.action.split('(').next());
    if is_lonely || !stands_alike(before, &first.outline.after) {
        return 1;
    }
    let Some(pattern) = first.alike() else { return 1 };
    1 + later.par_iter().position_first(|said| !is_at(said.outline) || !pattern.is_said_by(said)).unwrap_or(later.len())
}

/// Whether the cluster stands as it did, but for the number of its nodes.
pub fn stands_alike(one: &FrameDocument, other: &FrameDocument) -> bool {
    let schedulable_nodes = one.schedulable_nodes;
    *one == FrameDocument { schedulable_nodes, ..other.clone() }
}
