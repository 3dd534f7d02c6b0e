//! The rules, one file each, named as what they demand. `plan::RULES` gives their order.

pub mod add_control_planes_before_others_leave;
pub mod add_workers_through_the_join_address;
pub mod back_up_before_changing;
pub mod clean_up_what_plays_no_role;
pub mod drain_nodes_before_they_stop;
pub mod grow_etcd_before_it_shrinks;
pub mod move_the_virtual_ip_to_those_who_serve;
pub mod prepare_machines_before_they_join;
pub mod prove_what_is_assumed;
pub mod remove_workers_first_where_policy_says_so;
pub mod repoint_clients_before_their_server_leaves;
pub mod repoint_control_planes_before_members_leave;
pub mod settle_control_planes_on_the_final_members;
pub mod settle_etcd_units_and_prove_the_data;
pub mod swap_etcd_members_one_by_one;
