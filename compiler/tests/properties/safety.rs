//! Every valid spec compiles or is refused for a reason that its own policy and target explain; every step of what compiles is
//! needed.

use std::collections::BTreeSet;

use proptest::prelude::*;
use replank::diag::{Code, Findings, Severity};
use replank::ir::Plan;
use replank::model::{EtcdJoin, Migration, Order, PodsOnControlPlanes};
use replank::verify::judge;

use super::generate::spec;
use super::simulate::{Cluster, restood, tolerance, walk};
use super::spec::Spec;
use super::{cases, planned};

fn errors(findings: &Findings) -> BTreeSet<Code> {
    findings.iter().filter(|finding| finding.severity() == Severity::Error).map(|finding| finding.code).collect()
}

/// What no plan may fall below: what the policy asks for, or what the source has if that is less.
fn floor(migration: &Migration) -> i64 {
    i64::from(migration.policy.minimum_etcd_tolerance.value).min(tolerance(migration.source.etcd.len()))
}

/// Whether what the user asked for makes this finding inevitable.
fn is_explained(code: Code, migration: &Migration) -> bool {
    let (source, target, policy) = (&migration.source, &migration.target, &migration.policy);
    let remove_first = policy.order.value == Order::RemoveThenAdd;
    let voter = policy.etcd_join.value == EtcdJoin::Voter;
    match code {
        Code::V102 => {
            source.control_plane.len() == 1
                || target.control_plane.len() == 1
                || target.virtual_ip.len() == 1
                || source.virtual_ip.len() == 1
        }
        Code::V103 => remove_first || target.control_plane.len() == 1 || target.etcd.len() == 1,
        Code::V201 => voter,
        Code::V202 => remove_first || voter || tolerance(target.etcd.len()) < floor(migration),
        Code::V402 => migration.machines.values().all(|machine| machine.pods.is_some()) || !some_node_takes_pods_throughout(migration),
        _ => false,
    }
}

/// A node that takes pods at both ends. Where there is none, what is drained may find nowhere to go.
fn some_node_takes_pods_throughout(migration: &Migration) -> bool {
    let (source, target) = (&migration.source, &migration.target);
    migration.machines.keys().filter(|name| source.is_node(name) && target.is_node(name)).any(|name| {
        let is_worker = !source.is_control_plane(name) && !target.is_control_plane(name);
        is_worker
            || match migration.cluster.distribution.pods_on_control_planes() {
                PodsOnControlPlanes::Always => true,
                PodsOnControlPlanes::Never => false,
                PodsOnControlPlanes::Source => source.is_control_plane(name),
            }
    })
}

fn without(plan: &Plan, index: usize) -> Plan {
    let mut plan = plan.clone();
    plan.steps.remove(index);
    plan.steps.iter_mut().for_each(|step| step.needs.clear());
    plan
}

/// The errors that stand. An entry of `accept` that is of no use any more says nothing about the plan.
fn judged(migration: &Migration, plan: &Plan) -> BTreeSet<Code> {
    let mut codes = errors(&judge(migration, plan).1);
    codes.remove(&Code::V504);
    codes
}

/// A spec whose risks have all been accepted, with its plan; `None` where no plan exists all the same.
pub fn compiled(spec: &Spec) -> Option<(Migration, Plan, String)> {
    let spec = accepting(spec)?;
    let text = spec.text();
    let (migration, plan) = planned(&text)?;
    judged(&migration, &plan).is_empty().then_some((migration, plan, text))
}

/// The spec with every risk accepted that its plan takes.
pub fn accepting(spec: &Spec) -> Option<Spec> {
    let mut spec = spec.clone();
    let (migration, plan) = planned(&spec.text())?;
    let (_, findings) = judge(&migration, &plan);
    let risks = findings.iter().filter_map(|finding| replank::verify::acceptance::risk_name(finding.code));
    for risk in risks.collect::<BTreeSet<_>>() {
        for phase in plan.steps.iter().map(|step| step.phase).collect::<BTreeSet<_>>() {
            spec.accept.push(serde_json::json!({"risk": risk, "at": phase.folder(), "reason": "a property asks"}));
        }
    }
    Some(spec)
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_refusal_is_explained_by_the_policy_or_the_target(spec in spec()) {
        let text = spec.text();
        let Some((migration, plan)) = planned(&text) else { return Ok(()) };
        let (ledger, findings) = judge(&migration, &plan);
        for code in errors(&findings) {
            let step = findings.iter().find(|finding| finding.code == code).map(|finding| (finding.step.clone(), finding.label.text.clone()));
            prop_assert!(is_explained(code, &migration), "{} at {step:?}\n{text}", code.name());
        }
        let walk = walk(&migration, &plan);
        prop_assert_eq!(&walk.end, &Cluster::of(&migration.target));
        prop_assert!(walk.wrong.is_empty(), "{:?}\n{text}", walk.wrong);
        prop_assert_eq!(walk.lowest_tolerance, ledger.lowest_etcd_tolerance);
        prop_assert!(findings.has_errors() || ledger.lowest_etcd_tolerance >= floor(&migration));
        prop_assert!(findings.iter().all(|finding| finding.code != Code::V204), "more than seven voters\n{text}");
    }

    #[test]
    fn a_step_that_is_left_out_is_missed(spec in spec()) {
        let Some((migration, plan, text)) = compiled(&spec) else { return Ok(()) };
        for index in 0..plan.steps.len() {
            let id = &plan.steps[index].id;
            let rest = without(&plan, index);
            prop_assert!(!judged(&migration, &rest).is_empty(), "nobody missed {id}\n{text}");
            prop_assert!(!judged(&migration, &restood(&migration, &rest)).is_empty(), "nobody missed {id}, all others made anew\n{text}");
        }
    }

    #[test]
    fn neighbours_that_need_one_another_cannot_change_places(spec in spec()) {
        let Some((migration, plan, text)) = compiled(&spec) else { return Ok(()) };
        // There steps follow one another that are independent, so that one that fails ends the rest; see `systemd`.
        if migration.cluster.distribution.one_api_server_writes() { return Ok(()) }
        for later in 1..plan.steps.len() {
            if plan.steps[later].needs.contains(&plan.steps[later - 1].id) {
                let mut swapped = plan.clone();
                swapped.steps.swap(later - 1, later);
                prop_assert!(!judged(&migration, &swapped).is_empty(), "{} and {}\n{text}", plan.steps[later - 1].id, plan.steps[later].id);
            }
        }
    }
}

proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 10, failure_persistence: None, ..Default::default() })]

    #[test]
    fn nearly_every_generated_spec_is_valid(specs in prop::collection::vec(spec(), 20)) {
        let valid = specs.iter().filter(|spec| super::resolved(&spec.text()).is_some()).count();
        prop_assert!(valid >= 18, "{valid} of 20");
    }
}
