//! Plans for servers that are members of etcd themselves: one of each kind is clean, and each mistake of a night is found under its own
//! code.
//!
//! The plans come from the planner, because they are long; what is changed in them is changed by hand.

use replank::diag::Code;
use replank::ir::{Action, Ledger, Phase};
use replank::model::{EtcdJoin, JoinAddress, MachineState};
use replank::verify::judge;

use super::builder::{Draft, End, Story, machine, machines, plan};
use super::installer::{at, told, without};
use super::show::{clean, codes, exactly, only, text};

/// The first of three died with its disk; another machine takes its part.
const DEAD: &str = include_str!("../k3s/dead.yaml");
/// One server becomes three.
const GROW: &str = include_str!("../k3s/grow.yaml");
/// All three are replaced.
const SWAP: &str = include_str!("../k3s/swap.yaml");

const FENCE: &str = "25-recover-failed/lzx-ha-env.fence";
const FORGET: &str = "25-recover-failed/lzx-ha-env";
const NEWCOMER: &str = "40-add-control-plane/lzx-test-add-node";

/// Takes a step out and puts it before another one, into the same phase: that phases have an order is asked elsewhere.
fn before(drafts: &mut Vec<Draft>, step: &str, other: &str) {
    let mut moved = at(drafts, step).clone();
    moved.phase = at(drafts, other).phase;
    without(drafts, step);
    let place = drafts.iter().position(|draft| draft.id().as_str() == other).unwrap_or_else(|| panic!("no step {other}"));
    drafts.insert(place, moved);
}

/// The lowest tolerance of etcd inside and after a step.
fn lowest(ledger: &Ledger, step: &str) -> i64 {
    let row = ledger.rows.iter().find(|row| row.step.as_ref().is_some_and(|id| id.as_str() == step));
    row.unwrap_or_else(|| panic!("no row {step}")).after.etcd_tolerance
}

#[test]
fn servers_come_and_go_without_a_finding() {
    for text in [DEAD, GROW, SWAP] {
        let (story, drafts) = told(text);
        clean(&story, &drafts);
    }
}

#[test]
fn with_a_dead_one_of_three_nobody_else_may_fail_until_the_newcomer_votes() {
    let (story, drafts) = told(DEAD);
    let ledger = clean(&story, &drafts);
    assert_eq!([FENCE, FORGET, NEWCOMER].map(|step| lowest(&ledger, step)), [0, 0, 1]);
}

#[test]
fn each_step_is_missed_when_it_is_left_out() {
    for text in [DEAD, GROW, SWAP] {
        let (story, drafts) = told(text);
        for (index, left_out) in drafts.iter().enumerate() {
            let mut rest = drafts.clone();
            rest.remove(index);
            let (_, findings) = judge(&story.migration, &plan(&story.migration, &rest));
            assert!(findings.has_errors(), "{} is not missed", left_out.id());
        }
    }
}

#[test]
fn who_died_is_fenced_before_it_is_forgotten() {
    let (story, mut drafts) = told(DEAD);
    without(&mut drafts, FENCE);
    exactly(Code::V406, &story, &drafts);
    let (story, mut drafts) = told(DEAD);
    before(&mut drafts, FORGET, FENCE);
    only(Code::V406, &story, &drafts);
}

#[test]
fn a_machine_that_answers_is_not_fenced() {
    let (story, mut drafts) = told(DEAD);
    at(&mut drafts, FENCE).action = Action::FenceMachine { machine: machine("lzx-ha-env-2") };
    let (_, findings) = judge(&story.migration, &plan(&story.migration, &drafts));
    assert!(codes(&findings).contains(&Code::V405), "{}", text(&findings, &story));
}

#[test]
fn a_dead_voter_leaves_before_another_one_comes() {
    let (story, mut drafts) = told(DEAD);
    before(&mut drafts, NEWCOMER, FENCE);
    only(Code::V203, &story, &drafts);
}

#[test]
fn a_server_is_prepared_before_it_joins() {
    let (story, mut drafts) = told(DEAD);
    without(&mut drafts, "10-prepare/lzx-test-add-node");
    only(Code::V401, &story, &drafts);
}

#[test]
fn members_change_after_a_backup() {
    let (story, mut drafts) = told(DEAD);
    without(&mut drafts, "20-back-up/etcd");
    let (_, findings) = judge(&story.migration, &plan(&story.migration, &drafts));
    let found: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(found, [Code::V207, Code::V501], "{}", text(&findings, &story));
}

#[test]
fn a_server_hands_the_address_over_before_it_leaves() {
    let (story, mut drafts) = told(SWAP);
    before(&mut drafts, "75-swap-control-plane/server-2", "50-move-virtual-ip/hand-over");
    only(Code::V303, &story, &drafts);
}

#[test]
fn who_stays_is_told_of_somebody_who_stays() {
    let (story, mut drafts) = told(DEAD);
    without(&mut drafts, "45-repoint-control-plane/lzx-ha-env-3");
    only(Code::V501, &story, &drafts);
    // Told of itself it finds nobody.
    let (story, mut drafts) = told(DEAD);
    let itself = machine("lzx-ha-env-3");
    let join = JoinAddress::Machine(itself.clone());
    at(&mut drafts, "45-repoint-control-plane/lzx-ha-env-3").action = Action::DescribeServer { machine: itself, join };
    only(Code::V501, &story, &drafts);
}

#[test]
fn a_server_is_not_told_of_one_that_has_yet_to_come() {
    let (story, mut drafts) = told(DEAD);
    let join = JoinAddress::Machine(machine("lzx-test-add-node"));
    at(&mut drafts, "45-repoint-control-plane/lzx-ha-env-2").action = Action::DescribeServer { machine: machine("lzx-ha-env-2"), join };
    clean(&story, &drafts);
    before(&mut drafts, "45-repoint-control-plane/lzx-ha-env-2", NEWCOMER);
    only(Code::V405, &story, &drafts);
}

/// Inserts a restart of a server before a step.
fn restarting(drafts: &mut Vec<Draft>, name: &str, step: &str) {
    let action = Action::RepointControlPlane { machine: machine(name), datastore: vec![machine(name)] };
    let place = drafts.iter().position(|draft| draft.id().as_str() == step).unwrap_or_else(|| panic!("no step {step}"));
    drafts.insert(place, Draft::new(Phase::RecoverFailed, format!("{name}.restart"), action, &[]));
}

#[test]
fn a_server_of_two_does_not_restart() {
    let (story, mut drafts) = told(DEAD);
    restarting(&mut drafts, "lzx-ha-env-2", NEWCOMER);
    only(Code::V201, &story, &drafts);
    // Of three it may.
    let (story, mut drafts) = told(DEAD);
    restarting(&mut drafts, "lzx-ha-env-2", "50-move-virtual-ip/lzx-ha-env-2");
    let (_, findings) = judge(&story.migration, &plan(&story.migration, &drafts));
    assert!(!codes(&findings).contains(&Code::V201), "{}", text(&findings, &story));
}

#[test]
fn who_left_is_cleaned_up() {
    let (story, mut drafts) = told(SWAP);
    without(&mut drafts, "90-clean-up/server-2");
    only(Code::V403, &story, &drafts);
    let (story, mut drafts) = told(SWAP);
    before(&mut drafts, "90-clean-up/server-2", "75-swap-control-plane/server-2");
    let (_, findings) = judge(&story.migration, &plan(&story.migration, &drafts));
    assert!(codes(&findings).contains(&Code::V403), "{}", text(&findings, &story));
}

#[test]
fn members_agree_in_the_end() {
    let (story, mut drafts) = told(GROW);
    without(&mut drafts, "87-settle-etcd/etcd");
    only(Code::V501, &story, &drafts);
}

#[test]
fn a_certificate_covers_the_address_before_the_server_holds_it() {
    let (story, mut drafts) = told(GROW);
    without(&mut drafts, "45-repoint-control-plane/server-1");
    only(Code::V304, &story, &drafts);
}

#[test]
fn the_leader_moves_to_one_that_stays() {
    let (story, mut drafts) = told(SWAP);
    let id = "75-swap-control-plane/server-2";
    let leaving = Action::LeaveCluster {
        machine: machine("server-2"),
        leader_to: Some(machine("server-2")),
        unlisted: Vec::new(),
        cordoned: Vec::new(),
    };
    at(&mut drafts, id).action = leaving;
    only(Code::V208, &story, &drafts);
}

#[test]
fn the_last_two_servers_do_not_become_one_by_way_of_a_dead_one() {
    // A dead one of two is half of the votes: nothing can be changed before the cluster is reset.
    let text = DEAD.replace("[lzx-ha-env, lzx-ha-env-2, lzx-ha-env-3]", "[lzx-ha-env, lzx-ha-env-2]").replace(", lzx-ha-env-3: 80", "");
    let text = text.replace("    lzx-ha-env-3: {address: 192.168.0.243}\n", "").replace("lzx-ha-env-3, ", "");
    let (story, drafts) = told(&text);
    let (_, findings) = judge(&story.migration, &plan(&story.migration, &drafts));
    assert!(codes(&findings).contains(&Code::V201), "{}", super::show::text(&findings, &story));
}

/// Over an external etcd the two are processes of their own: an API server that restarts neither waits for its member nor starts it.
#[test]
fn elsewhere_an_api_server_restarts_without_a_member() {
    let end = |etcd: &[&'static str]| End { control_plane: vec!["a"], etcd: etcd.to_vec(), join: Some("a"), ..End::default() };
    let mut story = Story::new(&end(&["a"]), &end(&["b"]));
    story.migration.machines.get_mut(&machine("a")).unwrap().state = MachineState::Failed;
    let joins = Action::AddEtcdMember { machine: machine("b"), join: EtcdJoin::Voter };
    let restarts = Action::RepointControlPlane { machine: machine("a"), datastore: machines(&["b"]) };
    let drafts = [Draft::new(Phase::GrowEtcd, "b", joins, &[]), Draft::new(Phase::RepointControlPlane, "a", restarts, &[])];
    let (ledger, findings) = judge(&story.migration, &plan(&story.migration, &drafts));
    assert_eq!(ledger.rows[2].after.etcd_started, 1, "nobody has started the member on a");
    let text = text(&findings, &story);
    assert!(text.contains("expected a live voter among a while its API server restarts"), "{text}");
}
