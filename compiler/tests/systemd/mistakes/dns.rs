//! Mistakes about the cluster's DNS: names and labels of what is rolled, whom it goes by, the Service in front.

use crate::kubeadm::compiled::in_order;
use crate::systemd::{MEMBERS, SERVER, at_release, edited, example};

const ROLL: &str = "69-roll-dns/dns";

/// `rolling-update` refuses a controller with the name or the labels of the one that runs.
#[test]
fn name_and_version_differ_from_those_that_run_wherever_they_stand() {
    let plan = example();
    for (file, name) in [("kube2sky", "kube2sky-v10"), ("skydns", "skydns-v10")] {
        let object = &plan.documents(&format!("steps/{ROLL}/{file}.yaml"))[0];
        assert_eq!(object["metadata"]["name"], name);
        let labels = serde_json::json!({"app": file, "version": "v10"});
        for pointer in ["/metadata/labels", "/spec/selector", "/spec/template/metadata/labels"] {
            assert_eq!(object.pointer(pointer), Some(&labels), "{pointer}");
        }
    }
}

/// The files of the document call today's controllers `kube2sky`; after one move they are called `kube2sky-v10`.
#[test]
fn a_controller_that_was_rolled_before_loses_its_old_version() {
    let again = edited(&[
        ("version: v9\n", "version: v10\n"),
        ("nextVersion: v10", "nextVersion: v11"),
        ("kube2sky: {image", "kube2sky: {replicationController: kube2sky-v10, image"),
    ]);
    assert_eq!(again.documents(&format!("steps/{ROLL}/kube2sky.yaml"))[0]["metadata"]["name"], "kube2sky-v11");
    assert!(again.part(ROLL, "run").contains(&format!("rolling-update kube2sky-v10 -f steps/{ROLL}/kube2sky.yaml")));
}

/// kube2sky knows one member: it must be one of SkyDNS' and one that stays.
#[test]
fn the_one_member_of_kube2sky_is_one_of_skydns_and_stays() {
    let plan = example();
    let arguments = |file: &str| -> Vec<String> {
        let object = &plan.documents(&format!("steps/{ROLL}/{file}.yaml"))[0];
        let list = &object["spec"]["template"]["spec"]["containers"][0]["args"];
        list.as_array().unwrap().iter().map(|argument| argument.as_str().unwrap().to_owned()).collect()
    };
    let [kube2sky, skydns] = ["kube2sky", "skydns"].map(arguments);
    assert_eq!(kube2sky, ["--etcd-server=http://10.17.33.21:4012", "--domain=domeos.local", &format!("--kube_master_url={SERVER}")]);
    let nameservers = "--nameservers=10.2.166.105:53,10.1.34.101:53";
    assert_eq!(skydns, [&format!("--machines={MEMBERS}"), "--domain=domeos.local", "--addr=0.0.0.0:53", nameservers]);
    assert!(MEMBERS.contains(kube2sky[0].trim_start_matches("--etcd-server=")));
}

/// Whatever the order in which a spec lists members, the proof looks for the address that was written.
#[test]
fn the_proof_looks_for_the_very_addresses_that_were_written() {
    let turned = edited(&[
        ("    etcd: [etcd-old-1, etcd-old-2, etcd-old-3]\n\n  target", "    etcd: [etcd-old-1, etcd-old-2, etcd-new-1]\n\n  target"),
        ("    etcd: [etcd-new-1, etcd-new-2, etcd-new-3]", "    etcd: [etcd-new-3, etcd-new-2, etcd-new-1]"),
        ("    etcd-old-3: {address: 10.17.33.33}\n", ""),
        ("        etcd-old-3: domeosEtcd2\n", ""),
        ("at: 30-grow-etcd/etcd-new-1", "at: 30-grow-etcd/etcd-new-3"),
    ]);
    let given = turned.documents(&format!("steps/{ROLL}/kube2sky.yaml"))[0]["spec"]["template"]["spec"]["containers"][0]["args"][0].clone();
    assert_eq!(given, "--etcd-server=http://10.17.33.23:4012");
    let verify = turned.part(ROLL, "verify");
    assert!(verify.contains("case $args in *'--etcd-server=http://10.17.33.23:4012'*)"), "{verify}");
    assert!(verify.contains("case $args in *'--machines=http://10.17.33.23:4012,http://10.17.33.22:4012,http://10.17.33.21:4012'*)"));
}

/// With the version in its selector the Service would lead to nobody between the two.
#[test]
fn the_service_loses_the_version_before_anything_is_rolled() {
    let plan = example();
    let run = plan.part(ROLL, "run");
    in_order(
        &run,
        &[
            "get svc skydns-svc",
            r#"patch svc skydns-svc -p '{"spec":{"selector":{"version":null}}}'"#,
            "it selects no version",
            "rolling-update",
        ],
    );
    in_order(&run, &["keep rc kube2sky", "keep rc skydns", "patch svc"]);
    assert!(plan.part(ROLL, "verify").contains("get endpoints skydns-svc"));
}

/// `kubectl rolling-update` is gone since v1.18: the old controller goes when the new one is ready, and never before.
#[test]
fn a_controller_is_rolled_by_the_words_of_its_release() {
    let old = at_release("v1.17.17").part(ROLL, "run");
    in_order(&old, &["rolling-update kube2sky -f steps/", "rolling-update skydns -f steps/"]);
    let new = at_release("v1.18.0").part(ROLL, "run");
    assert!(!new.contains("rolling-update"));
    for (name, fresh) in [("kube2sky", "kube2sky-v10"), ("skydns", "skydns-v10")] {
        in_order(
            &new,
            &[
                &format!("apply -f steps/{ROLL}/{name}.yaml"),
                &format!("get rc {fresh} -o jsonpath='{{.status.readyReplicas}}'"),
                &format!("scale rc {name} --replicas=0"),
                &format!("delete rc {name}\n"),
            ],
        );
    }
}

/// The versions that the spec says of what runs are looked at before anything changes.
#[test]
fn the_first_step_proves_image_and_version_of_the_dns_and_that_kubectl_can_roll() {
    let preconditions = example().part("10-prepare/workstation", "preconditions");
    in_order(
        &preconditions,
        &["get rc kube2sky", "'pub.domeos.org/domeos/kube2sky:0.4'", "{.spec.selector.version}", "'v9'", "get rc skydns"],
    );
    assert!(preconditions.contains("kubectl rolling-update --help"));
}

/// Controllers go back to what was kept, not to what somebody writes down again.
#[test]
fn the_way_back_uses_what_was_kept() {
    let rollback = example().part(ROLL, "rollback");
    in_order(&rollback, &["rc.kube2sky.yaml", "create -f \"$file\"", "delete rc kube2sky-v10", "rc.skydns.yaml", "delete rc skydns-v10"]);
}

/// Nobody starts pods before controllers run, and no member leaves before the DNS is told.
#[test]
fn the_dns_is_rolled_between_the_controllers_and_the_first_removal() {
    let plan = example();
    assert!(plan.place("66-start-controllers/master-new") < plan.place(ROLL));
    assert!(plan.place(ROLL) < plan.place("80-swap-etcd/etcd-old-1"));
}
