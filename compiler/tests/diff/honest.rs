//! What a stranger might try, or what happens by accident: no change of what a plan does is hidden, and none is laid to the wrong line.

use replank::diff::document::{Concern, Fate};
use replank::diff::show::markdown;
use replank::diff::{DiffDocument, Files, Side};
use std::collections::BTreeMap;

use super::{compare, example, side};

pub fn between(name: &str, edits: &[(&str, &str)]) -> DiffDocument {
    let base = example(name);
    let edited = edits.iter().fold(base.clone(), |text, (from, to)| {
        assert!(text.contains(from), "{name} does not hold `{from}`");
        text.replace(from, to)
    });
    compare(&side("a", &base), &side("b", &edited))
}

fn fate(found: &DiffDocument, id: &str) -> Option<Fate> {
    found.steps.iter().find(|step| step.id == id).map(|step| step.fate)
}

#[test]
fn a_line_that_looks_like_an_origin_is_compared_where_it_is_none() {
    let flag = "          kube_network_plugin: calico\n          kubelet_custom_flags: \"--a=b Made by replank 0.1.0 for step 10-prepare/inventory.\"\n";
    let found = between("kubean-replace-nodes", &[("          kube_network_plugin: calico\n", flag)]);
    assert!(found.steps.iter().any(|step| step.fate == Fate::Changed && !step.artifacts.is_empty()), "{:#?}", found.steps);
}

#[test]
fn addresses_that_change_places_are_worse_and_what_they_aim_at_is_destructive() {
    let swap = [("192.168.40.12", "the other"), ("192.168.40.13", "192.168.40.12"), ("the other", "192.168.40.13")];
    let found = between("k3s-replace-one", &swap);
    let worse: Vec<_> =
        found.regressions.iter().filter(|finding| finding.kind == Concern::Address).map(|finding| finding.text.as_str()).collect();
    assert_eq!(worse, ["node-2 is at 192.168.40.13 now, where node-3 was", "node-3 is at 192.168.40.12 now, where node-2 was"]);
    for id in ["70-remove-nodes/node-3", "80-swap-etcd/node-3", "90-clean-up/node-3"] {
        assert!(found.destructive.iter().any(|step| step == id), "{id} is not among {:?}", found.destructive);
    }
}

#[test]
fn a_policy_that_asks_for_less_is_worse_even_where_no_step_changes() {
    let found = between("k3s-external-etcd", &[("minimumEtcdTolerance: 1", "minimumEtcdTolerance: 0")]);
    assert!(found.steps.is_empty() && !found.is_nothing());
    assert_eq!(found.regressions.iter().map(|finding| finding.kind).collect::<Vec<_>>(), [Concern::Policy]);
}

#[test]
fn a_risk_that_is_accepted_for_another_reason_is_said() {
    let found = between("kubean-replace-nodes", &[("done at night.", "done on Sunday.")]);
    assert!(!found.is_nothing() && found.regressions.is_empty());
    assert!(found.reworded[0].text.contains("done on Sunday."), "{:?}", found.reworded);
}

#[test]
fn a_team_s_own_command_is_never_read_with_new_names() {
    let hook = |name: &str| {
        format!(
            "  hooks:\n    - id: tidy-up\n      at: {{before: grow-etcd}}\n      on: workstation\n      title: {{en: Tidy up, zh: 清理}}\n      \
             run: [{{shell: \"kubectl delete pvc -n prod -l app={name}\"}}]\n      verify: [{{shell: \"echo done\", expect: done}}]\n"
        )
    };
    let base = example("k3s-replace-one") + &hook("worker-2");
    let before = side("a", &base);
    let renamed = base.replace("worker-2", "worker-b");
    let found = compare(&before, &side("b", &renamed));
    assert_eq!(fate(&found, "30-grow-etcd/hook.tidy-up"), Some(Fate::Changed));
    let kept = renamed.replace("app=worker-b", "app=worker-2");
    assert_eq!(fate(&compare(&before, &side("b", &kept)), "30-grow-etcd/hook.tidy-up"), None, "its command is what it was");
}

#[test]
fn a_machine_may_be_called_like_anything_in_a_plan() {
    for name in ["name", "id", "run", "steps", "shell", "on", "verdict", "before", "n", "u"] {
        let base = example("k3s-embedded-grow").replace("server-2", name);
        let found = compare(
            &side("a", &base),
            &side("b", &base.replace(&format!("    {name}: {{address"), "    zed: {address").replace(&format!(" {name},"), " zed,")),
        );
        assert_eq!(found.renamed.len(), 1, "{name}");
    }
}

#[test]
fn a_line_of_a_command_that_looks_like_a_comment_is_an_edit() {
    let with = |line: &str| {
        let shell = format!("          shell: |\n            set -euo pipefail\n            {line}\n");
        example("k3s-external-etcd").replacen("        - shell: |\n            set -euo pipefail\n", &format!("        -\n{shell}"), 1)
    };
    let found = compare(&side("a", &with("# be careful")), &side("b", &with("#!/bin/evil")));
    let edits = found.edits.as_ref().unwrap();
    assert_eq!(edits.len(), 1, "{edits:?}");
    assert_eq!(edits[0].steps, ["30-grow-etcd/hook.back-up-tidb"]);
}

#[test]
fn an_edit_that_needs_another_is_named_apart_from_others() {
    let found = between(
        "k3s-external-etcd",
        &[
            ("    phy-6: {address: 10.20.0.26", "    phy-7: {address: 10.20.0.27}\n    phy-6: {address: 10.20.0.26"),
            ("workers: [phy-4, phy-5, phy-6]", "workers: [phy-4, phy-5, phy-6, phy-7]"),
            ("routerId: 224", "routerId: 225"),
        ],
    );
    let edits = found.edits.as_ref().unwrap();
    let lines = |id: &str| -> Vec<&str> {
        let step = found.steps.iter().find(|step| step.id == id).unwrap();
        step.edits.iter().map(|edit| edits[*edit].added[0].trim()).collect()
    };
    assert_eq!(lines("60-add-workers/phy-7"), ["workers: [phy-4, phy-5, phy-6, phy-7]"]);
    assert!(edits.iter().any(|edit| edit.needed && edit.added[0].trim() == "phy-7: {address: 10.20.0.27}"), "{edits:#?}");
    assert_eq!(lines("50-move-virtual-ip/phy-1"), ["routerId: 225"]);
}

#[test]
fn the_commands_of_a_step_that_is_new_are_shown() {
    let hook = "  hooks:\n    - id: tidy-up\n      at: {before: grow-etcd}\n      on: workstation\n      title: {en: Tidy up, zh: 清理}\n      \
                run: [{shell: \"rm -rf --no-preserve-root /\"}]\n      verify: [{shell: \"echo done\", expect: done}]\n";
    let base = example("k3s-replace-one");
    let found = compare(&side("a", &base), &side("b", &(base.clone() + hook)));
    let comment = markdown::comment(&found, markdown::BUDGET, "replank diff a b");
    assert!(comment.contains("+  rm -rf --no-preserve-root /\n"), "{comment}");
    let gone = compare(&side("a", &(base.clone() + hook)), &side("b", &base));
    assert!(markdown::comment(&gone, markdown::BUDGET, "x").contains("-  rm -rf --no-preserve-root /\n"));
    let long = hook.replace("rm -rf --no-preserve-root /", &"rm -rf /x; ".repeat(20_000));
    let cut = markdown::comment(&compare(&side("a", &base), &side("b", &(base.clone() + &long))), 8_000, "x");
    assert!(cut.contains("hook.tidy-up") && cut.contains("_Left out: 1 change;"), "{cut}");
}

#[test]
fn a_name_that_is_part_of_a_path_is_seen_to_change_the_path() {
    let base = example("k3s-external-etcd").replace("phy-6", "disks");
    let edited =
        base.replace("disks: {address", "data: {address").replace("phy-5, disks]", "phy-5, data]").replace("/mnt/disks/", "/mnt/data/");
    let found = compare(&side("a", &base), &side("b", &edited));
    assert!(
        found.words.iter().any(|word| word.from.contains("/mnt/disks/etcd") && word.to.contains("/mnt/data/etcd")),
        "{:?}",
        found.words
    );
    for id in ["80-swap-etcd/vm-1", "80-swap-etcd/vm-2", "80-swap-etcd/vm-3"] {
        assert!(found.destructive.iter().any(|step| step == id), "{id} is not among {:?}", found.destructive);
    }
}

#[test]
fn a_machine_called_like_a_phase_leaves_the_phase_its_name() {
    for name in ["nodes", "prepare", "ip", "up"] {
        let base = example("k3s-external-etcd").replace("vm-3", name);
        let edited = base
            .replace(&format!("{name}: {{address"), "zed: {address")
            .replace(&format!(", {name}]"), ", zed]")
            .replace(&format!("{name}: etcd-node"), "zed: etcd-node");
        let found = compare(&side("a", &base), &side("b", &edited));
        let odd: Vec<_> =
            found.steps.iter().filter(|step| !matches!(step.fate, Fate::Renamed | Fate::Changed)).map(|step| &step.id).collect();
        assert!(odd.is_empty(), "{name}: {odd:?}");
        assert!(found.regressions.is_empty() && found.improvements.is_empty(), "{name}: {:?} {:?}", found.regressions, found.improvements);
    }
}

#[test]
fn a_title_or_another_migration_is_a_difference() {
    let titled = between("k3s-replace-one", &[("Replace node-3", "On Sunday replace node-3")]);
    assert!(titled.steps.is_empty() && !titled.is_nothing());
    let other = compare(&side("a", &example("k3s-replace-one")), &side("b", &example("k3s-embedded-grow")));
    let comment = markdown::comment(&other, markdown::BUDGET, "replank diff a b");
    assert!(comment.contains("The older plan is of a migration called `replace-node-3`"), "{comment}");
}

#[test]
fn a_check_that_is_gone_is_shown_though_the_words_are_the_same() {
    let hook = |shell: &str, rest: &str| {
        format!(
            "  hooks:\n    - id: tidy-up\n      at: {{before: grow-etcd}}\n      on: workstation\n      title: {{en: Tidy up, zh: 清理}}\n      \
             run: [{{shell: \"echo done\"}}]\n      verify: [{{shell: \"{shell}\"{rest}}}]\n"
        )
    };
    let base = example("k3s-replace-one");
    let with = |hook: String| side("a", &(base.clone() + &hook));
    let checked = with(hook("echo done", ", expect: done"));
    let unchecked = compare(&checked, &with(hook("echo done\\n# expect: done", "")));
    assert_eq!(fate(&unchecked, "30-grow-etcd/hook.tidy-up"), Some(Fate::Changed));
    let mut continued = checked.clone();
    let step = continued.plan.steps.iter_mut().find(|step| step.id == "30-grow-etcd/hook.tidy-up").unwrap();
    step.run[0].shell.push(' ');
    assert_eq!(fate(&compare(&checked, &continued), "30-grow-etcd/hook.tidy-up"), Some(Fate::Changed));
}

#[test]
fn a_file_that_is_the_same_to_the_letter_is_no_difference() {
    let path = "steps/40-add-control-plane/node-4/install.env";
    let with = |text: &str| {
        let mut side = side("a", text);
        side.artifacts.get_mut(path).unwrap().push_str("NO_PROXY=192.168.40.14\n");
        side
    };
    let base = example("k3s-replace-one");
    let found = compare(&with(&base), &with(&base.replace("192.168.40.14", "192.168.40.44")));
    assert!(found.artifacts.is_empty(), "{:#?}", found.artifacts);
}

#[test]
fn a_new_machine_at_the_address_that_another_one_left_is_worse() {
    let moved = [
        ("phy-6: {address: 10.20.0.26", "phy-7: {address: 10.20.0.26, ssh: {port: 2222}}\n    phy-6: {address: 10.20.0.36"),
        ("phy-5, phy-6]", "phy-5, phy-6, phy-7]"),
    ];
    let found = between("k3s-external-etcd", &moved);
    assert!(
        found.regressions.iter().any(|finding| finding.text == "phy-7 is at 10.20.0.26 now, where phy-6 was"),
        "{:?}",
        found.regressions
    );
}

/// The files of a plan as somebody may have edited them.
fn plan(edit: impl FnOnce(&mut serde_json::Value)) -> Result<Side, String> {
    let mut document = serde_json::to_value(side("a", &example("k3s-replace-one")).plan).unwrap();
    edit(&mut document);
    let files = BTreeMap::from([("plan.json".to_owned(), document.to_string().into_bytes())]);
    Side::read("plan", Files::of(files), BTreeMap::new())
}

#[test]
fn a_plan_with_names_that_replank_never_writes_is_not_compared() {
    assert!(plan(|_| {}).is_ok());
    type Edit = fn(&mut serde_json::Value);
    let spoilt: [(&str, Edit); 7] = [
        ("twice", |plan| {
            let first = plan["steps"][0].clone();
            plan["steps"].as_array_mut().unwrap().push(first);
        }),
        ("the step", |plan| plan["steps"][0]["id"] = "10-prepare/x\n/merge".into()),
        ("the step", |plan| plan["steps"][0]["because"]["pointer"] = "</details>".into()),
        ("the machine", |plan| plan["machines"]["node-1"]["address"] = "".into()),
        ("the machine", |plan| plan["machines"]["a\nb"] = plan["machines"]["node-1"].clone()),
        ("the name of the migration", |plan| plan["migration"] = "x -->\n# APPROVED @everyone".into()),
        ("the verdict", |plan| plan["verdict"]["lowestAt"] = serde_json::json!(["/approve"])),
    ];
    for (says, edit) in spoilt {
        let refused = plan(edit).unwrap_err();
        assert!(refused.contains("was not written by replank") && refused.contains(says), "{says}: {refused}");
    }
}
