//! ocboot's configuration, read as ocboot v3.11 to v4.0 reads it, and by rules whose breach ocboot does not report.
//!
//! Written from what is known of ocboot, and not from the types that the compiler writes: a key that is not known here is a complaint.

use serde_yaml::Value;

/// What is true of the cluster at the moment of the run, by address.
pub struct Truth<'t> {
    pub serving: Vec<String>,
    pub newcomer: String,
    pub failed: Vec<String>,
    /// The word that `run.py` is called with.
    pub stack: &'t str,
    pub virtual_ip: &'t str,
}

const PRIMARY: &[&str] = &[
    "db_host",
    "db_password",
    "db_user",
    "db_port",
    "onecloud_version",
    "operator_version",
    "onecloud_user",
    "onecloud_user_password",
    "use_ee",
    "image_repository",
    "enable_minio",
    "restore_mode",
    "ip_type",
    "pod_network_cidr",
    "service_cidr",
    "service_dns_domain",
    "calico_backend",
    "ip_autodetection_method",
    "product_version",
    "user_dns",
    "region",
    "zone",
    "offline_nodes",
    "controlplane_host",
    "controlplane_port",
    "as_host",
    "as_host_on_vm",
    "high_availability",
    "hostname",
    "host",
    "user",
    "port",
    "use_local",
    "node_ip",
    "host_networks",
    "disk_paths",
];
const MASTERS: &[&str] = &[
    "hosts",
    "as_controller",
    "controlplane_ssh_port",
    "controlplane_host",
    "controlplane_port",
    "as_host",
    "as_host_on_vm",
    "high_availability",
    "ntpd_server",
];
const HOST: &[&str] = &["hostname", "host", "user", "port", "use_local", "node_ip", "host_networks", "disk_paths", "enable_hugepage"];

const TEXTS: &[&str] = &[
    "hostname",
    "user",
    "port",
    "node_ip",
    "db_host",
    "db_password",
    "db_user",
    "db_port",
    "onecloud_version",
    "product_version",
    "image_repository",
    "controlplane_host",
    "controlplane_port",
    "pod_network_cidr",
    "service_cidr",
    "service_dns_domain",
    "region",
    "zone",
    "host_networks",
];
const SWITCHES: &[&str] = &["use_local", "as_host", "as_controller", "high_availability", "use_ee", "enable_minio"];

/// Everything that is wrong with a configuration; nothing for one that ocboot does well with.
pub fn read(text: &str, truth: &Truth<'_>) -> Vec<String> {
    let Ok(Value::Mapping(groups)) = serde_yaml::from_str::<Value>(text) else { return vec!["no mapping".into()] };
    let mut wrong: Vec<String> = groups
        .keys()
        .filter_map(Value::as_str)
        .filter(|group| !["primary_master_node", "master_nodes"].contains(group))
        .map(|group| format!("a group that would install something: {group}"))
        .collect();
    let (primary, masters) = (&groups["primary_master_node"], &groups["master_nodes"]);
    let hosts: Vec<&Value> = masters["hosts"].as_sequence().into_iter().flatten().collect();
    wrong.extend(form(
        primary,
        PRIMARY,
        &["hostname", "controlplane_host", "db_host", "db_password", "onecloud_version", "product_version"],
    ));
    wrong.extend(form(masters, MASTERS, &["controlplane_host", "hosts"]));
    wrong.extend(hosts.iter().flat_map(|host| form(host, HOST, &["hostname"])));
    wrong.extend(ports(text));
    wrong.extend(counted(primary, &hosts, truth));
    wrong.extend(together(primary, masters, truth));
    wrong.extend(hosts.iter().copied().chain([primary]).flat_map(|host| bridged(host, primary)));
    wrong
}

/// Known keys only, the required ones, and each of its type.
fn form(group: &Value, known: &[&str], required: &[&str]) -> Vec<String> {
    let Some(keys) = group.as_mapping() else { return vec![format!("no mapping: {group:?}")] };
    let mut wrong: Vec<String> = required.iter().filter(|key| !keys.contains_key(**key)).map(|key| format!("missing: {key}")).collect();
    for (key, value) in keys.iter().filter_map(|(key, value)| Some((key.as_str()?, value))) {
        if !known.contains(&key) {
            wrong.push(format!("not known: {key}"));
        }
        let good = if TEXTS.contains(&key) {
            value.as_str().is_some_and(|text| !text.is_empty())
        } else if SWITCHES.contains(&key) {
            value.is_bool()
        } else {
            true
        };
        if !good {
            wrong.push(format!("{key} is {value:?}"));
        }
    }
    wrong
}

/// A port without quotes is a number to whoever compares it with text.
fn ports(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.trim_start_matches([' ', '-']));
    let ports = lines.filter(|line| ["port:", "db_port:", "controlplane_port:"].iter().any(|key| line.starts_with(key)));
    ports.filter(|line| !line.contains('"')).map(|line| format!("not quoted: {line}")).collect()
}

/// ocboot waits for exactly the servers that it is told of, and does nothing for the only one under `master_nodes`.
fn counted(primary: &Value, hosts: &[&Value], truth: &Truth<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    let first = primary["hostname"].as_str().unwrap_or_default().to_owned();
    let others: Vec<String> = hosts.iter().filter_map(|host| host["hostname"].as_str()).map(str::to_owned).collect();
    if others.len() < 2 {
        wrong.push(format!("{} hosts under master_nodes", others.len()));
    }
    if !truth.serving.contains(&first) {
        wrong.push(format!("the primary {first} is no server that answers"));
    }
    let mut told: Vec<String> = others.iter().chain([&first]).cloned().collect();
    told.sort();
    let mut there: Vec<String> = truth.serving.iter().chain([&truth.newcomer]).cloned().collect();
    there.sort();
    if told != there {
        wrong.push(format!("told of {told:?}, there are {there:?}"));
    }
    wrong
        .extend(truth.failed.iter().filter(|address| told.contains(address)).map(|address| format!("told of {address}, which has failed")));
    wrong
}

/// What both groups and the call must agree on.
fn together(primary: &Value, masters: &Value, truth: &Truth<'_>) -> Vec<String> {
    let product = [("full", "FullStack"), ("cmp", "CMP"), ("virt", "Edge"), ("light-virt", "LightEdge"), ("ai", "AI")];
    let expected = product.iter().find(|(stack, _)| *stack == truth.stack).map(|(_, product)| *product);
    let mut wrong = Vec::new();
    if primary["product_version"].as_str() != expected {
        wrong.push(format!("run.py {} would rewrite product_version {:?}", truth.stack, primary["product_version"]));
    }
    for group in [primary, masters] {
        let told = (&group["controlplane_host"], &group["controlplane_port"], &group["high_availability"]);
        if told != (&Value::from(truth.virtual_ip), &Value::from("6443"), &Value::from(true)) {
            wrong.push(format!("not behind the virtual IP: {told:?}"));
        }
        if truth.stack == "cmp" && group["as_host"].as_bool() == Some(true) {
            wrong.push("this stack has no hosts".into());
        }
    }
    // `run.py` is given the password in a copy.
    if primary["db_password"].as_str() != Some("REPLANK_DATABASE_PASSWORD") {
        wrong.push("a password stands in the file".into());
    }
    wrong
}

/// A host's bridge has its own address, and its node too; no node lies in the cluster's networks.
fn bridged(host: &Value, primary: &Value) -> Vec<String> {
    let address = host["hostname"].as_str().unwrap_or_default();
    let mut wrong = Vec::new();
    if host["node_ip"].as_str() != Some(address) {
        wrong.push(format!("{address} has the node address {:?}", host["node_ip"]));
    }
    let network = host["host_networks"].as_str().map(|text| text.split('/').collect::<Vec<_>>());
    if network.is_some_and(|parts| parts.len() != 3 || parts[1] != "br0" || parts[2] != address) {
        wrong.push(format!("{address} has the bridge {:?}", host["host_networks"]));
    }
    let number = |text: &str| text.parse::<std::net::Ipv4Addr>().map(u32::from).unwrap_or_default();
    for network in ["pod_network_cidr", "service_cidr"].iter().filter_map(|key| primary[*key].as_str()?.split_once('/')) {
        let shift = 32 - network.1.parse::<u32>().unwrap_or(32);
        if number(network.0) >> shift == number(address) >> shift {
            wrong.push(format!("{address} lies in {network:?}"));
        }
    }
    wrong
}
