//! What every backend shares: etcd as systemd services, the virtual IP, the machines, the workstation, the team's own steps.

pub mod etcd;
pub mod hook;
pub mod machine;
pub mod virtual_ip;
pub mod workstation;
