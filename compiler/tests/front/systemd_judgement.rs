//! Where the line runs between what is refused of a cluster of binaries and what is not. Each finding stands alone.

use super::base::{codes, edited, edited_systemd, human};
use super::systemd_cases::{self, KUBELET};

#[track_caller]
fn finds(edits: &[(&str, &str)], expected: &str) {
    let text = edited_systemd(edits);
    assert_eq!(codes(&text).join(" "), expected, "{edits:?}\n{}", human(&text));
}

#[test]
fn the_base_is_without_a_finding() {
    finds(&[], "");
}

#[test]
fn one_broken_thing_is_one_kind_of_finding() {
    for case in systemd_cases::all() {
        let found = codes(&case.text);
        assert!(!found.is_empty() && found.iter().all(|code| code == case.code), "{}: {found:?}\n{}", case.code, human(&case.text));
    }
}

/// `--insecure-port` is inert from v1.20 on, `--api-servers` gone from v1.8 on, and v1.6 is the first with the v3 API of etcd.
#[test]
fn a_release_decides_which_port_which_flag_and_which_api_there_is() {
    let api = "{api: v2, tls";
    let kubelet = format!("{}{}", KUBELET.0, KUBELET.1);
    for (version, api_there, is_kubeconfig, expected) in [
        ("v1.1.8", api, false, "M801"),
        ("v1.2.0", api, false, ""),
        ("v1.5.8", api, false, ""),
        ("v1.5.8", "{tls", false, "M807"),
        ("v1.6.0", "{tls", false, ""),
        // The API server of these may still keep its data behind the v2 API.
        ("v1.6.0", api, false, ""),
        ("v1.7.16", api, false, ""),
        ("v1.8.0", api, false, "M806"),
        ("v1.8.0", api, true, ""),
        ("v1.19.16", "{tls", true, ""),
        ("v1.20.0", "{tls", true, "M801"),
        ("v1.20.0", "{tls", false, "M801"),
    ] {
        let mut edits = vec![("version: v1.2.4", format!("version: {version}")), (api, api_there.to_owned())];
        if is_kubeconfig {
            edits.push((KUBELET.0, kubelet.clone()));
        }
        let edits: Vec<(&str, &str)> = edits.iter().map(|(from, to)| (*from, to.as_str())).collect();
        finds(&edits, expected);
    }
}

#[test]
fn flags_are_free_unless_they_hold_an_address_of_the_plan() {
    let (part, flannel) = ("{unit: kube-controller}", "{prefix: /flannel/network}");
    for (flag, expected) in
        [("pod-eviction-timeout: 10m0s", ""), ("master: a", "M805"), ("kubeconfig: /a", "M805"), ("leader-elect: true", "")]
    {
        finds(&[(part, &format!("{{unit: kube-controller, flags: {{{flag}}}}}"))], expected);
    }
    for (flag, expected) in [("iface: eth1", ""), ("etcd-endpoints: a", "M805"), ("etcd-prefix: /a", "M805")] {
        finds(&[(flannel, &format!("{{prefix: /flannel/network, flags: {{{flag}}}}}"))], expected);
    }
    for (flag, expected) in [("service-cluster-ip-range: 172.16.0.0/13", ""), ("etcd-servers: a", "M805"), ("insecure-port: 8080", "M805")]
    {
        finds(&[("{insecure-bind-address: 0.0.0.0}", &format!("{{insecure-bind-address: 0.0.0.0, {flag}}}"))], expected);
    }
}

/// A flag that names the old machine is wrong on the new one, and right where the control plane stays.
#[test]
fn flags_that_name_a_machine_stay_with_it() {
    let (bind, api) = ("{insecure-bind-address: 0.0.0.0}", "{insecure-bind-address: 0.0.0.0, advertise-address: 10.17.33.30}");
    finds(&[(bind, api)], "M805");
    finds(&[(bind, "{insecure-bind-address: 10.17.33.30}")], "M805");
    finds(&[(bind, "{insecure-bind-address: 0.0.0.0, advertise-address: 10.17.33.99}")], "");
    finds(&[("{unit: kube-controller}", "{unit: kube-controller, flags: {hostname-override: old}}")], "M805");
    finds(&[(bind, api), ("controlPlane: [new]", "controlPlane: [old]"), ("    new: {address: 10.17.33.20}\n", "")], "");
}

#[test]
fn an_api_server_listens_where_nodes_reach_it() {
    for (address, expected) in [("0.0.0.0", ""), ("10.0.0.1", ""), ("127.0.0.1", "M812"), ("localhost", "M812"), ("\"::1\"", "M812")] {
        finds(&[("insecure-bind-address: 0.0.0.0", &format!("insecure-bind-address: {address}"))], expected);
    }
}

#[test]
fn each_program_has_a_unit_of_its_own_and_each_setting_its_variable() {
    let (controller, nodes) =
        ("        controllerManager: {unit: kube-controller}\n", "        nodes: {kubelet: {unit: kubelet, file: /etc/k, flag: a}}\n");
    finds(&[(controller, "        controllerManager: {unit: etcd}\n")], "M810");
    finds(&[(controller, "        controllerManager: {unit: flanneld}\n")], "M810");
    finds(&[(controller, &format!("{controller}{nodes}"))], "M811");
    finds(&[(controller, &format!("{controller}        nodes: {{kubelet: {{unit: kube-proxy, file: /etc/k}}}}\n"))], "M810");
    finds(&[("  source:\n", "  source:\n    joinAddress: old\n")], "M411");
}

#[test]
fn a_rolled_controller_has_a_name_and_a_version_that_none_has() {
    let image = "kube2sky: {image";
    for (name, next, expected) in
        [("kube2sky", "v10", ""), ("kube2sky-v9", "v10", ""), ("kube2sky-v10", "v10", "M809"), ("kube2sky-v9", "v9", "M809")]
    {
        finds(
            &[("nextVersion: v10", &format!("nextVersion: {next}")), (image, &format!("kube2sky: {{replicationController: {name}, image"))],
            expected,
        );
    }
}

/// What only one backend knows is refused of the others, and the other way round.
#[test]
fn the_v2_api_of_etcd_is_for_clusters_of_binaries() {
    let text = edited(&[("      tls: none", "      api: v2\n      tls: none")]);
    assert_eq!(codes(&text), ["M807"], "{}", human(&text));
}

#[test]
fn two_names_of_one_dns_controller_are_none() {
    finds(
        &[
            ("kube2sky: {image", "kube2sky: {replicationController: dns, image"),
            ("skydns: {image", "skydns: {replicationController: dns, image"),
        ],
        "M809",
    );
}

#[test]
fn only_those_names_are_taken_that_a_step_of_such_a_plan_has() {
    let named = |text: &str| codes(&edited_systemd(&[]).replace("node-1", text)).join(" ");
    assert_eq!(["workstation", "etcd", "dns", "control-plane"].map(named), ["M113", "M113", "", ""]);
}
