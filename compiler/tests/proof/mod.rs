//! The proof: a compiled plan is executed and read by the real programs.
//!
//! Plans are played by `replank::rehearse`, the examples and ones that were broken on purpose. `readers` hands every file and command of
//! plan directories to the program that will read it. Both take a plan directory as a user has it.
#![allow(clippy::disallowed_methods, reason = "a proof is files, processes and time")]

mod document;
mod fixture;
pub mod readers;
mod rehearsing;
mod requirements;

mod binaries_test;
mod embedded_test;
mod examples_test;
mod generated_test;
mod kubeadm_test;
pub mod kubean;
mod kubean_test;
mod leftovers_test;
mod load_balancer_test;
mod mistakes_test;
mod ocboot_test;
mod readers_test;
mod stand_ins_test;
mod static_pods_test;
mod storage_test;
mod wrong_plans_test;
