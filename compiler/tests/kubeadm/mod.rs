//! Plans for clusters that kubeadm set up, read as data: what stands in which step, and what each file says.

pub mod compiled;
mod handed_out;
mod mistakes;
pub mod replication_controller;
pub mod schemas;
