//! The proof: a compiled plan is executed and read by the real programs.
//!
//! Two doors. `rehearse_etcd` plays the etcd steps of a plan directory against real etcd, one network namespace a machine,
//! while a client writes. `readers` hands every file and command of plan directories to the program that will read it.
//! Both take a plan directory as a user has it and know nothing of the compiler.
#![allow(clippy::disallowed_methods, reason = "a rehearsal is files, processes and time")]

mod certificates;
mod client;
mod document;
mod etcd;
mod fixture;
mod hosts;
mod ledger;
mod old_cluster;
mod play;
mod readers;
mod rehearsal;
mod requirements;
mod whole;
mod writer;

mod examples_test;
mod generated_test;
mod readers_test;
mod rehearsal_test;
mod shims_test;

#[allow(unused_imports, reason = "the doors for the tests of the examples")]
pub use {
    readers::{read_install_environment, read_plans},
    rehearsal::{EtcdRehearsal, Report, rehearse_etcd},
};
