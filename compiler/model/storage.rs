//! Applications whose volumes lie on single machines: what they can spare, and who makes a volume again.
//!
//! Does not know when a volume is made anew; `plan` does.

use super::{HookCommand, Label, MachineName, ObjectName};
use crate::source::{Located, Place};

#[derive(Debug, Clone)]
pub struct Application {
    /// Its own among the applications.
    pub name: Label,
    pub namespace: Label,
    pub owner: Owner,
    /// No claim stands here twice, and each is of a pod of its own.
    pub volumes: Vec<Volume>,
    /// So many volumes must be there for the application to go on; 0: it may stop.
    pub needs: usize,
    pub data: Data,
    /// Proves that all volumes are whole again. There where data is replicated.
    pub healed: Option<HookCommand>,
    pub place: Place,
}

/// Who makes claim and pod again when both were deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// Makes both again, by their number.
    StatefulSet(ObjectName),
    /// A Deployment makes pods and no claims: an operator makes it and its claim again, after both were deleted.
    Deployment { name: ObjectName, operator: Operator },
}

/// An operator, as the Deployment that runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    pub namespace: Label,
    pub deployment: ObjectName,
}

/// A claim, and the machine on which its volume lies at the source: always a node.
#[derive(Debug, Clone)]
pub struct Volume {
    pub claim: ObjectName,
    pub on: Located<MachineName>,
}

/// What becomes of the data of one volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// Healed from the other volumes.
    Replicated,
    /// May begin empty.
    Disposable,
    /// Nowhere else.
    Unique,
}

impl Application {
    /// The number of a volume's pod, where a StatefulSet makes it: Kubernetes names the claim `<template>-<set>-<number>`.
    pub fn number(&self, claim: &ObjectName) -> Option<u32> {
        match self.owner {
            Owner::StatefulSet(_) => claim.as_str().rsplit_once('-').and_then(|(_, number)| number.parse().ok()),
            Owner::Deployment { .. } => None,
        }
    }

    /// What steps about a volume are called: by its claim, where that can be a part of a step's name. Each pod has one claim, and no
    /// StatefulSet makes one that is called `pod-<number>`, so that no two are called alike.
    pub fn step_name(&self, claim: &ObjectName) -> String {
        match (Label::parse(claim.as_str()), self.number(claim)) {
            (Ok(label), _) => label.to_string(),
            (Err(_), Some(number)) => format!("pod-{number}"),
            (Err(_), None) => "pod".to_owned(),
        }
    }
}
