//! `hosts.yml` and `group_vars.yml`: the machines as kubespray lists them, and the variables of the whole cluster.
//!
//! The order of a group has a meaning, and values here keep it. No password stands in either: the cluster's SSH key opens every
//! machine. Does not know which step changes the list.

use serde_json::{Map, Value, json};

use crate::ir::Inventory;
use crate::lower::artifact::{Artifact, ArtifactKind, Body, Destination};
use crate::model::{Kubean, Machine, MachineName, Migration};

pub const HOSTS_FILE: &str = "hosts-conf.yaml";
pub const VARIABLES_FILE: &str = "vars-conf.yaml";

/// What ansible uses unless it is told otherwise.
const SSH_PORT: u16 = 22;

/// The ConfigMap with a list of machines.
pub fn hosts_conf(migration: &Migration, kubean: &Kubean, inventory: &Inventory) -> Artifact {
    let entries = vec![("hosts.yml", hosts(migration, kubean, inventory))];
    config_map(HOSTS_FILE, kubean.hosts_conf.as_str(), kubean, entries)
}

/// The ConfigMap with the variables.
pub fn vars_conf(kubean: &Kubean) -> Artifact {
    config_map(VARIABLES_FILE, kubean.vars_conf.as_str(), kubean, vec![("group_vars.yml", variables(kubean))])
}

/// A ConfigMap beside the operator.
pub fn config_map(file: &'static str, name: &str, kubean: &Kubean, entries: Vec<(&'static str, Value)>) -> Artifact {
    Artifact {
        name: file,
        kind: ArtifactKind::ConfigMap,
        destination: Destination::InCluster { object: format!("configmaps/{name}") },
        body: Body::ConfigMap { name: name.to_owned(), namespace: kubean.namespace.to_string(), entries },
    }
}

fn hosts(migration: &Migration, kubean: &Kubean, inventory: &Inventory) -> Value {
    let mut hosts = Map::new();
    for name in inventory.machines() {
        if let Some(machine) = migration.machines.get(name) {
            hosts.insert(name.to_string(), host(machine));
        }
    }
    json!({ "all": { "hosts": hosts, "children": {
        "kube_control_plane": group(&inventory.control_plane),
        "kube_node": group(nodes(kubean, inventory)),
        "etcd": group(&inventory.etcd),
        "k8s_cluster": { "children": { "kube_control_plane": null, "kube_node": null } },
        "calico_rr": { "hosts": {} },
    } } })
}

/// The members of `kube_node`: a control plane that is one of them takes pods.
pub fn nodes<'i>(kubean: &Kubean, inventory: &'i Inventory) -> Vec<&'i MachineName> {
    let control_planes = if kubean.control_plane_takes_pods { inventory.control_plane.as_slice() } else { &[] };
    control_planes.iter().chain(&inventory.workers).collect()
}

/// With both addresses said: without them kubespray asks the machine, which fails for one that a limit leaves out.
fn host(machine: &Machine) -> Value {
    let address = machine.address.to_string();
    let mut host = json!({
        "ip": address, "access_ip": address, "ansible_host": address, "ansible_connection": "ssh", "ansible_user": machine.ssh.user,
    });
    if let (Some(values), true) = (host.as_object_mut(), machine.ssh.port.get() != SSH_PORT) {
        values.insert("ansible_port".into(), json!(machine.ssh.port));
    }
    host
}

fn group<'n>(names: impl IntoIterator<Item = &'n MachineName>) -> Value {
    let members: Map<String, Value> = names.into_iter().map(|name| (name.to_string(), Value::Null)).collect();
    json!({ "hosts": members })
}

fn variables(kubean: &Kubean) -> Value {
    let mut variables = Map::new();
    variables.insert("kube_version".into(), json!(kubean.kube_version.to_string()));
    variables.insert("etcd_deployment_type".into(), json!(kubean.etcd_deployment.name()));
    variables.insert("kubelet_max_pods".into(), json!(kubean.kubelet_max_pods));
    if let Some(balancer) = &kubean.load_balancer {
        let value = json!({ "address": balancer.address.to_string(), "port": balancer.port });
        variables.insert("loadbalancer_apiserver".into(), value);
    }
    variables.extend(kubean.variables.iter().map(|(name, value)| (name.clone(), value.clone())));
    Value::Object(variables)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::kubean::fixture::{self, IN_PLACE, REPLACED};

    fn names(text: &str) -> Vec<MachineName> {
        text.split(' ').map(|name| MachineName::parse(name).unwrap()).collect()
    }

    #[test]
    fn a_list_keeps_the_order_that_it_is_given_and_has_every_group() {
        let migration = fixture::migration(IN_PLACE);
        let list =
            Inventory { control_plane: names("master-2 master-3 master-1"), workers: names("worker"), etcd: names("master-3 master-1") };
        let text = json!(hosts(&migration, fixture::kubean(&migration), &list)).to_string();
        let groups = concat!(
            r#""children":{"kube_control_plane":{"hosts":{"master-2":null,"master-3":null,"master-1":null}},"#,
            r#""kube_node":{"hosts":{"master-2":null,"master-3":null,"master-1":null,"worker":null}},"#,
            r#""etcd":{"hosts":{"master-3":null,"master-1":null}},"#,
            r#""k8s_cluster":{"children":{"kube_control_plane":null,"kube_node":null}},"calico_rr":{"hosts":{}}}"#,
        );
        assert!(text.contains(groups), "{text}");
        let first = r#""hosts":{"master-2":{"ip":"10.6.1.12","access_ip":"10.6.1.12","ansible_host":"10.6.1.12","ansible_connection":"ssh","ansible_user":"root"},"#;
        assert!(text.contains(first) && text.contains(r#""ansible_user":"ops","ansible_port":2222"#), "{text}");
    }

    #[test]
    fn variables_pin_the_version_in_the_form_of_the_image() {
        let of = |text: &str| variables(fixture::kubean(&fixture::migration(text)));
        assert_eq!(of(IN_PLACE), json!({ "kube_version": "v1.27.5", "etcd_deployment_type": "kubeadm", "kubelet_max_pods": 110 }));
        assert_eq!(of(REPLACED)["kube_version"], "1.33.8");
        assert_eq!(of(REPLACED)["loadbalancer_apiserver"], json!({ "address": "10.8.0.5", "port": 6443 }));
    }
}
