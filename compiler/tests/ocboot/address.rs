//! Where the virtual IP goes when servers come with it: what the ledger shows, and that nothing else moves it.

use replank::ir::{Action, Row};

use super::spec::{SEED, Servers, compiled};
use crate::compiled::document;

fn holders(row: &Row) -> Vec<String> {
    row.after.virtual_ip.iter().flat_map(|frame| &frame.possible_holders).map(ToString::to_string).collect()
}

#[test]
fn a_run_of_ocboot_takes_the_address_to_the_first_candidate() {
    let plan = compiled(SEED);
    let join = plan.plan.steps.iter().position(|step| matches!(step.action, Action::JoinCluster { .. })).unwrap();
    assert_eq!(holders(&plan.ledger.rows[join]), ["lzx-ha-env-2", "lzx-ha-env-3"]);
    assert_eq!(holders(&plan.ledger.rows[join + 1]), ["lzx-ha-env-2"]);
    let given = plan.ledger.rows[join + 1].after.virtual_ip.as_ref().unwrap().candidates.iter();
    let given: Vec<_> = given.map(|(name, priority)| format!("{name}={}", priority.unwrap())).collect();
    assert_eq!(given, ["lzx-ha-env-2=100", "lzx-ha-env-3=90", "lzx-test-add-node=90"]);
}

/// Nor is a server described: ocboot has written its unit, and a configuration without ocboot's settings would take them away.
#[test]
fn no_step_of_the_plan_moves_the_address_by_itself() {
    let alive = Servers { failed: 0, leaving: 1, staying: 2, joining: 1, stack: "virt", order: "addThenRemove" };
    let plan = compiled(&alive.text());
    let moves = |action: &Action| {
        matches!(
            action,
            Action::StartVirtualIp { .. }
                | Action::ReconfigureVirtualIp { .. }
                | Action::HandOverVirtualIp { .. }
                | Action::DescribeServer { .. }
        )
    };
    for plan in [&plan, &compiled(SEED)] {
        assert!(!plan.plan.steps.iter().any(|step| moves(&step.action)));
    }
    let leave = document(&plan).steps.iter().find(|step| step.action.contains("leave")).unwrap();
    let first = leave.run.first().unwrap();
    assert!(first.shell.contains("rm -f /var/lib/rancher/k3s/agent/pod-manifests/keepalived.yaml"), "{}", first.shell);
}

/// Of equal priorities the higher address wins: .22 before .21. The one with 100 leaves alive, and nobody joins.
#[test]
fn of_equals_the_higher_address_takes_over() {
    let plan = compiled(&Servers { failed: 0, leaving: 1, staying: 3, joining: 0, stack: "virt", order: "addThenRemove" }.text());
    let leave = plan.plan.steps.iter().position(|step| matches!(step.action, Action::LeaveCluster { .. })).unwrap();
    assert!(holders(&plan.ledger.rows[leave]).contains(&"leaving-0".to_owned()));
    let after = holders(&plan.ledger.rows[leave + 1]);
    assert!(!after.contains(&"leaving-0".to_owned()) && after.contains(&"staying-2".to_owned()), "{after:?}");
}
