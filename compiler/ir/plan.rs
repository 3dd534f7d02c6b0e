//! The plan: steps in the order in which they are done, one at a time.

use super::Step;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pub steps: Vec<Step>,
}
