//! The playbooks of operations: which machines they touch, and what they check first. Does not know which step uses a playbook.

use crate::model::Release;

pub const CLUSTER: &str = "cluster.yml";
pub const CLUSTER_INFO: &str = "cluster-info.yml";
pub const DISABLE_FIREWALL: &str = "disable-firewalld.yml";
pub const ENABLE_REPOSITORY: &str = "enable-repo.yml";
pub const FACTS: &str = "facts.yml";
pub const KUBECONFIG: &str = "kubeconfig.yml";
pub const PING: &str = "ping.yml";
pub const REMOVE_NODE: &str = "remove-node.yml";
pub const RESET: &str = "reset.yml";
pub const SCALE: &str = "scale.yml";
pub const UPGRADE_CLUSTER: &str = "upgrade-cluster.yml";

/// Playbooks of a plan's own, in ConfigMaps.
pub const CLEAN: &str = "clean-kube-apiserver.yml";
pub const GATHER_FACTS: &str = "gather-facts.yml";
pub const GATHER_SERVICES: &str = "gather-services.yml";

#[derive(Debug, Clone, Copy)]
pub struct Playbook {
    pub name: &'static str,
    pub hosts: Hosts,
    pub effect: Effect,
    pub scope: Scope,
}

/// The `hosts` of a playbook before any `--limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hosts {
    /// Every machine of the inventory.
    All,
    FirstControlPlane,
    /// The machine that the variable `node` names; the others are asked about it.
    Named,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Asks,
    Changes,
}

/// What a call must say about machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Nothing: it is meant for all.
    Free,
    /// `--limit`: it is meant for one machine, and is given values that are wrong for others.
    Limited,
    /// The variable `node`: without it all nodes are meant.
    Node,
}

const fn playbook(name: &'static str, hosts: Hosts, effect: Effect, scope: Scope) -> Playbook {
    Playbook { name, hosts, effect, scope }
}

/// What a playbook does that no step of a plan uses is not known in detail: it counts as changing every machine.
const fn of_team(name: &'static str) -> Playbook {
    playbook(name, Hosts::All, Effect::Changes, Scope::Free)
}

const PLAYBOOKS: &[Playbook] = &[
    playbook(CLUSTER, Hosts::All, Effect::Changes, Scope::Free),
    playbook(CLUSTER_INFO, Hosts::FirstControlPlane, Effect::Asks, Scope::Free),
    playbook(DISABLE_FIREWALL, Hosts::All, Effect::Changes, Scope::Limited),
    playbook(ENABLE_REPOSITORY, Hosts::All, Effect::Changes, Scope::Limited),
    playbook(FACTS, Hosts::All, Effect::Asks, Scope::Free),
    playbook(KUBECONFIG, Hosts::FirstControlPlane, Effect::Asks, Scope::Free),
    playbook(PING, Hosts::All, Effect::Asks, Scope::Free),
    playbook("precheck.yml", Hosts::All, Effect::Asks, Scope::Free),
    playbook(REMOVE_NODE, Hosts::Named, Effect::Changes, Scope::Node),
    playbook(RESET, Hosts::All, Effect::Changes, Scope::Free),
    playbook(SCALE, Hosts::All, Effect::Changes, Scope::Limited),
    playbook(UPGRADE_CLUSTER, Hosts::All, Effect::Changes, Scope::Free),
];

const OWN: &[Playbook] = &[
    playbook(CLEAN, Hosts::Named, Effect::Changes, Scope::Node),
    playbook(GATHER_FACTS, Hosts::All, Effect::Asks, Scope::Free),
    playbook(GATHER_SERVICES, Hosts::Named, Effect::Asks, Scope::Node),
];

/// A playbook that operators of this release bring.
pub fn known(name: &str, operator: Release) -> Option<Playbook> {
    let released = crate::model::PLAYBOOKS.iter().find(|playbook| playbook.name == name && playbook.operator <= operator)?;
    let used = PLAYBOOKS.iter().find(|playbook| playbook.name == name).copied();
    Some(used.unwrap_or(of_team(released.name)))
}

/// Whether operators of any release have a playbook of this name.
pub fn is_of_an_operator(name: &str) -> bool {
    crate::model::PLAYBOOKS.iter().any(|playbook| playbook.name == name)
}

/// A playbook that a plan brings.
pub fn own(name: &str) -> Option<Playbook> {
    OWN.iter().find(|playbook| playbook.name == name).copied()
}

/// Whether a playbook stops at an even number of etcd members in the inventory, unless it is told to ignore its checks. Up to v2.27.0
/// those do that configure members; since v2.28.0 all that begin with kubespray's `boilerplate.yml`, which `facts.yml` does since
/// v2.29.0 (`roles/kubernetes/preinstall` and `roles/validate_inventory`).
pub fn wants_odd_members(name: &str, kubespray: Release) -> bool {
    match name {
        CLUSTER | UPGRADE_CLUSTER => true,
        SCALE | REMOVE_NODE => kubespray >= Release::new(2, 28, 0),
        FACTS | GATHER_FACTS => kubespray >= Release::new(2, 29, 0),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_playbook_of_a_plan_hides_one_of_the_operator() {
        for playbook in OWN {
            assert!(!is_of_an_operator(playbook.name) && own(playbook.name).is_some(), "{}", playbook.name);
        }
    }

    #[test]
    fn later_releases_count_members_more_often() {
        let [old, new, newer] = [(23, 0), (28, 0), (29, 0)].map(|(minor, patch)| Release::new(2, minor, patch));
        assert!(wants_odd_members(CLUSTER, old) && !wants_odd_members(REMOVE_NODE, old));
        assert!(wants_odd_members(REMOVE_NODE, new) && !wants_odd_members(FACTS, new));
        assert!(wants_odd_members(GATHER_FACTS, newer) && !wants_odd_members(PING, newer));
    }
}
