//! Specs whose volumes no step could make anew: refused where they are written, before anything is planned.

use replank::diag::Severity;
use replank::source::SourceFile;

use super::{DEAD_SERVER, K3S, application, edited, store, with};

fn codes(text: &str) -> Vec<&'static str> {
    let document = replank::spec::read(&SourceFile::new("migration.yaml", text));
    let found = document.and_then(|document| replank::model::resolve(&document));
    let errors = |findings: replank::diag::Findings| {
        let errors = findings.iter().filter(|finding| finding.code.severity() == Severity::Error);
        errors.map(|finding| finding.code.name()).collect()
    };
    found.map_or_else(errors, |_| Vec::new())
}

#[test]
fn two_claims_of_one_pod_are_refused_and_so_is_an_owner_of_two_applications() {
    let two =
        |claim: &str| edited(&with(K3S, &[store(2, &["vm-1", "vm-2", "vm-3"])]), &[("claim: disk-store-1", &format!("claim: {claim}"))]);
    assert_eq!(codes(&two("log-store-0")), ["M120"]);
    assert_eq!(codes(&two("disk-store-0")), ["M115"]);
    assert_eq!(codes(&two("log-store-1")), Vec::<&str>::new());
    let deployment = "volumes: [{claim: default-victoria-metrics, on: lzx-ha-env}]";
    let both = "volumes: [{claim: default-victoria-metrics, on: lzx-ha-env}, {claim: cache, on: lzx-ha-env}]";
    assert_eq!(codes(&edited(DEAD_SERVER, &[(deployment, both)])), ["M120"]);
    let apart = [application("store", "data: disposable", &["vm-1"]), application("other", "data: disposable", &["vm-2"])];
    let shared = edited(&with(K3S, &apart), &[("statefulSet: other", "statefulSet: store"), ("disk-other-0", "disk-store-1")]);
    assert_eq!(codes(&shared), ["M115"]);
    assert_eq!(
        codes(&edited(&shared, &[("name: other\n      namespace: data", "name: other\n      namespace: elsewhere")])),
        Vec::<&str>::new()
    );
}

/// It would stand in the verification, after the claim was deleted.
#[test]
fn a_proof_of_healing_that_no_grep_can_read_is_refused() {
    assert_eq!(codes(&edited(DEAD_SERVER, &[("Healing disk .* complete", "\"(\"")])), ["M505"]);
}

/// What Kubernetes allows and what its own charts make is no mistake.
#[test]
fn names_of_claims_and_owners_are_those_that_kubernetes_allows() {
    let named = |set: &str, claim: &str| {
        let spec = with(K3S, &[application("store", "data: disposable", &["vm-1"])]);
        codes(&edited(&spec, &[("statefulSet: store", &format!("statefulSet: {set}")), ("disk-store-0", claim)]))
    };
    let prometheus = "prometheus-kube-prometheus-stack-prometheus";
    assert_eq!(named(prometheus, &format!("{prometheus}-db-{prometheus}-0")), Vec::<&str>::new());
    assert_eq!(named("store.example", "disk.a-store.example-0"), Vec::<&str>::new());
    assert_eq!(named("store", &format!("{}-store-0", "d".repeat(246))), ["S205"]);
    for bad in ["Disk-store-0", "disk_-store-0", "disk..a-store-0", "-store-0", "disk-store-0."] {
        assert_eq!(named("store", bad), ["S205"], "{bad}");
    }
    for stranger in ["disk-store-00", "disk-store-99999999999"] {
        assert_eq!(named("store", stranger), ["M118"], "{stranger}");
    }
    assert_eq!(codes(&edited(DEAD_SERVER, &[("{name: default-victoria-metrics,", "{name: default.victoria,")])), Vec::<&str>::new());
}
