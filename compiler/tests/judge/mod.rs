//! The judge, on plans written by hand: a good one is clean, and each mistake is found under its own code.

mod binaries;
mod builder;
mod etcd;
mod flagship;
mod hand_over;
mod installer;
mod ledger;
mod machines;
mod overlap;
mod reach;
mod relocation;
mod risks;
mod servers;
mod shape;
pub mod show;
mod static_pods;
mod sweep;
mod virtual_ip;
