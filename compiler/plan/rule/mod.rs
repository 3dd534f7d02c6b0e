//! The rules, one file each, named as what they demand. The lists in `plan` give their order.

pub mod add_control_planes_before_others_leave;
pub mod add_workers_through_the_join_address;
pub mod back_up_before_changing;
pub mod change_workers_in_the_order_of_the_policy;
pub mod clean_up_what_plays_no_role;
pub mod drain_nodes_before_they_stop;
pub mod grow_etcd_before_it_shrinks;
pub mod grow_the_control_plane_before_it_shrinks;
pub mod move_the_virtual_ip_to_those_who_serve;
pub mod prepare_machines_before_they_join;
pub mod prepare_the_installer_and_its_packages;
pub mod prove_what_is_assumed;
pub mod rebuild_machines_one_by_one_and_the_first_last;
pub mod recover_or_remove_failed_machines_first;
pub mod remove_workers_first_where_policy_says_so;
pub mod remove_workers_when_others_took_their_pods;
pub mod repoint_clients_before_their_server_leaves;
pub mod repoint_control_planes_before_members_leave;
pub mod settle_control_planes_on_the_final_members;
pub mod settle_etcd_units_and_prove_the_data;
pub mod settle_the_inventory_as_the_target_lists_it;
pub mod swap_control_planes_one_by_one;
pub mod swap_etcd_members_one_by_one;
pub mod tell_everyone_of_new_control_planes;
