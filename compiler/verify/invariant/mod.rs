//! What must be true, one file each, named as a sentence.
//!
//! Responsible for: when each invariant is asked. An invariant is a function that reads a scene and adds to a report; it
//! changes nothing and knows no other invariant.

mod a_backup_comes_before_every_change;
mod a_candidate_has_the_certificate_for_the_address;
mod a_candidate_serves_the_api;
mod a_control_plane_is_no_candidate_when_it_is_removed;
mod a_hand_over_is_decided_by_priority;
mod a_load_balancer_leads_to_those_who_serve;
mod a_machine_is_cleaned_up_when_it_has_no_role_left;
mod a_machine_is_prepared_before_it_joins;
mod a_step_fits_the_cluster_at_its_moment;
mod an_application_keeps_what_it_needs;
mod api_servers_use_members_that_vote;
mod controllers_wait_for_every_node;
mod each_hook_runs_once_at_its_place;
mod etcd_can_make_each_change_of_members;
mod etcd_ends_with_an_odd_number_of_voters;
mod etcd_has_at_most_seven_voters;
mod etcd_is_not_restarted_as_a_whole;
mod etcd_keeps_its_tolerance;
mod every_endpoint_reaches_the_api;
mod every_need_comes_before;
mod every_server_finds_others_when_it_starts;
mod every_step_has_its_own_place;
mod every_step_is_made_for_its_moment;
mod no_address_outlives_its_machine;
mod no_data_is_lost_with_a_volume;
mod no_two_candidates_have_equal_priority;
mod no_volume_is_left_behind;
mod one_api_server_writes_at_a_time;
mod the_api_survives_any_one_host;
mod the_cluster_says_who_is_there;
mod the_end_is_proved;
mod the_end_is_the_target;
mod the_end_is_the_target_for_clients;
mod the_installer_asks_who_stays;
mod the_installer_lists_who_is_there;
mod the_leader_moves_to_a_member_that_stays;
mod the_source_can_give_what_the_policy_asks;
mod the_virtual_ip_has_candidates;
mod what_is_drained_finds_room;
mod who_failed_is_fenced_before_it_is_forgotten;

use crate::verify::scene::{Report, Scene, Whole};

/// Asked before the step changes anything: may it be done now?
pub fn before(scene: &Scene<'_>, report: &mut Report) {
    a_step_fits_the_cluster_at_its_moment::check(scene, report);
    every_step_is_made_for_its_moment::check(scene, report);
    etcd_can_make_each_change_of_members::check(scene, report);
    a_backup_comes_before_every_change::check(scene, report);
    the_leader_moves_to_a_member_that_stays::check(scene, report);
    api_servers_use_members_that_vote::check_configuration(scene, report);
    a_machine_is_prepared_before_it_joins::check(scene, report);
    a_hand_over_is_decided_by_priority::check(scene, report);
    a_control_plane_is_no_candidate_when_it_is_removed::check(scene, report);
    a_machine_is_cleaned_up_when_it_has_no_role_left::check(scene, report);
    the_installer_asks_who_stays::check(scene, report);
    the_installer_lists_who_is_there::check(scene, report);
    who_failed_is_fenced_before_it_is_forgotten::check(scene, report);
    no_data_is_lost_with_a_volume::check(scene, report);
    no_volume_is_left_behind::check(scene, report);
}

/// Asked at each moment inside a step, and after it.
pub fn at_every_moment(scene: &Scene<'_>, report: &mut Report) {
    etcd_keeps_its_tolerance::check(scene, report);
    etcd_is_not_restarted_as_a_whole::check(scene, report);
    api_servers_use_members_that_vote::check(scene, report);
    no_address_outlives_its_machine::check(scene, report);
    every_endpoint_reaches_the_api::check(scene, report);
    one_api_server_writes_at_a_time::check(scene, report);
    controllers_wait_for_every_node::check(scene, report);
    no_two_candidates_have_equal_priority::check(scene, report);
    what_is_drained_finds_room::check(scene, report);
    an_application_keeps_what_it_needs::check(scene, report);
}

/// Asked of the cluster at rest, after the step.
pub fn after(scene: &Scene<'_>, report: &mut Report) {
    etcd_has_at_most_seven_voters::check(scene, report);
    the_api_survives_any_one_host::check(scene, report);
    the_virtual_ip_has_candidates::check(scene, report);
    a_candidate_serves_the_api::check(scene, report);
    a_candidate_has_the_certificate_for_the_address::check(scene, report);
    a_load_balancer_leads_to_those_who_serve::check(scene, report);
    an_application_keeps_what_it_needs::check_at_rest(scene, report);
}

/// Asked once, of the plan as a whole and of the end to which it leads.
pub fn of_the_whole(whole: &Whole<'_>, report: &mut Report) {
    every_step_has_its_own_place::check(whole, report);
    every_need_comes_before::check(whole, report);
    each_hook_runs_once_at_its_place::check(whole, report);
    a_machine_is_cleaned_up_when_it_has_no_role_left::check_the_end(whole, report);
    a_candidate_has_the_certificate_for_the_address::check_the_end(whole, report);
    a_load_balancer_leads_to_those_who_serve::check_the_end(whole, report);
    the_cluster_says_who_is_there::check(whole, report);
    controllers_wait_for_every_node::check_the_end(whole, report);
    what_is_drained_finds_room::check_those_that_are_drained_later(whole, report);
    the_end_is_proved::check(whole, report);
    the_end_is_the_target::check(whole, report);
    the_end_is_the_target_for_clients::check(whole, report);
    every_server_finds_others_when_it_starts::check(whole, report);
    the_installer_lists_who_is_there::check_the_end(whole, report);
    no_volume_is_left_behind::check_the_end(whole, report);
    etcd_ends_with_an_odd_number_of_voters::check(whole, report);
    the_source_can_give_what_the_policy_asks::check(whole, report);
}
