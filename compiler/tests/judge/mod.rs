//! The judge, on plans written by hand: a good one is clean, and each mistake is found under its own code.

mod builder;
mod etcd;
mod flagship;
mod installer;
mod ledger;
mod machines;
mod overlap;
mod reach;
mod risks;
mod shape;
pub mod show;
mod sweep;
mod virtual_ip;
