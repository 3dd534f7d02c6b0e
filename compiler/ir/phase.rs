//! The phases of a migration, in the order in which they happen.
//!
//! A phase's number belongs to its kind and never shifts: it is part of every step's identity. Numbers leave gaps, so that a
//! new kind of phase renames nothing.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    Prepare,
    BackUp,
    RecoverFailed,
    GrowEtcd,
    AddControlPlane,
    RepointControlPlane,
    StartLoadBalancers,
    MoveVirtualIp,
    HandOverControlPlane,
    RemoveWorkersFirst,
    AddWorkers,
    RecoverVolumes,
    RebuildWorkers,
    RepointClients,
    StartControllers,
    RepointNetwork,
    RebuildControlPlane,
    RollDns,
    RemoveNodes,
    DemoteControlPlanes,
    SwapControlPlane,
    SwapEtcd,
    SettleControlPlane,
    SettleEtcd,
    CleanUp,
}

impl Phase {
    pub const ALL: &'static [Phase] = &[
        Phase::Prepare,
        Phase::BackUp,
        Phase::RecoverFailed,
        Phase::GrowEtcd,
        Phase::AddControlPlane,
        Phase::RepointControlPlane,
        Phase::StartLoadBalancers,
        Phase::MoveVirtualIp,
        Phase::HandOverControlPlane,
        Phase::RemoveWorkersFirst,
        Phase::AddWorkers,
        Phase::RecoverVolumes,
        Phase::RebuildWorkers,
        Phase::RepointClients,
        Phase::StartControllers,
        Phase::RepointNetwork,
        Phase::RebuildControlPlane,
        Phase::RollDns,
        Phase::RemoveNodes,
        Phase::DemoteControlPlanes,
        Phase::SwapControlPlane,
        Phase::SwapEtcd,
        Phase::SettleControlPlane,
        Phase::SettleEtcd,
        Phase::CleanUp,
    ];

    /// The folder's name: number and kind.
    pub fn folder(self) -> &'static str {
        match self {
            Phase::Prepare => "10-prepare",
            Phase::BackUp => "20-back-up",
            Phase::RecoverFailed => "25-recover-failed",
            Phase::GrowEtcd => "30-grow-etcd",
            Phase::AddControlPlane => "40-add-control-plane",
            Phase::RepointControlPlane => "45-repoint-control-plane",
            Phase::StartLoadBalancers => "47-start-load-balancers",
            Phase::MoveVirtualIp => "50-move-virtual-ip",
            Phase::HandOverControlPlane => "52-hand-over-control-plane",
            Phase::RemoveWorkersFirst => "55-remove-workers-first",
            Phase::AddWorkers => "60-add-workers",
            Phase::RecoverVolumes => "61-recover-volumes",
            Phase::RebuildWorkers => "62-rebuild-workers",
            Phase::RebuildControlPlane => "68-rebuild-control-plane",
            Phase::SwapControlPlane => "75-swap-control-plane",
            Phase::RepointClients => "65-repoint-clients",
            Phase::RepointNetwork => "67-repoint-network",
            Phase::StartControllers => "66-start-controllers",
            Phase::RollDns => "69-roll-dns",
            Phase::RemoveNodes => "70-remove-nodes",
            Phase::DemoteControlPlanes => "72-demote-control-planes",
            Phase::SwapEtcd => "80-swap-etcd",
            Phase::SettleControlPlane => "85-settle-control-plane",
            Phase::SettleEtcd => "87-settle-etcd",
            Phase::CleanUp => "90-clean-up",
        }
    }

    /// The kind without its number, as hooks name it: `grow-etcd`.
    pub fn kind(self) -> &'static str {
        self.folder().split_once('-').map_or("", |(_, kind)| kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_sort_as_the_phases_happen() {
        let folders: Vec<_> = Phase::ALL.iter().map(|phase| phase.folder()).collect();
        let mut sorted = folders.clone();
        sorted.sort_unstable();
        assert_eq!(folders, sorted);
    }
}
