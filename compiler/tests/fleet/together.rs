//! Steps that are written down together are what each of them would be alone, to the byte.

use std::collections::BTreeMap;

use proptest::prelude::*;
use replank::pipeline::compile;
use replank::source::SourceFile;

use super::{compiled, fleet, with_workers};

/// A spec that has this word already, if only in a comment, is written down step by step.
const ALONE: &str = "# zq-replank-\n";

/// All but the digest of the spec and the places in it, which the comment changes.
fn files(text: &str) -> Result<BTreeMap<String, String>, String> {
    let compiled = compile(&SourceFile::new("migration.yaml", text), &[]).map_err(|refusal| format!("{refusal:?}"))?;
    let mut document = compiled.tree.document().unwrap();
    document.spec_digest.clear();
    let steps = serde_json::to_string_pretty(&document).unwrap();
    let is_artifact = |path: &String| path.starts_with("steps/");
    let artifacts = compiled.tree.files.into_iter().filter(|(path, _)| is_artifact(path));
    Ok(artifacts.chain([("plan.json".to_owned(), steps)]).collect())
}

/// None where both are refused.
fn first_difference(text: &str) -> Option<String> {
    // The comment stands at the end, so that no line moves.
    let (together, alone) = (files(text), files(&format!("{text}\n{ALONE}")));
    let (Ok(together), Ok(alone)) = (&together, &alone) else {
        return (together.is_ok() != alone.is_ok()).then(|| format!("{together:?}\n{alone:?}"));
    };
    assert_eq!(together.keys().collect::<Vec<_>>(), alone.keys().collect::<Vec<_>>());
    together.iter().find(|(path, content)| alone[*path] != **content).map(|(path, content)| {
        let lines = content.lines().zip(alone[path].lines());
        let differing: Vec<_> = lines.filter(|(one, other)| one != other).take(4).collect();
        format!("{path}: {differing:#?}")
    })
}

#[test]
fn the_steps_of_a_fleet_are_what_each_would_be_alone() {
    assert_eq!(first_difference(&with_workers(&fleet(40))), None);
}

#[test]
fn the_plan_is_the_document_written_out() {
    let compiled = compiled(&with_workers(&fleet(12)));
    assert_eq!(compiled.tree.files["plan.json"], serde_json::to_string_pretty(&compiled.tree.document().unwrap()).unwrap() + "\n");
}

#[test]
fn a_fleet_of_any_backend_is_what_each_step_would_be_alone() {
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let mut compared = 0;
    for example in std::fs::read_dir(examples).unwrap().filter_map(|entry| entry.ok().filter(|entry| entry.path().is_dir())) {
        let text = std::fs::read_to_string(example.path().join("migration.yaml")).unwrap();
        let spec: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        // Workers that join; where the story has none, workers that are there at both ends.
        for ends in [&["target"][..], &["source", "target"], &["source"]] {
            let mut spec = spec.clone();
            for (name, address) in fleet(12) {
                spec["spec"]["machines"][&name] = serde_json::json!({ "address": address, "podsPerNode": null });
                spec["spec"]["machines"][&name].as_object_mut().unwrap().remove("podsPerNode");
                let like = spec["spec"]["machines"].as_object().unwrap().values().next().unwrap().clone();
                for (key, value) in like.as_object().unwrap().iter().filter(|(key, _)| *key != "address" && *key != "state") {
                    spec["spec"]["machines"][&name][key] = value.clone();
                }
                for end in ends {
                    let end = &mut spec["spec"][end];
                    match end["workers"].as_array_mut() {
                        Some(workers) => workers.push(name.clone().into()),
                        None => end["workers"] = serde_json::json!([name]),
                    }
                }
            }
            let text = serde_yaml::to_string(&spec).unwrap();
            compared += usize::from(files(&text).is_ok());
            assert_eq!(first_difference(&text), None, "{} {ends:?}", example.path().display());
        }
    }
    assert!(compared >= 12, "only {compared} of these fleets are accepted: too few to mean anything");
}

/// Names that YAML or a reader of numbers could take for something else, and names inside words that every plan has.
fn name() -> impl Strategy<Value = String> {
    let odd = [
        "no",
        "on",
        "y",
        "null",
        "1e3",
        "0x1f",
        "0644",
        "12",
        "1-2",
        "2001-01-01",
        "k3s",
        "node",
        "root",
        "server",
        "etcd",
        "w",
        "steps",
        "sh",
        "name",
    ];
    prop_oneof![3 => "[a-z]{1,3}-[0-9]{1,3}", 1 => "[a-z0-9]{1,4}", 1 => prop::sample::select(odd.to_vec()).prop_map(str::to_owned)]
}

fn machines() -> impl Strategy<Value = Vec<(String, String)>> {
    let names = prop::collection::btree_set(name(), 8..14);
    (names, any::<bool>(), 0..200_u16).prop_map(|(names, is_six, base)| {
        let address = |at: usize| {
            if is_six { format!("fd00:20::{:x}", usize::from(base) + at) } else { format!("10.30.0.{}", usize::from(base) + at + 1) }
        };
        names.into_iter().enumerate().map(|(at, name)| (name, address(at))).collect()
    })
}

proptest! {
    #![proptest_config(crate::properties::cases(12))]

    #[test]
    fn whatever_the_machines_are_called(machines in machines()) {
        let difference = first_difference(&with_workers(&machines));
        prop_assert!(difference.is_none(), "{difference:?}");
    }
}
