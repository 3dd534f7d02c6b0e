//! The bytes of a plan: the same for the same input, and untouched by what has no order.

use std::collections::BTreeMap;

use proptest::prelude::*;
use replank::pipeline::compile;
use replank::render::Language;

use super::generate::spec;
use super::safety::accepting;
use super::simulate::Cluster;
use super::spec::{End, Machine, Spec};
use super::{cases, file, planned};

fn tree(text: &str) -> Option<BTreeMap<String, String>> {
    match compile(&file(text), &[Language::English, Language::Chinese]) {
        Ok(compiled) => Some(compiled.tree.files),
        Err(replank::pipeline::Refusal::Bug(what)) => panic!("{what}\n{text}"),
        Err(_) => None,
    }
}

/// What may differ when only places in the spec differ: line, column, the spec's digest, and the sums over files that hold them.
fn without_places(mut tree: BTreeMap<String, String>) -> BTreeMap<String, String> {
    tree.remove("SHA256SUMS");
    for text in tree.values_mut() {
        *text = text.lines().map(without_place).collect::<Vec<_>>().join("\n");
    }
    tree
}

fn without_place(line: &str) -> String {
    let trimmed = line.trim_start();
    if ["\"line\": ", "\"column\": ", "\"specDigest\": "].iter().any(|key| trimmed.starts_with(key)) {
        return String::new();
    }
    let line = blank_after(line, "line ");
    let line = blank_after(&line, "column ");
    let line = blank_after(&line, "第 ");
    blank_after(&line, "sha256:")
}

/// The text with every run of hexadecimal digits that follows the mark left out.
fn blank_after(line: &str, mark: &str) -> String {
    let mut parts = line.split(mark);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| format!("{text}{mark}{}", part.trim_start_matches(|digit: char| digit.is_ascii_hexdigit())))
}

fn differing(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> Option<String> {
    let names: Vec<_> = one.keys().chain(other.keys()).filter(|name| one.get(*name) != other.get(*name)).collect();
    let name = names.first()?;
    let lines = |tree: &BTreeMap<String, String>| tree.get(*name).map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    let (one, other) = (lines(one).unwrap_or_default(), lines(other).unwrap_or_default());
    let at = one.iter().zip(&other).position(|(one, other)| one != other).unwrap_or_default();
    Some(format!("{names:?}: {:?} and {:?}", one.get(at), other.get(at)))
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn the_order_of_keys_changes_no_byte_but_places(spec in spec(), seed in any::<u64>()) {
        let Some(spec) = accepting(&spec) else { return Ok(()) };
        let Some(one) = tree(&spec.text()) else { return Ok(()) };
        let other = tree(&spec.shuffled(seed)).expect("the same spec compiles");
        let difference = differing(&without_places(one), &without_places(other));
        prop_assert!(difference.is_none(), "{difference:?}\n{}", spec.text());
    }

    #[test]
    fn the_same_text_gives_the_same_bytes(spec in spec()) {
        let Some(spec) = accepting(&spec) else { return Ok(()) };
        prop_assert_eq!(tree(&spec.text()), tree(&spec.text()));
    }

    #[test]
    fn a_further_worker_changes_no_other_step(spec in spec()) {
        let Some(spec) = accepting(&spec) else { return Ok(()) };
        let Some(before) = tree(&spec.text()) else { return Ok(()) };
        let after = tree(&with_worker(&spec)).expect("a worker that stays makes nothing unsafe");
        let before_steps = steps(&spec.text());
        let after_steps: Vec<_> = steps(&with_worker(&spec)).into_iter().filter(|id| !id.ends_with("/unrelated")).collect();
        prop_assert_eq!(before_steps, after_steps);
        // A list of machines has a line for each.
        let others = |text: String| text.lines().filter(|line| !line.starts_with("unrelated ")).collect::<Vec<_>>().join("\n");
        let artifacts = |tree: BTreeMap<String, String>| -> BTreeMap<_, _> {
            let steps = without_places(tree).into_iter().filter(|(path, _)| path.starts_with("steps/") && !path.contains("/unrelated/"));
            steps.map(|(path, text)| (path, others(text))).collect()
        };
        let difference = differing(&artifacts(before), &artifacts(after));
        prop_assert!(difference.is_none(), "{difference:?}\n{}", spec.text());
    }
}

fn steps(text: &str) -> Vec<String> {
    planned(text).unwrap().1.steps.iter().map(|step| step.id.to_string()).collect()
}

fn with_worker(spec: &Spec) -> String {
    let mut spec = spec.clone();
    let six = spec.machines[0].address.contains(':');
    let address = if six { "fd00:20::aa" } else { "10.20.0.170" };
    let pods = spec.machines[0].pods;
    spec.machines.push(Machine { name: "unrelated".into(), address: address.into(), user: "root", pods });
    spec.source.workers.push("unrelated".into());
    spec.target.workers.push("unrelated".into());
    spec.text()
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn from_the_target_there_is_nothing_left_to_do(spec in spec()) {
        let Some((migration, plan)) = planned(&spec.text()) else { return Ok(()) };
        let mut again = spec.clone();
        again.source = again.target.clone();
        // What the plan made of the candidates is what the next spec declares.
        again.priorities.clear();
        for step in &plan.steps {
            use replank::ir::Action::{ReconfigureVirtualIp, StartVirtualIp};
            if let StartVirtualIp { machine, priority } | ReconfigureVirtualIp { machine, priority } = &step.action
                && migration.target.is_virtual_ip_candidate(machine)
            {
                again.priorities.retain(|(name, _)| name != machine.as_str());
                again.priorities.push((machine.to_string(), *priority));
            }
        }
        again.member_names.retain(|(name, _)| again.target.etcd.contains(name));
        let text = again.text();
        let (migration, plan) = planned(&text).expect("a valid spec");
        prop_assert_eq!(Cluster::of(&migration.source), Cluster::of(&migration.target));
        prop_assert!(plan.steps.is_empty(), "{text}");
        let (_, findings) = replank::verify::judge(&migration, &plan);
        prop_assert!(!findings.has_errors(), "{findings:?}\n{text}");
    }
}

#[test]
fn flags_of_the_spec_stand_in_every_unit_of_a_member_by_name() {
    let end = |etcd: &[&str]| End {
        control_plane: ["a", "b", "c"].map(str::to_owned).to_vec(),
        etcd: etcd.iter().map(|name| (*name).to_owned()).collect(),
        ..End::default()
    };
    let mut spec = Spec::between(end(&["a", "b", "c"]), end(&["a", "b", "d"]));
    spec.flags = vec![("snapshot-count", serde_json::json!(10000)), ("enable-pprof", serde_json::json!(true))];
    let accepted = accepting(&spec).expect("the spec is right");
    let tree = tree(&accepted.text()).expect("the plan is right");
    let units: Vec<_> = tree.iter().filter(|(path, _)| path.ends_with("etcd.service")).collect();
    assert!(!units.is_empty());
    for (path, text) in units {
        let expected = " \\\n    --enable-pprof=true \\\n    --snapshot-count=10000 \\\n    --initial-cluster-token ";
        assert!(text.contains(expected), "{path}:\n{text}");
    }
}
