//! What kubean's fields and the two ends must agree on: groups that kubespray accepts, and members that it tells apart.
//!
//! Does not know the steps of a plan, nor operating systems; `kubean_machines` does.

use std::collections::BTreeSet;

use indexmap::IndexSet;

use super::context::{Context, Machines};
use super::kubean::KUBEAN;
use super::kubean_machines;
use super::topology::Roles;
use crate::diag::{Code, Diagnostic};
use crate::model::{EtcdDeployment, Kubean, Machine, MachineName, Release, Temporary};
use crate::source::{Located, Place};

/// More members than any etcd has; a longer list is a slip that is reported elsewhere.
const MOST_MEMBERS: usize = 100;

/// Everything that the checks look at.
pub(super) struct Subject<'a> {
    pub kubean: &'a Kubean,
    pub machines: &'a Machines,
    source: &'a Roles,
    target: &'a Roles,
    temporary: &'a Temporary,
    helpers: BTreeSet<&'a MachineName>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(kubean: &'a Kubean, machines: &'a Machines, ends: [&'a Roles; 2], temporary: &'a Temporary) -> Self {
        let [source, target] = ends;
        let helpers = temporary.roles().map(|role| &role.value).collect();
        Self { kubean, machines, source, target, temporary, helpers }
    }

    /// Whether the machine is installed by the plan: new, temporary, or rebuilt.
    pub(super) fn is_installed(&self, machine: &Machine) -> bool {
        let joins = self.target.has(&machine.name) && (!self.source.has(&machine.name) || machine.os.differ());
        joins || self.helpers.contains(&machine.name)
    }

    /// The place of a machine's role as a member of etcd, if it has no other role and is removed: for good, or to be rebuilt.
    pub(super) fn removed_etcd_host(&self, machine: &Machine) -> Option<&'a Place> {
        let of_temporary = [&self.temporary.control_plane, &self.temporary.workers, &self.temporary.etcd];
        let of_source = [&self.source.control_plane, &self.source.workers, &self.source.etcd];
        let is_removed = self.source.has(&machine.name) && self.leaves(machine);
        let of_both = [of_temporary].into_iter().chain(is_removed.then_some(of_source));
        of_both.into_iter().find_map(|[control_plane, workers, etcd]| {
            let is_node = control_plane.iter().chain(workers).any(|role| role.value == machine.name);
            let member = etcd.iter().find(|role| role.value == machine.name).filter(|_| !is_node);
            member.map(|role| &role.place)
        })
    }

    /// Whether the machine leaves the cluster at some moment, for good or not.
    fn leaves(&self, machine: &Machine) -> bool {
        let stays = self.source.has(&machine.name) && self.target.has(&machine.name);
        !stays || machine.os.differ()
    }
}

pub(super) fn check(context: &mut Context<'_>, subject: &Subject<'_>) {
    for roles in [subject.source, subject.target] {
        check_groups(context, subject.kubean, roles);
    }
    if subject.kubean.etcd_deployment == EtcdDeployment::Kubeadm {
        let temporary = context.key("/spec/temporary/etcd");
        check_stacked(context, "temporary", &temporary, &subject.temporary.control_plane, &subject.temporary.etcd);
    }
    check_roles_stay(context, subject);
    check_addresses(context, subject);
    kubean_machines::check_names(context, subject);
    kubean_machines::check_etcd_hosts(context, subject);
    kubean_machines::check_enterprise_linux_7(context, subject);
    kubean_machines::check_kernels(context, subject);
    kubean_machines::check_packages(context, subject);
}

fn check_groups(context: &mut Context<'_>, kubean: &Kubean, roles: &Roles) {
    let end = roles.end.word();
    let etcd = context.key(&format!("/spec/{end}/etcd"));
    if kubean.etcd_deployment == EtcdDeployment::Kubeadm {
        check_stacked(context, end, &etcd, &roles.control_plane, &roles.etcd);
    }
    if roles.etcd.len().is_multiple_of(2) && !roles.etcd.is_empty() {
        let label = format!("expected an odd number of machines in `{end}.etcd`, found {}", roles.etcd.len());
        let diagnostic = Diagnostic::at(Code::M611, &etcd, label)
            .why("kubespray stops at an even number, which tolerates no more failures than one member fewer.");
        context.find(diagnostic.help("list one machine more or one fewer"));
    }
    if roles.workers.is_empty() && !kubean.control_plane_takes_pods && !roles.control_plane.is_empty() {
        let place = context.key(&format!("/spec/{end}/workers"));
        let label = format!("expected machines in `{end}.workers`, found none, and control planes take no pods");
        let diagnostic = Diagnostic::at(Code::M613, &place, label).why(
            "the group `kube_node` would be empty: kubespray before v2.26.0 stops at that, and later ones leave pods without a place.",
        );
        context.find(diagnostic.help_copy("list workers, or let the control planes take pods", "controlPlaneTakesPods: true"));
    }
}

/// kubeadm runs a member on each control plane, and nowhere else.
fn check_stacked(
    context: &mut Context<'_>,
    holder: &str,
    place: &Place,
    control_plane: &[Located<MachineName>],
    etcd: &[Located<MachineName>],
) {
    let names = |roles: &[Located<MachineName>]| roles.iter().map(|role| role.value.clone()).collect::<BTreeSet<_>>();
    let (expected, found) = (names(control_plane), names(etcd));
    if expected == found {
        return;
    }
    let listed = |names: &BTreeSet<MachineName>| names.iter().take(9).map(MachineName::as_str).collect::<Vec<_>>().join(", ");
    let label = format!("expected the machines of `{holder}.controlPlane` in `{holder}.etcd`, found [{}]", listed(&found));
    let deployment = context.place(&format!("{KUBEAN}/etcdDeployment"));
    let diagnostic = Diagnostic::at(Code::M610, place, label)
        .related(deployment.span, "etcd runs as kubeadm sets it up")
        .why("kubeadm runs a member of etcd as a static pod on each control plane, and on no other machine.");
    context.find(diagnostic.help_copy("list the control planes", format!("etcd: [{}]", listed(&expected))));
}

/// An installer that adds and removes whole machines cannot change what a machine is while it stays.
fn check_roles_stay(context: &mut Context<'_>, subject: &Subject<'_>) {
    let members = |roles: &Roles| roles.etcd.iter().map(|role| role.value.clone()).collect::<IndexSet<_>>();
    let (before, after) = (members(subject.source), members(subject.target));
    for machine in subject.machines.values().filter(|machine| !subject.leaves(machine)) {
        let is_member = |members: &IndexSet<MachineName>| members.contains(&machine.name);
        let sentence = match (is_member(&before), is_member(&after)) {
            (true, false) => "expected `{}` to stay a member of etcd, found that it stays without",
            (false, true) => "expected `{}` to stay no member of etcd, found that it becomes one",
            (true, true) | (false, false) => continue,
        };
        let diagnostic = Diagnostic::at(Code::M615, &subject.target.place_of(&machine.name), sentence.replace("{}", machine.name.as_str()))
            .related(subject.source.place_of(&machine.name).span, "its roles at the source begin here")
            .why("kubespray removes and adds a machine with all its roles: one that is in the cluster already cannot be given another.");
        context.find(diagnostic.help("list it in the same groups at both ends, or let another machine take the role"));
    }
}

/// Before v2.26.0 the member that leaves is looked up by `grep` with its address, in which each dot stands for any character.
fn check_addresses(context: &mut Context<'_>, subject: &Subject<'_>) {
    if subject.kubean.kubespray.value >= Release::new(2, 26, 0) {
        return;
    }
    let roles = subject.source.etcd.iter().chain(&subject.target.etcd).chain(&subject.temporary.etcd);
    let members: IndexSet<&MachineName> = roles.map(|role| &role.value).take(MOST_MEMBERS).collect();
    let members: Vec<&Machine> = members.into_iter().filter_map(|name| subject.machines.get(name)).collect();
    for leaving in members.iter().filter(|machine| subject.leaves(machine) && !machine.address.is_unspecified()) {
        let pattern = leaving.address.to_string();
        let hit = members.iter().find(|other| other.address != leaving.address && is_part(&pattern, &other.address.to_string()));
        let Some(hit) = hit else { continue };
        let place = context.place(&format!("/spec/machines/{}/address", leaving.name));
        let there = context.place(&format!("/spec/machines/{}/address", hit.name));
        let label =
            format!("expected an address that is not found in another member's, found {pattern}, which is found in {}", hit.address);
        let diagnostic =
            Diagnostic::at(Code::M609, &place, label).related(there.span, format!("`{}` has {}", hit.name, hit.address)).why(format!(
                "kubespray {} looks for the member that leaves with `grep {pattern}`, and removes every line that it finds (issue 11482).",
                subject.kubean.kubespray.value
            ));
        context
            .find(diagnostic.help("use an image with kubespray v2.26.0 or later for every operation of this cluster, or another address"));
    }
}

/// Whether `grep pattern` finds something in the text.
fn is_part(pattern: &str, text: &str) -> bool {
    let matches = |window: &[u8]| window.iter().zip(pattern.bytes()).all(|(found, wanted)| wanted == b'.' || *found == wanted);
    !pattern.is_empty() && text.as_bytes().windows(pattern.len()).any(matches)
}

#[cfg(test)]
mod tests {
    use super::is_part;

    #[test]
    fn an_address_is_found_as_grep_finds_it() {
        assert!(is_part("10.0.0.1", "10.0.0.10") && is_part("0.0.0.1", "10.0.0.1"));
        assert!(is_part("10.1.1.1", "10.121.19.5"), "a dot stands for any character");
        assert!(!is_part("10.0.0.2", "10.0.0.10") && !is_part("10.0.0.10", "10.0.0.1"));
    }
}
