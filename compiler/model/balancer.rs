//! A load balancer on every control plane, in front of all API servers.
//!
//! Does not know which API servers it leads to at a moment, nor how its program is told.

use super::{AbsolutePath, Port};
use crate::source::Place;

#[derive(Debug, Clone)]
pub struct Balancer {
    /// Where clients reach the API through it.
    pub port: Port,
    pub configuration: BalancerConfiguration,
    /// The file that the plan writes.
    pub file: AbsolutePath,
    pub place: Place,
}

/// How much of its configuration is the plan's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BalancerConfiguration {
    Whole,
    /// One file that the existing configuration includes.
    Included,
}
