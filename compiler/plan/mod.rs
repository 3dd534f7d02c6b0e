//! Decides: what differs between the two ends, which steps that takes, and in which order.
//!
//! The lists of rules are the table of contents: read aloud from top to bottom each is the order of a migration. Does not know
//! who judges the plan, nor which tools carry it out.

mod change;
mod draft;
mod hooks;
mod lying;
mod rule;
mod together;
mod volumes;

use crate::diag::Findings;
use crate::ir::Plan;
use crate::model::{Migration, RoleTravel};

use change::Change;
use draft::Draft;

/// A rule adds its steps to the draft. It may look at what earlier rules made of the cluster, never at later ones.
type Rule = fn(&Change<'_>, &mut Draft);

/// Etcd, API servers, nodes and the virtual IP move each by itself.
const WHERE_ROLES_TRAVEL_APART: &[Rule] = &[
    rule::prove_what_is_assumed::apply,
    rule::prepare_machines_before_they_join::apply,
    rule::back_up_before_changing::apply,
    rule::grow_etcd_before_it_shrinks::apply,
    rule::add_control_planes_before_others_leave::apply,
    rule::repoint_control_planes_before_members_leave::apply,
    rule::lead_load_balancers_to_those_who_stay::apply,
    rule::move_the_virtual_ip_to_those_who_serve::apply,
    rule::remove_workers_first_where_policy_says_so::apply,
    rule::add_workers_through_the_join_address::apply,
    rule::repoint_clients_before_their_server_leaves::apply,
    rule::repoint_the_network_before_members_leave::apply,
    rule::drain_nodes_before_they_stop::apply,
    rule::demote_control_planes_that_stay_as_workers::apply,
    rule::swap_etcd_members_one_by_one::apply,
    rule::settle_control_planes_on_the_final_members::apply,
    rule::publish_the_control_plane_that_is_there::apply,
    rule::settle_etcd_units_and_prove_the_data::apply,
    rule::clean_up_what_plays_no_role::apply,
];

/// One API server writes at a time, and nobody decides about nodes while they look for it.
const WHERE_ONE_API_SERVER_WRITES: &[Rule] = &[
    rule::prove_what_is_assumed::apply,
    rule::prepare_machines_before_they_join::apply,
    rule::back_up_before_changing::apply,
    rule::grow_etcd_before_it_shrinks::apply,
    rule::repoint_control_planes_before_members_leave::apply,
    rule::hand_over_to_one_api_server_at_a_time::apply,
    rule::repoint_nodes_in_batches::apply,
    rule::start_controllers_when_every_node_is_there::apply,
    rule::roll_the_dns_to_those_who_stay::apply,
    rule::swap_etcd_members_one_by_one::apply,
    rule::settle_control_planes_on_the_final_members::apply,
    rule::repoint_nodes_in_batches::when_the_last_members_have_joined,
    rule::settle_etcd_units_and_prove_the_data::apply,
    rule::clean_up_what_plays_no_role::apply,
];

/// An installer adds and removes machines with all that they are.
const WHERE_ROLES_TRAVEL_TOGETHER: &[Rule] = &[
    rule::prove_what_is_assumed::apply,
    rule::prepare_the_installer_and_its_packages::apply,
    rule::prepare_machines_before_they_join::apply,
    rule::back_up_before_changing::apply,
    rule::recover_or_remove_failed_machines_first::apply,
    rule::grow_the_control_plane_before_it_shrinks::apply,
    rule::tell_everyone_of_new_control_planes::apply,
    rule::change_workers_in_the_order_of_the_policy::apply,
    rule::recover_volumes_when_others_have_come::apply,
    rule::rebuild_machines_one_by_one_and_the_first_last::apply,
    rule::remove_workers_when_others_took_their_pods::apply,
    rule::swap_control_planes_one_by_one::apply,
    rule::settle_the_inventory_as_the_target_lists_it::apply,
    rule::clean_up_what_plays_no_role::apply,
];

/// A server is a member of etcd by itself, and comes and goes as one.
const WHERE_SERVERS_ARE_MEMBERS: &[Rule] = &[
    rule::prove_what_is_assumed::apply,
    rule::prepare_machines_before_they_join::apply,
    rule::back_up_before_changing::apply,
    rule::recover_or_remove_failed_machines_first::apply,
    rule::grow_the_control_plane_before_it_shrinks::apply,
    rule::describe_servers_by_those_who_stay::apply,
    rule::move_the_virtual_ip_to_those_who_serve::apply,
    rule::change_workers_in_the_order_of_the_policy::apply,
    rule::recover_volumes_when_others_have_come::apply,
    rule::rebuild_machines_one_by_one_and_the_first_last::workers,
    rule::repoint_clients_before_their_server_leaves::apply,
    rule::rebuild_machines_one_by_one_and_the_first_last::control_planes,
    rule::remove_workers_when_others_took_their_pods::apply,
    rule::swap_control_planes_one_by_one::apply,
    rule::move_the_virtual_ip_to_those_who_serve::when_others_have_joined,
    rule::describe_servers_by_those_who_stay::when_others_have_joined,
    rule::settle_the_inventory_as_the_target_lists_it::apply,
    rule::clean_up_what_plays_no_role::apply,
];

/// The plan for a migration. An empty plan means that both ends are the same.
///
/// # Errors
/// Findings about the spec that only show once the steps are known: a hook that stands at no step.
pub fn plan(migration: &Migration) -> Result<Plan, Findings> {
    let change = Change::between(migration);
    let mut draft = Draft::at_source(migration);
    let rules = match migration.cluster.distribution.role_travel() {
        RoleTravel::Apart if migration.cluster.distribution.one_api_server_writes() => WHERE_ONE_API_SERVER_WRITES,
        RoleTravel::Apart => WHERE_ROLES_TRAVEL_APART,
        RoleTravel::Together => WHERE_ROLES_TRAVEL_TOGETHER,
        RoleTravel::WithTheServer => WHERE_SERVERS_ARE_MEMBERS,
    };
    if !change.is_nothing() {
        for rule in rules {
            rule(&change, &mut draft);
        }
    }
    hooks::place(migration, draft.finish())
}
