//! Members of etcd as static pods: every program accepts what such a plan hands to it, and the kubelet's directory holds one manifest.

use replank::pipeline::{Compiled, compile};
use replank::render::Language;
use replank::source::SourceFile;
use replank::write::{Force, replace};

use super::readers::read_plans;
use crate::compiled::document;

const SPEC: &str = include_str!("../../../examples/kubeadm-relocate-masters/migration.yaml");
const PODS: &str = "      runs: {staticPod: {image: \"registry.k8s.io/etcd:3.5.9-0\"}}\n";
const ACCEPT: &str =
    "\n  accept:\n    - {risk: etcd-no-tolerance, at: 87-settle-etcd, reason: \"each is down for seconds, one after the other\"}\n";
const TLS: &str = "tls:\n        ca: /etc/etcd/pki/ca.crt\n        certificate: /etc/etcd/pki/member/member.crt\n        \
    key: /etc/etcd/private/member.key\n        clientCertificate: /etc/etcd/pki/client.crt\n        clientKey: /etc/etcd/pki/client.key";

/// The example, with its members as static pods.
fn spec() -> String {
    assert!(SPEC.contains("      user: etcd\n"));
    SPEC.replace("      user: etcd\n", PODS) + ACCEPT
}

fn with_certificates() -> String {
    let written = spec().replace("tls: none", TLS).replace("- http://", "- https://");
    let files = [("caFile", "ca.crt"), ("certFile", "client.crt"), ("keyFile", "client.key")];
    files.iter().fold(written, |text, (field, file)| text.replace(&format!("{field}: \"\""), &format!("{field}: /etc/etcd/pki/{file}")))
}

fn compiled(text: &str) -> Compiled {
    compile(&SourceFile::new("migration.yaml", text), &[Language::English, Language::Chinese]).unwrap_or_else(|_| panic!("{text}"))
}

fn manifest(plan: &Compiled, step: &str) -> String {
    plan.tree.files.get(&format!("steps/{step}/etcd.yaml")).unwrap().clone()
}

#[test]
fn every_program_accepts_a_plan_with_members_as_pods() {
    let folder = tempfile::tempdir().unwrap();
    let plans: Vec<_> = [spec(), with_certificates()]
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let directory = folder.path().join(index.to_string());
            replace(&directory, &compiled(text).tree, Force::No).unwrap();
            directory
        })
        .collect();
    let complaints = read_plans(&plans);
    assert!(complaints.is_empty(), "{} complaints\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn a_pod_is_told_what_a_unit_is_told() {
    let (pods, units) = (compiled(&spec()), compiled(SPEC));
    let step = "30-grow-etcd/master-2";
    let unit = units.tree.files.get(&format!("steps/{step}/etcd.service")).unwrap();
    let told = |text: &str| -> Vec<String> {
        let flags = text.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("--"));
        flags.map(|flag| flag.trim_end_matches(" \\").replacen(' ', "=", 1)).filter(|flag| !flag.starts_with("listen-metrics")).collect()
    };
    assert_eq!(told(&manifest(&pods, step)), told(unit));
    assert!(told(unit).len() >= 9, "{unit}");
}

#[test]
fn certificates_are_seen_by_their_directories_and_none_twice() {
    let text = manifest(&compiled(&with_certificates()), "30-grow-etcd/master-1");
    let mounts: Vec<_> = text.lines().filter_map(|line| line.trim().strip_prefix("mountPath: ")).collect();
    assert_eq!(mounts, ["/var/lib/etcd", "/etc/etcd/pki", "/etc/etcd/private"]);
}

#[test]
fn nothing_but_the_manifest_is_laid_where_the_kubelet_looks() {
    let plan = compiled(&spec());
    let shells = document(&plan).steps.iter().flat_map(|step| [&step.preconditions, &step.run, &step.verify, &step.rollback]).flatten();
    let words: Vec<String> = shells.flat_map(|command| command.shell.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect();
    let inside = words.iter().filter_map(|word| word.trim_matches(['\'', ';', '"']).strip_prefix("/etc/kubernetes/manifests/etcd"));
    let strange: Vec<_> = inside.filter(|rest| *rest != ".yaml").collect();
    assert!(strange.is_empty(), "{strange:?}");
}

#[test]
fn a_restart_shows_in_the_ledger_and_is_taken_only_where_it_is_accepted() {
    let plan = compiled(&spec());
    assert_eq!(plan.ledger.lowest_etcd_tolerance, 0);
    let restarts: Vec<_> = plan.ledger.lowest_at.iter().map(|step| step.as_str()).collect();
    assert_eq!(restarts, ["87-settle-etcd/master-1", "87-settle-etcd/master-2", "87-settle-etcd/master-3"]);
    let refused = spec().replace(ACCEPT, "");
    assert!(compile(&SourceFile::new("migration.yaml", &refused), &[Language::English]).is_err());
}
