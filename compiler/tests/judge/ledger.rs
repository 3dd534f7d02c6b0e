//! The ledger as people read it, and its size.

use replank::ir::{Action, Phase};
use replank::model::JoinAddress;
use replank::verify::{judge, ledger_text};

use super::builder::{Draft, End, Story, machine, plan};
use super::flagship::{action_mut, drafts, story};
use super::show::{clean, keep};

#[test]
fn the_flagship_survives_any_one_host_throughout() {
    let ledger = clean(&story(), &drafts());
    assert!(ledger.survives_any_one_host && ledger.lowest_etcd_tolerance == 1);
    keep("ledgers", "three-virtual-machines-to-six-physical", &ledger_text(&ledger));
}

#[test]
fn an_unsafe_plan_looks_wrong_at_a_glance() {
    let mut drafts = drafts();
    let join = replank::model::EtcdJoin::Voter;
    *action_mut(&mut drafts, "30-grow-etcd/phy-1") = Action::AddEtcdMember { machine: machine("phy-1"), join };
    let datastore = super::builder::machines(&["phy-1"]);
    for name in super::flagship::NEW {
        let action = Action::AddControlPlane { machine: machine(name), datastore: datastore.clone(), cordoned: Vec::new() };
        *action_mut(&mut drafts, &format!("40-add-control-plane/{name}")) = action;
    }
    let story = story().accepting("etcd-no-tolerance", "30-grow-etcd/phy-1");
    let (ledger, _) = judge(&story.migration, &plan(&story.migration, &drafts));
    keep("ledgers", "unsafe-and-accepted-rows", &ledger_text(&ledger));
}

#[test]
fn five_thousand_workers_are_judged() {
    let names: Vec<String> = (0..5000).map(|number| format!("w-{number}")).collect();
    let source = End { control_plane: vec!["a", "b"], etcd: vec!["a", "b", "c"], join: Some("a"), ..End::default() };
    let story = Story::new(&source, &End { workers: names.clone(), ..source.clone() });
    let on = |phase, name: &str, action| Draft::new(phase, name, action, &[]);
    let mut drafts = vec![
        on(Phase::Prepare, "workstation", Action::PrepareWorkstation),
        on(Phase::BackUp, "etcd", Action::BackUpEtcd { member: machine("a") }),
        on(Phase::BackUp, "control-plane", Action::BackUpControlPlane { machine: machine("a") }),
    ];
    for name in &names {
        drafts.insert(1, on(Phase::Prepare, name, Action::PrepareMachine { machine: machine(name) }));
        let join = JoinAddress::Machine(machine("a"));
        drafts.push(on(Phase::AddWorkers, name, Action::AddWorker { machine: machine(name), join }));
    }
    let ledger = clean(&story, &drafts);
    assert_eq!(ledger.rows.last().unwrap().after.schedulable_nodes, 5002);
}
