//! The front end: reading a spec, resolving it, and what is said about both.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails loudly")]

mod annotations;
mod base;
mod cases;
mod embedded_judgement;
mod hostile;
mod judgement;
mod kubeadm_cases;
mod kubeadm_judgement;
mod kubean;
mod kubean_cases;
mod kubean_judgement;
mod ocboot_cases;
mod ocboot_judgement;
mod reading;
mod refusals;
mod sarif;
mod schemas;
mod storage_cases;
mod systemd_cases;
mod systemd_judgement;
