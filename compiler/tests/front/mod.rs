//! The front end: reading a spec, resolving it, and what is said about both.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails loudly")]

mod base;
mod cases;
mod hostile;
mod judgement;
mod kubeadm_cases;
mod kubeadm_judgement;
mod kubean;
mod kubean_cases;
mod kubean_judgement;
mod reading;
mod refusals;
mod schemas;
mod systemd_cases;
mod systemd_judgement;
