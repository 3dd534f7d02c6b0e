//! The binaries of a control plane as units, each beside the file that says where etcd or the API server is.
//!
//! Flags stand in the unit, addresses in the file that it reads: what a move changes is one line. Does not decide what starts when.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::lower::artifact::{Artifact, ArtifactKind, Body, Destination};
use crate::lower::moment::Moment;
use crate::lower::shared::etcd::object;
use crate::model::{FlagName, FlagValue, Label, MachineName, Systemd};

/// One binary: its unit, the variable that holds its address, and what the plan sets beside the flags of the spec.
struct Binary<'s> {
    /// The names of the two files in the plan.
    names: [&'static str; 2],
    description: &'static str,
    program: String,
    unit: &'s Label,
    flags: &'s IndexMap<FlagName, FlagValue>,
    /// Flags that the plan adds to the unit.
    own: Vec<(&'static str, String)>,
    variable: &'static str,
    /// The flag inside the variable.
    flag: &'static str,
    asks: Asks,
}

#[derive(Clone, Copy)]
enum Asks {
    Etcd,
    ApiServer,
}

fn binaries(systemd: &Systemd) -> Vec<Binary<'_>> {
    let program = |name: &str| format!("{}/{name}", systemd.binary_directory);
    let mut binaries = vec![
        Binary {
            names: ["kube-apiserver.service", "kube-apiserver.env"],
            description: "Kubernetes API server",
            program: program("kube-apiserver"),
            unit: &systemd.api_server.unit,
            flags: &systemd.api_server.flags,
            own: vec![("insecure-port", systemd.api_server_port.to_string())],
            variable: "ETCD_SERVERS",
            flag: "etcd-servers",
            asks: Asks::Etcd,
        },
        Binary {
            names: ["kube-controller-manager.service", "kube-controller-manager.env"],
            description: "Kubernetes controller manager",
            program: program("kube-controller-manager"),
            unit: &systemd.controller_manager.unit,
            flags: &systemd.controller_manager.flags,
            own: Vec::new(),
            variable: "KUBE_MASTER",
            flag: "master",
            asks: Asks::ApiServer,
        },
        Binary {
            names: ["kube-scheduler.service", "kube-scheduler.env"],
            description: "Kubernetes scheduler",
            program: program("kube-scheduler"),
            unit: &systemd.scheduler.unit,
            flags: &systemd.scheduler.flags,
            own: Vec::new(),
            variable: "KUBE_MASTER",
            flag: "master",
            asks: Asks::ApiServer,
        },
    ];
    binaries.extend(systemd.proxy.as_ref().map(|proxy| Binary {
        names: ["kube-proxy.service", "kube-proxy.env"],
        description: "Kubernetes service proxy",
        program: program("kube-proxy"),
        unit: &proxy.unit,
        flags: &proxy.flags,
        own: Vec::new(),
        variable: "KUBE_MASTER",
        flag: "master",
        asks: Asks::ApiServer,
    }));
    binaries.extend(systemd.flannel.as_ref().map(|flannel| Binary {
        names: ["flanneld.service", "flanneld.env"],
        description: "flannel",
        program: flannel.binary.to_string(),
        unit: &flannel.unit,
        flags: &flannel.flags,
        own: vec![("etcd-prefix", flannel.prefix.to_string())],
        variable: "FLANNEL_ETCD",
        flag: "etcd-endpoints",
        asks: Asks::Etcd,
    }));
    binaries
}

/// The programs that a control plane runs: absolute paths.
pub fn programs(systemd: &Systemd) -> Vec<String> {
    binaries(systemd).into_iter().map(|binary| binary.program).collect()
}

/// Files that flags name: keys and policies without which a binary does not start, or starts as another cluster's.
pub fn files(systemd: &Systemd) -> BTreeSet<String> {
    let names_a_file = |(name, value): (&FlagName, &FlagValue)| {
        let is_file = ["-file", "-config", "-kubeconfig"].iter().any(|end| name.as_str().ends_with(end));
        // What the kernel makes there is on each machine.
        let is_made = ["/dev/", "/proc/", "/sys/"].iter().any(|folder| value.as_str().starts_with(folder));
        (is_file && !is_made && value.as_str().starts_with('/')).then(|| value.to_string())
    };
    binaries(systemd).iter().flat_map(|binary| binary.flags.iter().filter_map(names_a_file)).collect()
}

/// What a binary takes where nothing is said (`--help` of the API server up to v1.19, and of flannel).
const USUAL: &[&str] = &["insecure-port=8080", "etcd-prefix=/coreos.com/network"];

/// For the comparison of what runs with the spec: unit, names of known flags, what must be set, and what of it need not be said.
pub fn components(systemd: &Systemd) -> Vec<Value> {
    let component = |binary: Binary<'_>| {
        let mut known: Vec<String> = binary.flags.keys().map(ToString::to_string).chain([binary.flag.to_owned()]).collect();
        known.extend(binary.own.iter().map(|(name, _)| (*name).to_owned()));
        known.sort_unstable();
        let own: Vec<String> = binary.own.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let usual: Vec<&String> = own.iter().filter(|flag| USUAL.contains(&flag.as_str())).collect();
        let set: Vec<String> = binary.flags.iter().map(|(name, value)| format!("{name}={value}")).chain(own.iter().cloned()).collect();
        json!({ "unit": binary.unit, "known": known, "set": set, "usual": usual })
    };
    binaries(systemd).into_iter().map(component).collect()
}

/// The names of all files of a control plane in a step's folder, and where they go.
pub fn paths(systemd: &Systemd) -> Vec<Value> {
    let of = |binary: &Binary<'_>| json!({ "unit": unit_path(binary.unit), "environment": environment_path(binary.unit) });
    binaries(systemd).iter().map(of).collect()
}

fn unit_path(unit: &Label) -> String {
    format!("/etc/systemd/system/{unit}.service")
}

fn environment_path(unit: &Label) -> String {
    format!("/etc/sysconfig/{unit}")
}

/// Unit and environment of each binary on one machine.
pub fn artifacts(moment: &Moment<'_>, systemd: &Systemd, machine: &MachineName, datastore: &[MachineName]) -> Vec<Artifact> {
    let etcd: Vec<String> = datastore.iter().map(|name| moment.client_url(name)).collect();
    let (etcd, own) = (etcd.join(","), moment.api_url(machine));
    let both = |binary: Binary<'_>| {
        let address = match binary.asks {
            Asks::Etcd => &etcd,
            Asks::ApiServer => &own,
        };
        let [unit_name, environment_name] = binary.names;
        let environment = json!({ "variable": binary.variable, "value": format!("--{}={address}", binary.flag) });
        [
            file(unit_name, ArtifactKind::SystemdUnit, machine, unit_path(binary.unit), ("kubernetes.service", unit(&binary))),
            file(environment_name, ArtifactKind::EnvironmentFile, machine, environment_path(binary.unit), ("environment", environment)),
        ]
    };
    binaries(systemd).into_iter().flat_map(both).collect()
}

fn unit(binary: &Binary<'_>) -> Value {
    let own = binary.own.iter().map(|(name, value)| format!("{name}={value}"));
    let flags: Vec<String> = own.chain(binary.flags.iter().map(|(name, value)| format!("{name}={value}"))).collect();
    json!({
        "description": binary.description, "program": binary.program, "flags": flags,
        "environment": environment_path(binary.unit), "variable": binary.variable,
    })
}

fn file(
    name: &'static str,
    kind: ArtifactKind,
    machine: &MachineName,
    path: String,
    (template, context): (&'static str, Value),
) -> Artifact {
    let destination = Destination::OnMachine { host: machine.clone(), path, owner: "root:root", mode: "0644" };
    Artifact { name, kind, destination, body: Body::Template { template, context: object(context) } }
}
