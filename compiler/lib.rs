//! replank compiles the move of a living Kubernetes cluster into a plan that is proved before it is printed.
//!
//! Data walks through the rooms below in one direction; each `mod` line stands in reading order, and
//! `compiler/tests/house/imports.rs` owns the table of who may know whom. `pipeline` is the whole walk in
//! one function: read that first.

pub mod diag;
pub mod source;

pub mod diff;
pub mod ir;
pub mod lower;
pub mod model;
pub mod plan;
pub mod render;
pub mod repository;
pub mod spec;
pub mod verify;
pub mod write;

#[cfg(feature = "rehearse")]
pub mod rehearse;

pub mod cli;
pub mod pipeline;
