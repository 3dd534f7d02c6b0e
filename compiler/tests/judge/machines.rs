//! Mistakes about nodes, machines and hooks.

use replank::diag::Code;
use replank::ir::{Action, Phase};
use replank::model::{HookId, HookMoment};

use super::builder::{Draft, machine};
use super::flagship::{NEW, OLD, WORKERS, action_mut, drafts, insert_after, remove, story};
use super::show::{clean, exactly};

#[test]
fn a_machine_does_not_join_unprepared() {
    let mut drafts = drafts();
    remove(&mut drafts, "10-prepare/phy-6");
    exactly(Code::V401, &story(), &drafts);
}

#[test]
fn what_is_drained_must_find_room() {
    let story = story().with_pods(&OLD, 10, 20).with_pods(&NEW, 0, 3).with_pods(&WORKERS, 0, 3);
    exactly(Code::V402, &story, &drafts());
    clean(&story.with_pods(&WORKERS, 0, 30), &drafts());
}

#[test]
fn what_is_drained_must_find_a_node_that_takes_pods() {
    let mut drafts = drafts();
    let Action::RemoveNode { cordoned, .. } = action_mut(&mut drafts, "70-remove-nodes/vm-3") else { panic!() };
    cordoned.extend(NEW.into_iter().chain(WORKERS).map(machine));
    let story = story();
    let (_, findings) = replank::verify::judge(&story.migration, &super::builder::plan(&story.migration, &drafts));
    let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    // The nodes that nobody opens again are found as well.
    assert_eq!(codes, [Code::V402, Code::V501]);
    assert!(super::show::text(&findings, &story).contains("expected a node that takes the pods of vm-3"));
}

#[test]
fn a_machine_without_a_role_is_cleaned_up() {
    let mut drafts = drafts();
    remove(&mut drafts, "90-clean-up/vm-3");
    exactly(Code::V403, &story(), &drafts);
}

#[test]
fn a_machine_with_a_role_is_not_cleaned_up() {
    let mut drafts = drafts();
    let action = Action::CleanUp { machine: machine("phy-1") };
    insert_after(&mut drafts, "90-clean-up/vm-3", Draft::new(Phase::CleanUp, "phy-1", action, &[]));
    let story = story();
    let (_, findings) = replank::verify::judge(&story.migration, &super::builder::plan(&story.migration, &drafts));
    assert!(super::show::text(&findings, &story).contains("expected phy-1 to play no role any more; it is an etcd member"));
}

fn hook(phase: Phase) -> Draft {
    Draft::new(phase, "save", Action::RunHook { hook: HookId::parse("save").unwrap() }, &[])
}

#[test]
fn a_hook_is_not_forgotten() {
    exactly(Code::V404, &story().with_hook("save", HookMoment::Before, "grow-etcd"), &drafts());
}

#[test]
fn a_hook_stands_next_to_its_anchor() {
    let places = [
        (HookMoment::Before, "grow-etcd", "20-back-up/control-plane", Phase::GrowEtcd),
        (HookMoment::After, "grow-etcd", "30-grow-etcd/phy-2", Phase::GrowEtcd),
        (HookMoment::After, "30-grow-etcd/phy-1", "30-grow-etcd/phy-1", Phase::GrowEtcd),
        (HookMoment::Before, "30-grow-etcd/phy-2", "30-grow-etcd/phy-1", Phase::GrowEtcd),
        (HookMoment::Before, "repoint-control-plane", "40-add-control-plane/phy-3", Phase::RepointControlPlane),
    ];
    for (moment, anchor, behind, phase) in places {
        let story = story().with_hook("save", moment, anchor);
        let mut good = drafts();
        insert_after(&mut good, behind, hook(phase));
        clean(&story, &good);
        let mut elsewhere = drafts();
        insert_after(&mut elsewhere, "70-remove-nodes/vm-1", hook(Phase::RemoveNodes));
        let (_, findings) = replank::verify::judge(&story.migration, &super::builder::plan(&story.migration, &elsewhere));
        assert!(super::show::codes(&findings).contains(&Code::V404), "{anchor}");
    }
}

#[test]
fn a_step_acts_on_what_is_there() {
    let mut drafts = drafts();
    if let Action::ProveVirtualIp { candidates, .. } = action_mut(&mut drafts, "10-prepare/virtual-ip") {
        candidates.push(machine("phy-1"));
    }
    exactly(Code::V405, &story(), &drafts);
}
