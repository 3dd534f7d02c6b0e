//! Ends that overlap: one of three machines that do everything is exchanged, and one worker of two.
//!
//! What stays is configured anew, so that steps appear which the flagship does not have.

use replank::ir::{Action, Phase};
use replank::model::{EtcdJoin, HookId, HookMoment, JoinAddress};

use super::builder::{Draft, End, Story, machine, machines};
use super::show::{clean, each_is_missed, keep};

fn story() -> Story {
    let end = |three: [&'static str; 3], workers: [&str; 2], join| End {
        control_plane: three.to_vec(),
        workers: workers.map(str::to_owned).to_vec(),
        etcd: three.to_vec(),
        virtual_ip: three.to_vec(),
        join,
    };
    let source = end(["a", "b", "c"], ["v", "w"], Some("c"));
    let target = end(["a", "b", "d"], ["w", "x"], None);
    Story::new(&source, &target).with_hook("save", HookMoment::After, "back-up")
}

fn drafts() -> Vec<Draft> {
    let on = |phase, name: &str, action| Draft::new(phase, name, action, &[]);
    let prepare = |name| on(Phase::Prepare, name, Action::PrepareMachine { machine: machine(name) });
    let repoint =
        |phase, name, list: &[&str]| on(phase, name, Action::RepointControlPlane { machine: machine(name), datastore: machines(list) });
    let again = |name, priority| on(Phase::MoveVirtualIp, name, Action::ReconfigureVirtualIp { machine: machine(name), priority });
    let join = JoinAddress::VirtualIp;
    let rewrite = |name| on(Phase::SettleEtcd, name, Action::RewriteEtcdUnit { machine: machine(name) });
    vec![
        on(Phase::Prepare, "workstation", Action::PrepareWorkstation),
        prepare("d"),
        prepare("x"),
        on(Phase::Prepare, "virtual-ip", Action::ProveVirtualIp { candidates: machines(&["a", "b", "c"]), below: 150 }),
        on(Phase::BackUp, "etcd", Action::BackUpEtcd { member: machine("a") }),
        on(Phase::BackUp, "control-plane", Action::BackUpControlPlane { machine: machine("a") }),
        on(Phase::BackUp, "save", Action::RunHook { hook: HookId::parse("save").unwrap() }),
        on(
            Phase::AddControlPlane,
            "d",
            Action::AddControlPlane { machine: machine("d"), datastore: machines(&["a", "b"]), cordoned: Vec::new() },
        ),
        repoint(Phase::RepointControlPlane, "a", &["a", "b"]),
        repoint(Phase::RepointControlPlane, "b", &["a", "b"]),
        again("a", 250),
        again("b", 200),
        on(Phase::MoveVirtualIp, "d", Action::StartVirtualIp { machine: machine("d"), priority: 150 }),
        on(Phase::MoveVirtualIp, "hand-over", Action::HandOverVirtualIp { leaving: machines(&["c"]) }),
        on(Phase::AddWorkers, "x", Action::AddWorker { machine: machine("x"), join: join.clone() }),
        on(Phase::RepointClients, "w", Action::RepointWorker { machine: machine("w"), join: join.clone() }),
        on(Phase::RepointClients, "workstation", Action::RepointWorkstation { join }),
        on(Phase::RemoveNodes, "v", Action::RemoveNode { machine: machine("v"), cordoned: vec![machine("v")] }),
        on(Phase::RemoveNodes, "c", Action::RemoveNode { machine: machine("c"), cordoned: vec![machine("c")] }),
        on(Phase::SwapEtcd, "d", Action::AddEtcdMember { machine: machine("d"), join: EtcdJoin::Learner }),
        on(Phase::SwapEtcd, "c", Action::RemoveEtcdMember { machine: machine("c"), leader_to: machine("a") }),
        repoint(Phase::SettleControlPlane, "a", &["a", "b", "d"]),
        repoint(Phase::SettleControlPlane, "b", &["a", "b", "d"]),
        repoint(Phase::SettleControlPlane, "d", &["a", "b", "d"]),
        rewrite("a"),
        rewrite("b"),
        rewrite("d"),
        on(Phase::SettleEtcd, "prove", Action::ProveEtcd { member: machine("a") }),
        on(Phase::CleanUp, "c", Action::CleanUp { machine: machine("c") }),
        on(Phase::CleanUp, "v", Action::CleanUp { machine: machine("v") }),
    ]
}

#[test]
fn one_machine_of_three_can_be_exchanged() {
    let ledger = clean(&story(), &drafts());
    keep("ledgers", "one-machine-of-three-exchanged", &replank::verify::ledger_text(&ledger));
}

#[test]
fn each_step_of_the_exchange_is_missed_when_it_is_left_out() {
    each_is_missed(&story(), drafts);
}
