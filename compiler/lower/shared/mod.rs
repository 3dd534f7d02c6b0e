//! What every backend shares: etcd, the virtual IP, the load balancer, the machines, the workstation, volumes, the team's own steps.

pub mod etcd;
mod etcd_flags;
pub mod hook;
pub mod load_balancer;
pub mod machine;
mod static_pod;
pub mod storage;
pub mod virtual_ip;
pub mod workstation;
