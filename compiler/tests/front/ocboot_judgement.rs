//! Where the line runs between what is refused of a cluster that ocboot installs and what is not. Each finding stands alone.

use replank::diag::Code;
use replank::lower;
use replank::model::{Distribution, MachineName, Migration};
use replank::plan::plan;

use super::base::{codes, edited_ocboot, human, resolve};
use super::ocboot_cases;

/// Every release of k3s that ocboot is known to install has this fault.
const OF_EVERY_RELEASE: &str = "M204";

#[track_caller]
fn finds(edits: &[(&str, &str)], expected: &str) {
    let text = edited_ocboot(edits);
    let found: Vec<_> = codes(&text).into_iter().filter(|code| code != OF_EVERY_RELEASE).collect();
    assert_eq!(found.join(" "), expected, "{edits:?}\n{}", human(&text));
}

fn resolved(edits: &[(&str, &str)]) -> Migration {
    let text = edited_ocboot(edits);
    resolve(&text).unwrap_or_else(|_| panic!("{}", human(&text))).0
}

#[test]
fn the_base_is_without_a_finding() {
    finds(&[], "");
}

#[test]
fn one_broken_thing_is_one_kind_of_finding() {
    for case in ocboot_cases::all() {
        let found: Vec<_> = codes(&case.text).into_iter().filter(|code| code != OF_EVERY_RELEASE).collect();
        assert!(!found.is_empty() && found.iter().all(|code| code == case.code), "{}: {found:?}\n{}", case.code, human(&case.text));
    }
}

/// Seed: an ocboot of v3.11.10 for a Cloudpods of v3.11.9.
#[test]
fn releases_are_known_or_refused() {
    let release = "master-v4.0.3-4";
    finds(&[(release, "master-v3.11.10-0"), ("onecloudVersion: v4.0.3", "onecloudVersion: v3.11.10")], "");
    finds(&[(release, "master-v3.11.10-0"), ("onecloudVersion: v4.0.3", "onecloudVersion: v3.11.9")], "M905");
    finds(&[(release, "master-v3.10.1-0"), ("onecloudVersion: v4.0.3", "onecloudVersion: v3.10.1")], "M904");
    finds(&[(release, "master-v5.0.0-0"), ("onecloudVersion: v4.0.3", "onecloudVersion: v5.0.0")], "M904");
}

#[test]
fn the_first_candidate_is_a_server_that_stays() {
    let target = "virtualIp: [server-2, server-3, server-4]";
    finds(&[(target, "virtualIp: [server-3, server-4, server-2]")], "");
    finds(&[(target, "virtualIp: [server-4, server-3, server-2]")], "M903");
}

#[test]
fn what_runs_on_servers_is_compared_with_what_ocboot_makes_of_the_address() {
    let (interface, id) = ("      interface: eth0\n", "      routerId: 66\n");
    finds(&[(id, "      routerId: 66\n      instance: VI_1\n")], "M907");
    finds(&[(id, "      routerId: 66\n      password: {env: VRRP}\n")], "M907");
    for (priorities, expected) in [
        ("{server-1: 90, server-2: 100, server-3: 90}", ""),
        ("{server-1: 100, server-2: 90}", ""),
        ("{server-1: 100, server-2: 90, server-3: 80}", "M907"),
        ("{server-1: 100, server-2: 100}", "M907 M907"),
    ] {
        finds(&[(interface, &format!("{interface}      sourcePriorities: {priorities}\n"))], expected);
    }
}

#[test]
fn a_stack_without_hosts_has_none() {
    let networks = "          hostNetworks: {server-2: eth0, server-3: eth0, server-4: eth1}\n";
    finds(&[("stack: virt", "stack: cmp"), (networks, "")], "");
    finds(&[("stack: virt\n", "stack: virt\n          asHost: false\n"), (networks, "")], "");
    finds(&[("stack: virt\n", "stack: cmp\n          asHost: true\n")], "M909");
}

/// ocboot writes them on every server as they are; k3s ends at its next start, or the newcomer at its first.
#[test]
fn the_networks_of_the_cluster_are_networks_apart() {
    let network = |network: &str| format!("stack: virt\n          network: {{{network}}}\n");
    for (written, expected, says) in [
        ("pods: 10.44.0.0/16, services: 10.112.0.0/12, domain: cloud.example", "", ""),
        ("pods: 10.40.1.2/16", "M908", "10.40.0.0/16"),
        ("services: 10.97.0.0/12", "M908", "10.96.0.0/12"),
        ("pods: 'fd00::/48'", "M908", "expected an IPv4 network, found fd00::/48"),
        ("pods: 10.100.0.0/16", "M908", "apart from that of services, 10.96.0.0/12"),
        ("pods: 10.96.0.0/12, services: 10.96.0.0/16", "M908", "found 10.96.0.0/12"),
    ] {
        finds(&[("stack: virt\n", &network(written))], expected);
        let shown = human(&edited_ocboot(&[("stack: virt\n", &network(written))]));
        assert!(shown.contains(says), "{shown}");
    }
    for domain in ["a..b", "cluster.local.", "a.-b"] {
        let text = edited_ocboot(&[("stack: virt\n", &network(&format!("domain: {domain}")))]);
        assert!(human(&text).contains("expected a host's name"), "{}", human(&text));
    }
}

#[test]
fn the_order_of_candidates_stays_where_ocboot_does_not_run() {
    let target = "    controlPlane: [server-2, server-3, server-4]\n    virtualIp: [server-2, server-3, server-4]\n";
    let same = "    controlPlane: [server-2, server-3]\n    virtualIp: [server-2, server-3]\n";
    let other = "    controlPlane: [server-2, server-3]\n    virtualIp: [server-3, server-2]\n";
    let (gone, networks) = (("    server-4: {address: 192.168.0.239}\n", ""), (", server-4: eth1", ""));
    finds(&[(target, same), gone, networks], "");
    finds(&[(target, other), gone, networks], "M906");
    let shown = human(&edited_ocboot(&[(target, other), gone, networks]));
    assert!(shown.contains("keep the order of `source.virtualIp`") && shown.contains("virtualIp: [server-2, server-3]"), "{shown}");
    assert!(!shown.contains("exactly its control planes"), "{shown}");
}

#[test]
fn what_a_plan_cannot_say_yet_is_refused() {
    let target = "  target:\n    controlPlane: [server-2, server-3, server-4]\n";
    let worker = ("    server-4: {", "    worker-1: {address: 192.168.0.51}\n    server-4: {");
    finds(&[worker, (target, &format!("{target}    workers: [worker-1]\n"))], "M213");
    finds(&[worker, ("  target:\n", "  temporary: {workers: [worker-1]}\n  target:\n")], "M213");
    let lists_worker = |end: &str| format!("  {end}:\n    workers: [worker-1]\n");
    for state in ["os: {source: centos-7.9, target: ubuntu-22.04}", "state: failed, os: ubuntu-22.04"] {
        let rebuilt = format!("    worker-1: {{address: 192.168.0.51, {state}}}\n    server-4: {{");
        let ends = [("  source:\n", &*lists_worker("source")), ("  target:\n", &*lists_worker("target"))];
        finds(&[("    server-4: {", &rebuilt), ends[0], ends[1]], "M213");
    }
    finds(&[("        token:", "        runtime: docker\n        token:")], "M213");
    finds(&[("    server-4: {address: 192.168.0.239}", "    server-4: {address: 192.168.0.239, os: ubuntu-22.04}")], "");
}

#[test]
fn priorities_come_from_the_order_of_the_source() {
    let migration = resolved(&[]);
    let virtual_ip = migration.cluster.virtual_ip.unwrap();
    let of = |name: &str| virtual_ip.source_priorities[&MachineName::parse(name).unwrap()];
    assert_eq!(["server-1", "server-2", "server-3"].map(of), [100, 90, 90]);
}

/// The first of two leaves before the newcomer joins: with one host under `master_nodes` ocboot would skip it without a word.
#[test]
fn a_plan_that_tells_ocboot_of_one_server_is_refused() {
    let edits = [
        (
            "    controlPlane: [server-1, server-2, server-3]\n    virtualIp: [server-1, server-2, server-3]\n",
            "    controlPlane: [server-2, server-3]\n    virtualIp: [server-2, server-3]\n",
        ),
        (
            "    controlPlane: [server-2, server-3, server-4]\n    virtualIp: [server-2, server-3, server-4]\n",
            "    controlPlane: [server-2, server-4]\n    virtualIp: [server-2, server-4]\n  policy: {order: removeThenAdd}\n",
        ),
    ];
    let migration = resolved(&edits);
    assert!(matches!(&migration.cluster.distribution, Distribution::K3s(k3s) if k3s.ocboot.is_some()));
    let plan = plan(&migration).unwrap();
    let findings = lower::examine(&migration, &plan, &replank::verify::judge(&migration, &plan).0);
    let found: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(found, [Code::L111]);
    let text = edited_ocboot(&edits);
    let source = replank::source::SourceFile::new("migration.yaml", &text);
    let shown =
        replank::diag::render::render(&findings, &source, replank::diag::render::Format::Human, replank::diag::render::Style::Plain);
    insta::with_settings!({
        snapshot_path => "../../../snapshots/diagnostics",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("L111-ocboot-told-wrongly", shown);
    });
}
