//! Where the line runs between what is refused of a kubeadm cluster and what is not. Each finding stands alone.

use super::base::{codes, edited_kubeadm, human};
use super::kubeadm_cases;

const ARGUMENTS: &str = "extraArgs: {authorization-mode: \"Node,RBAC\"}";
const SCHEMA: &str = "kubeadm.k8s.io/v1beta3";

#[track_caller]
fn finds(edits: &[(&str, &str)], expected: &str) {
    let text = edited_kubeadm(edits);
    assert_eq!(codes(&text).join(" "), expected, "{edits:?}\n{}", human(&text));
}

fn of_release(version: &str) -> [(&'static str, String); 2] {
    [
        ("        version: v1.27.16", format!("        version: {version}")),
        ("kubernetesVersion: v1.27.16", format!("kubernetesVersion: {version}")),
    ]
}

#[test]
fn the_base_is_without_a_finding() {
    finds(&[], "");
}

#[test]
fn one_broken_thing_is_one_kind_of_finding() {
    for case in kubeadm_cases::all() {
        let found = codes(&case.text);
        assert!(!found.is_empty() && found.iter().all(|code| code == case.code), "{}: {found:?}\n{}", case.code, human(&case.text));
    }
}

/// kubeadm writes v1beta2 from v1.15 on, v1beta3 from v1.22 on and v1beta4 from v1.31 on; v1.27 reads no v1beta2 any more.
#[test]
fn a_configuration_has_a_schema_that_its_release_knows() {
    for (version, schema, expected) in [
        ("v1.14.10", "v1beta1", "M701"),
        ("v1.15.12", "v1beta2", "M701"),
        ("v1.16.0", "v1beta2", ""),
        ("v1.21.14", "v1beta2", ""),
        ("v1.21.14", "v1beta3", "M702"),
        ("v1.22.0", "v1beta3", ""),
        ("v1.26.15", "v1beta2", ""),
        ("v1.27.16", "v1beta2", "M702"),
        ("v1.27.16", "v1beta4", "M702 M702"),
        ("v1.27.16", "v1alpha3", "M702"),
        ("v1.32.0", "v1beta3", ""),
    ] {
        let release = of_release(version);
        let schema = format!("kubeadm.k8s.io/{schema}");
        let mut edits: Vec<(&str, &str)> = release.iter().map(|(from, to)| (*from, to.as_str())).collect();
        edits.push((SCHEMA, &schema));
        finds(&edits, expected);
    }
}

#[test]
fn options_that_differ_from_machine_to_machine_are_refused() {
    for (argument, expected) in [
        ("audit-log-path: /var/log/audit.log", ""),
        ("etcd-servers: \"http://10.20.0.11:2379\"", "M702"),
        ("advertise-address: 10.20.0.11", "M702"),
        ("secure-port: \"6443\"", "M702"),
        ("endpoint-reconciler-type: lease", ""),
        ("endpoint-reconciler-type: master-count", "M702"),
        ("anonymous-auth: \"true\"", ""),
        ("anonymous-auth: \"false\"", "M702"),
        ("bind-address: 0.0.0.0", ""),
        ("bind-address: 127.0.0.1", "M702"),
        ("\"a'b\": \"1\"", "M702"),
    ] {
        finds(&[(ARGUMENTS, &format!("extraArgs: {{{argument}}}"))], expected);
    }
}

#[test]
fn the_endpoint_is_an_address_or_a_name_with_its_port_and_nothing_more() {
    for (endpoint, expected) in [
        ("api.example.org:443", ""),
        ("https://10.20.0.100:443", "M702"),
        ("https://api.example.org:443", "M702"),
        ("10.20.0.101:443", "M702"),
    ] {
        finds(&[("10.20.0.100:443", endpoint)], expected);
    }
    finds(&[("    loadBalancer: {port: 443}\n", "")], "M703");
}

#[test]
fn etcds_own_unit_would_not_see_data_in_a_home() {
    finds(&[("etcd: {tls: none}", "etcd: {tls: none, dataDir: /home/etcd}")], "M305");
}

#[test]
fn options_have_the_form_of_their_schema() {
    let list = "extraArgs: [{name: authorization-mode, value: \"Node,RBAC\"}]";
    finds(&[(ARGUMENTS, list)], "M702");
    let release = of_release("v1.31.4");
    let mut edits: Vec<(&str, &str)> = release.iter().map(|(from, to)| (*from, to.as_str())).collect();
    edits.push((SCHEMA, "kubeadm.k8s.io/v1beta4"));
    finds(&edits, "M702");
    finds(&[&edits[..], &[(ARGUMENTS, list)]].concat(), "");
    let servers = "extraArgs: [{name: etcd-servers, value: \"http://10.20.0.11:2379\"}]";
    finds(&[&edits[..], &[(ARGUMENTS, servers)]].concat(), "M702");
}

/// The plan replaces the whole file.
#[test]
fn the_file_of_a_load_balancer_is_one_of_nginx() {
    for (file, expected) in [("/etc/nginx/conf.d/api.conf", ""), ("/etc/passwd", "M107"), ("/etc/kubernetes/manifests/nginx.yaml", "M107")]
    {
        finds(&[("{port: 443}", &format!("{{port: 443, file: {file}}}"))], expected);
    }
}

#[test]
fn an_endpoint_is_the_virtual_ip_or_a_name_with_its_port() {
    for (endpoint, expected) in [
        ("10.20.0.100:443", ""),
        ("api.harbour.example:443", ""),
        ("10.20.0.11:443", "M702"),
        ("api.harbour.example:6443", "M702"),
        ("api.harbour.example", "M702"),
    ] {
        finds(&[("controlPlaneEndpoint: 10.20.0.100:443", &format!("controlPlaneEndpoint: {endpoint}"))], expected);
    }
}

#[test]
fn names_of_steps_are_taken_only_where_there_are_such_steps() {
    let named = |text: &str| codes(&super::base::edited_kubeadm(&[]).replace("new-3", text)).join(" ");
    assert_eq!(["network", "cluster", "service-proxies", "networks"].map(named), ["M113", "M113", "M113", ""]);
    let k3s = super::base::edited(&[]).replace("work-1", "network");
    assert_eq!(codes(&k3s), Vec::<String>::new(), "{}", human(&k3s));
}
