//! What `plan.json` says of the cluster, read back from its text: all that the spec says, and nothing secret.

mod kubean_words;

use indexmap::IndexMap;
use replank::model::{AbsolutePath, EnvironmentName};
use replank::pipeline::compile;
use replank::render::document::{FORMAT_VERSION, PlanDocument};
use replank::source::SourceFile;
use serde_json::{Value, json};

const WHOLE: &str = include_str!("whole.yaml");
const EXTERNAL_ETCD: &str = include_str!("../../../examples/k3s-external-etcd/migration.yaml");
const RELOCATE_MASTERS: &str = include_str!("../../../examples/kubeadm-relocate-masters/migration.yaml");
const RELOCATE_MASTER: &str = include_str!("../../../examples/systemd-relocate-master/migration.yaml");
const REPLACE_ONE: &str = include_str!("../../../examples/k3s-replace-one/migration.yaml");

/// The text of `plan.json`.
fn text_of(spec: &str) -> String {
    let mut compiled = compile(&SourceFile::new("migration.yaml", spec), &[]).unwrap_or_else(|refusal| panic!("{refusal:?}"));
    compiled.tree.files.remove("plan.json").unwrap()
}

fn plan(spec: &str) -> Value {
    serde_json::from_str(&text_of(spec)).unwrap()
}

/// `cluster` as the spec has it, in the form that the document has: media beside k3s's other fields, no `tls` for plain HTTP.
fn written(spec: &str) -> Value {
    let mut spec: Value = serde_yaml::from_str(spec).unwrap();
    let mut cluster = spec["spec"]["cluster"].take();
    if let Some(Value::Object(media)) = cluster["distribution"]["k3s"].as_object_mut().unwrap().shift_remove("media") {
        cluster["distribution"]["k3s"].as_object_mut().unwrap().extend(media);
    }
    if cluster["etcd"]["tls"] == "none" {
        cluster["etcd"].as_object_mut().unwrap().shift_remove("tls");
    }
    cluster
}

/// Every value that is no object, by its JSON pointer.
fn leaves(value: &Value) -> IndexMap<String, Value> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| leaves(value).into_iter().map(move |(path, leaf)| (format!("/{name}{path}"), leaf)))
            .collect(),
        leaf => IndexMap::from([(String::new(), leaf.clone())]),
    }
}

#[test]
fn a_plan_says_all_that_its_spec_says_of_the_cluster_and_no_more() {
    assert_eq!(plan(WHOLE)["cluster"], written(WHOLE));
}

#[test]
fn the_spec_that_says_everything_says_nothing_that_is_a_default() {
    let (whole, usual) = (leaves(&plan(WHOLE)["cluster"]), leaves(&plan(REPLACE_ONE)["cluster"]));
    let alike: Vec<_> = whole.iter().filter(|(path, value)| usual.get(*path) == Some(value)).map(|(path, _)| path).collect();
    assert_eq!(alike, ["/distribution/k3s/datastore", "/etcd/api"], "only an external datastore behind the v3 API is supported");
    let missing: Vec<_> = usual.keys().filter(|path| !whole.contains_key(*path) && !path.contains("/node-")).collect();
    assert!(missing.is_empty(), "a field of the document is not proved: {missing:?}");
}

#[test]
fn the_plans_of_the_examples_say_what_their_specs_say_of_the_cluster() {
    for spec in [EXTERNAL_ETCD, REPLACE_ONE] {
        let (said, cluster) = (leaves(&written(spec)), plan(spec)["cluster"].take());
        assert!(said.len() > 15, "{said:?}");
        for (path, value) in said {
            assert_eq!(cluster.pointer(&path), Some(&value), "{path}");
        }
    }
}

#[test]
fn the_plan_of_a_kubeadm_cluster_says_what_its_spec_says_of_it() {
    let mut spec: Value = serde_yaml::from_str(RELOCATE_MASTERS).unwrap();
    let (written, said) = (spec["spec"]["cluster"].take(), plan(RELOCATE_MASTERS)["cluster"].take());
    let (ours, theirs) = (&said["distribution"]["kubeadm"], &written["distribution"]["kubeadm"]);
    assert_eq!(ours["configuration"], theirs["clusterConfiguration"]);
    assert_eq!((&ours["version"], &ours["calico"]["version"]), (&theirs["version"], &theirs["calico"]["version"]));
    assert_eq!(ours["controlPlaneTakesPods"], theirs["controlPlaneTakesPods"]);
    assert_eq!(ours["monitoring"], json!(["monitoring/kube-apiserver-exporter"]));
    assert_eq!(said["loadBalancer"], json!({"port": 443, "isWhole": true, "file": "/etc/nginx/nginx.conf"}));
}

#[test]
fn the_plan_of_a_cluster_of_binaries_says_what_its_spec_says_of_it() {
    let mut spec: Value = serde_yaml::from_str(RELOCATE_MASTER).unwrap();
    let (written, said) = (spec["spec"]["cluster"].take(), plan(RELOCATE_MASTER)["cluster"].take());
    let (ours, theirs) = (&said["distribution"]["systemd"], &written["distribution"]["systemd"]);
    for field in ["version", "apiServerPort", "binaryDirectory"] {
        assert_eq!(ours[field], theirs[field], "{field}");
    }
    assert_eq!(ours["apiServer"], theirs["apiServer"]);
    let of = |unit: &str, flags: Value| json!({"unit": unit, "flags": flags});
    assert_eq!(ours["controllerManager"], of("kube-controller", json!({})));
    assert_eq!(ours["proxy"], of("kube-proxy", json!({"masquerade-all": "true", "proxy-mode": "iptables"})));
    let setting = |unit: &str, variable: &str| json!({"unit": unit, "file": format!("/etc/sysconfig/{unit}"), "variable": variable});
    assert_eq!(ours["flannel"]["setting"], setting("flanneld", "FLANNEL_ETCD"), "the value is the address alone");
    assert_eq!((&ours["kubelet"]["flag"], &ours["nodeProxy"]["flag"]), (&json!("api-servers"), &json!("master")));
    let dns = ["domain", "version", "nextVersion"].map(|field| (&ours["dns"][field], &theirs["dns"][field]));
    assert!(dns.iter().all(|(ours, theirs)| ours == theirs), "{dns:?}");
    assert_eq!((&ours["dns"]["kube2sky"], &ours["dns"]["nameservers"]), (&json!("kube2sky"), &theirs["dns"]["skydns"]["nameservers"]));
    assert_eq!(said["etcd"]["api"], "v2");
}

#[test]
fn every_member_of_either_end_has_its_name_and_nobody_else() {
    let names = plan(EXTERNAL_ETCD)["cluster"]["etcd"]["memberNames"].take();
    let expected = json!({
        "phy-1": "phy-1", "phy-2": "phy-2", "phy-3": "phy-3", "phy-4": "phy-4", "phy-5": "phy-5",
        "vm-1": "etcd-node-1", "vm-2": "etcd-node-2", "vm-3": "etcd-node-3",
    });
    assert_eq!(names, expected);
}

#[test]
fn what_a_cluster_does_not_have_is_absent() {
    let cluster = plan(EXTERNAL_ETCD)["cluster"].take();
    assert!(cluster["etcd"].get("tls").is_none(), "plain HTTP");
    let without = WHOLE.replace("      password: {file: /srv/vrrp/word}\n", "");
    assert!(plan(&without)["cluster"]["virtualIp"].get("password").is_none());
    let (start, end) = (WHOLE.find("    virtualIp:\n      address").unwrap(), WHOLE.find("  machines:").unwrap());
    let without =
        format!("{}{}", &WHOLE[..start], &WHOLE[end..]).replace("    virtualIp: [a, b, c]\n", "").replace("    virtualIp: [a, b, d]\n", "");
    assert!(plan(&without)["cluster"].get("virtualIp").is_none());
}

#[test]
fn a_plan_says_what_happens_to_leftovers() {
    let leftovers = |machine: &str| plan(WHOLE)["machines"][machine]["leftovers"].take();
    assert_eq!((leftovers("a"), leftovers("d")), (json!("refuse"), json!("remove")));
}

#[test]
fn the_order_of_machines_in_maps_of_the_cluster_changes_no_byte() {
    let shuffled = WHOLE
        .replace("{a: first, b: second, c: third, d: fourth}", "{d: fourth, b: second, a: first, c: third}")
        .replace("{a: 131, b: 121, c: 111}", "{c: 111, a: 131, b: 121}");
    let cluster = |spec: &str| plan(spec)["cluster"].to_string();
    assert_ne!(shuffled, WHOLE);
    assert_eq!(cluster(&shuffled), cluster(WHOLE));
}

/// Wherever the document speaks of a secret, it names a file or a variable.
#[test]
fn a_plan_holds_references_to_secrets_and_never_one() {
    for spec in [WHOLE, EXTERNAL_ETCD, REPLACE_ONE] {
        let cluster = plan(spec)["cluster"].take();
        for path in ["/distribution/k3s/token", "/virtualIp/password"] {
            let reference = cluster.pointer(path).unwrap_or_else(|| panic!("{path}")).as_object().unwrap();
            let [(kind, value)] = reference.iter().collect::<Vec<_>>()[..] else { panic!("{path}: {reference:?}") };
            let value = value.as_str().unwrap();
            match kind.as_str() {
                "file" => assert!(AbsolutePath::parse(value).is_ok(), "{path}: {reference:?}"),
                "env" => assert!(EnvironmentName::parse(value).is_ok(), "{path}: {reference:?}"),
                _ => panic!("{path}: {reference:?}"),
            }
        }
        let telling = |path: &&String| ["token", "password", "secret"].iter().any(|word| path.to_lowercase().contains(word));
        let leaves = leaves(&cluster);
        let mut known: Vec<_> = leaves.keys().filter(telling).map(|path| path.trim_end_matches("/file").trim_end_matches("/env")).collect();
        known.retain(|path| *path != "/distribution/k3s/serverConfig/secrets-encryption");
        assert_eq!(known, ["/distribution/k3s/token", "/etcd/clusterToken", "/virtualIp/password"]);
    }
}

#[test]
fn a_plan_reads_back_as_it_was_written() {
    for spec in [WHOLE, EXTERNAL_ETCD, REPLACE_ONE, RELOCATE_MASTERS, RELOCATE_MASTER] {
        let text = text_of(spec);
        let document: PlanDocument = serde_json::from_str(&text).unwrap();
        assert_eq!((document.format_version.as_str(), FORMAT_VERSION), ("1.5", "1.5"));
        assert_eq!(format!("{}\n", serde_json::to_string_pretty(&document).unwrap()), text);
    }
}

#[test]
fn the_plan_that_says_everything_satisfies_the_schema_of_plans() {
    let validator = jsonschema::validator_for(&replank::render::document::schema()).unwrap();
    let plan = plan(WHOLE);
    let errors: Vec<String> = validator.iter_errors(&plan).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}
