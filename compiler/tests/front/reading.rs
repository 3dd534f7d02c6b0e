//! What a right spec means: defaults made explicit, order kept, places remembered.

use replank::model::{Distribution, EtcdJoin, EtcdTls, HookPlace, JoinAddress, MachineName, Order};
use replank::source::{Located, Place};

use super::base::{BASE, edited, human, resolve};

fn names(roles: &[Located<MachineName>]) -> Vec<&str> {
    roles.iter().map(|role| role.value.as_str()).collect()
}

fn text_at<'a>(text: &'a str, place: &Place) -> &'a str {
    &text[place.span.start..place.span.end]
}

#[test]
fn the_base_is_read_without_a_finding() {
    assert_eq!(human(BASE), "");
    assert!(resolve(BASE).is_ok());
}

#[test]
fn the_fullest_example_of_the_design_is_read() {
    let (migration, warnings) = resolve(include_str!("design.yaml")).expect("the example is right");
    let codes: Vec<&str> = warnings.iter().map(|warning| warning.code.name()).collect();
    assert_eq!(codes, ["M204", "M301"]);
    assert_eq!(names(&migration.target.control_plane), ["phy-1", "phy-2", "phy-3"]);
    assert_eq!(migration.target.join_address.value, JoinAddress::VirtualIp);
    assert_eq!(migration.hooks[0].on, HookPlace::Workstation);
    let Distribution::K3s(k3s) = &migration.cluster.distribution else { panic!("k3s is written") };
    assert_eq!(k3s.https_listen_port.get(), 10443);
}

#[test]
fn what_is_not_written_has_its_default() {
    let (migration, _) = resolve(include_str!("least.yaml")).expect("the least spec is right");
    let etcd = &migration.cluster.etcd;
    assert_eq!((etcd.client_port.get(), etcd.peer_port.get()), (2379, 2380));
    assert_eq!(etcd.data_dir.as_str(), "/var/lib/etcd");
    assert_eq!(etcd.binary_directory.as_str(), "/usr/local/bin");
    assert_eq!(etcd.cluster_token.as_str(), "etcd-cluster");
    assert_eq!(etcd.tls, EtcdTls::None);
    assert_eq!(migration.title, "least");
    assert_eq!(migration.policy.order.value, Order::AddThenRemove);
    assert_eq!(migration.policy.etcd_join.value, EtcdJoin::Learner);
    assert_eq!(migration.policy.minimum_etcd_tolerance.value, 1);
    let machine = &migration.machines[0];
    assert_eq!((machine.ssh.user.as_str(), machine.ssh.port.get()), ("root", 22));
    let Distribution::K3s(k3s) = &migration.cluster.distribution else { panic!("k3s is written") };
    assert_eq!(k3s.binary.as_str(), "/opt/k3s/vendor/k3s");
    assert_eq!(migration.cluster.distribution.api_port().get(), 6443);
}

/// Agents of today may have been joined as k3s's own documentation shows it, even where there is a virtual IP.
#[test]
fn the_source_is_assumed_to_join_at_its_first_control_plane() {
    let (migration, _) = resolve(BASE).expect("the base is right");
    let join = &migration.source.join_address;
    assert_eq!(join.value, JoinAddress::Machine(MachineName::parse("old-1").expect("a name")));
    assert_eq!(join.place, migration.source.control_plane[0].place);
}

#[test]
fn places_are_those_of_the_text() {
    let (migration, _) = resolve(BASE).expect("the base is right");
    assert_eq!(&*migration.target.etcd[1].place.pointer, "/spec/target/etcd/1");
    assert_eq!(text_at(BASE, &migration.target.etcd[1].place), "new-2");
    assert_eq!(text_at(BASE, &migration.machines[0].place), migration.machines[0].name.as_str());
    assert_eq!(text_at(BASE, &migration.target.place), "target");
    assert_eq!(text_at(BASE, &migration.policy.order.place), "addThenRemove");
    assert_eq!(text_at(BASE, &migration.policy.etcd_join.place), "policy");
    assert_eq!(text_at(BASE, &migration.acceptances[0].risk.place), "etcd-no-tolerance");
    assert!(text_at(BASE, &migration.acceptances[0].place).starts_with("{risk:"));
    assert_eq!(text_at(BASE, &migration.hooks[0].place), "id: back-up");
    let least = include_str!("least.yaml");
    let (migration, _) = resolve(least).expect("the least spec is right");
    assert_eq!(text_at(least, &migration.policy.order.place), "spec");
}

#[test]
fn plain_http_on_purpose_and_certificates_are_no_reason_to_warn() {
    assert_eq!(human(BASE), "");
    let files = "tls: {ca: /p/ca.crt, certificate: /p/a.crt, key: /p/a.key, clientCertificate: /p/c.crt, clientKey: /p/c.key}";
    let (migration, _) = resolve(&edited(&[("tls: none", files)])).expect("certificates are right");
    assert_eq!(migration.cluster.etcd.scheme(), "https");
    let shown = human(&edited(&[("tls: none", "tls: {ca: /p/ca.crt}")]));
    assert!(shown.contains("expected the key `clientKey`"), "{shown}");
    assert!(human(&edited(&[("tls: none", "tls: no")])).contains("expected `none` or a mapping, found `no`"));
}

#[test]
fn flags_of_etcd_become_text_in_the_order_of_their_names() {
    let flags = "tls: none\n      flags: {snapshot-count: 10000, max-wals: -1, heartbeat-interval: \"100\", enable-pprof: true}";
    let (migration, _) = resolve(&edited(&[("tls: none", flags)])).expect("the flags are free");
    let shown: Vec<String> = migration.cluster.etcd.flags.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(shown, ["enable-pprof=true", "heartbeat-interval=100", "max-wals=-1", "snapshot-count=10000"]);
}

#[test]
fn one_run_reports_slips_of_every_part() {
    let shown = human(&edited(&[
        ("etcd: [new-1, new-2]", "etcd: [new-1, nwe-2]"),
        ("10.20.0.31", "10.20.0.22"),
        ("old-2: etcd-2}", "old-2: etcd-1}"),
        ("before: grow-etcd", "before: \"\""),
        ("on: workstation", "on: work-9"),
        ("serverConfig: {tls-san", "serverConfig: {tls-sn"),
    ]));
    for code in ["M101", "M106", "M302", "M502", "M205"] {
        assert!(shown.contains(&format!("[{code}]")), "{code} in {shown}");
    }
    assert!(shown.ends_with("6 errors\n"), "{shown}");
}

#[test]
fn every_violation_of_the_form_is_reported_in_one_run() {
    let shown = human(&edited(&[("routerId: 51", "routerId: 0"), ("order: addThenRemove", "order: x"), ("movable: 12", "movabel: 12")]));
    assert!(shown.ends_with("4 errors\n"), "{shown}");
}

#[test]
fn an_empty_text_is_one_finding_though_it_is_too_short_and_has_not_the_form() {
    let shown = human(&edited(&[("name: small", "name: \"\"")]));
    assert!(shown.contains("[S205]") && shown.ends_with("1 error\n"), "{shown}");
}
