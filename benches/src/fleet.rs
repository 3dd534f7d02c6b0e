//! Specs of fleets: for each backend the story of an example, with a control plane of five and as many machines as asked for.
//!
//! Knows the examples, whose `cluster` it keeps as it is. Does not know how specs are compiled.

use std::error::Error;

use serde_json::{Map, Value, json};

/// A backend, and the story that is told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// Three virtual machines give way to five physical ones, and workers join.
    K3sExternalEtcd,
    /// One server with etcd inside becomes five behind a virtual IP, and agents join.
    K3sEmbedded,
    /// The dead one of five servers is replaced by ocboot; agents stay.
    Ocboot,
    /// Three of five control planes and hosts of etcd are replaced; workers stay.
    Kubean,
    /// Five control planes stay, and workers join, one operation each. An operation comes with the whole inventory: the plan grows with
    /// the square of the machines.
    KubeanGrow,
    /// Five masters move to five nodes of the cluster; the other nodes stay.
    Kubeadm,
    /// The master and etcd move to other machines; each node is told so.
    Systemd,
}

impl Backend {
    pub const ALL: [Self; 7] =
        [Self::K3sExternalEtcd, Self::K3sEmbedded, Self::Ocboot, Self::Kubean, Self::KubeanGrow, Self::Kubeadm, Self::Systemd];

    /// The name on the command line and in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::K3sExternalEtcd => "k3s-external-etcd",
            Self::K3sEmbedded => "k3s-embedded",
            Self::Ocboot => "ocboot",
            Self::Kubean => "kubean",
            Self::KubeanGrow => "kubean-grow",
            Self::Kubeadm => "kubeadm",
            Self::Systemd => "systemd",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|backend| backend.name() == name)
    }

    /// The most machines of which a plan can be handed to people at all.
    pub fn most_machines(self) -> usize {
        match self {
            Self::KubeanGrow => 1_000,
            Self::K3sExternalEtcd | Self::K3sEmbedded | Self::Ocboot | Self::Kubean | Self::Kubeadm | Self::Systemd => 10_000,
        }
    }

    /// The example whose cluster it is.
    fn example(self) -> &'static str {
        match self {
            Self::K3sExternalEtcd => include_str!("../../examples/k3s-external-etcd/migration.yaml"),
            Self::K3sEmbedded => include_str!("../../examples/k3s-embedded-grow/migration.yaml"),
            Self::Ocboot => include_str!("../../examples/k3s-replace-dead-server/migration.yaml"),
            Self::Kubean | Self::KubeanGrow => include_str!("../../examples/kubean-replace-nodes/migration.yaml"),
            Self::Kubeadm => include_str!("../../examples/kubeadm-relocate-masters/migration.yaml"),
            Self::Systemd => include_str!("../../examples/systemd-relocate-master/migration.yaml"),
        }
    }
}

/// The spec of a migration of `machines` machines in all, as YAML.
///
/// # Errors
/// For fewer than ten machines, and where an example no longer reads as this file expects.
pub fn spec(backend: Backend, machines: usize) -> Result<String, Box<dyn Error>> {
    if machines < 10 {
        return Err("a fleet has ten machines or more".into());
    }
    let mut document: Value = serde_yaml::from_str(backend.example())?;
    let spec = document.get_mut("spec").and_then(Value::as_object_mut).ok_or("the example has no spec")?;
    // What an example tells beside the move of machines belongs to its own machines.
    spec.shift_remove("hooks");
    spec.shift_remove("storage");
    let fleet = match backend {
        Backend::K3sExternalEtcd => k3s_external_etcd(machines),
        Backend::K3sEmbedded => k3s_embedded(machines),
        Backend::Ocboot => ocboot(machines, spec),
        Backend::Kubean => kubean(machines, spec),
        Backend::KubeanGrow => kubean_grow(machines, spec),
        Backend::Kubeadm => kubeadm(machines),
        Backend::Systemd => systemd(machines, spec),
    };
    spec.insert("machines".into(), fleet.machines.into());
    spec.insert("source".into(), fleet.source);
    spec.insert("target".into(), fleet.target);
    Ok(serde_yaml::to_string(&document)?)
}

/// One of many specs of ten machines each, with a name of its own.
///
/// # Errors
/// As `spec`.
pub fn cluster(number: usize) -> Result<String, Box<dyn Error>> {
    let text = spec(Backend::K3sExternalEtcd, 10)?;
    Ok(text.replacen("name: uecm-tier-1", &format!("name: cluster-{number:04}"), 1))
}

/// Machines, and who is what before and afterwards.
struct Fleet {
    machines: Map<String, Value>,
    source: Value,
    target: Value,
}

/// The machines of a fleet, as they are added.
struct Machines {
    network: &'static str,
    named: Map<String, Value>,
}

impl Machines {
    /// The network of the control plane, as the example has it.
    fn in_network(network: &'static str) -> Self {
        Self { network, named: Map::new() }
    }

    /// Adds machines that are named by a prefix and found from an address on, and says their names.
    fn add(&mut self, prefix: &str, count: usize, first: usize) -> Vec<String> {
        let names: Vec<String> = (1..=count).map(|number| format!("{prefix}-{number}")).collect();
        for (number, name) in names.iter().enumerate() {
            self.named.insert(name.clone(), json!({ "address": format!("{}.{}", self.network, first + number) }));
        }
        names
    }

    /// Adds workers until there are `count` machines in all, in a network of their own.
    fn fill(&mut self, count: usize) -> Vec<String> {
        let names: Vec<String> = (1..=count.saturating_sub(self.named.len())).map(|number| format!("w-{number}")).collect();
        for (number, name) in names.iter().enumerate() {
            let host = number + 2;
            self.named.insert(name.clone(), json!({ "address": format!("10.150.{}.{}", host / 256, host % 256) }));
        }
        names
    }
}

fn k3s_external_etcd(count: usize) -> Fleet {
    let mut machines = Machines::in_network("10.20.0");
    let old = machines.add("vm", 3, 11);
    let new = machines.add("phy", 5, 21);
    let workers = machines.fill(count);
    Fleet {
        machines: machines.named,
        source: json!({ "controlPlane": old, "etcd": old, "virtualIp": old }),
        target: json!({ "controlPlane": new, "workers": workers, "etcd": new, "virtualIp": new }),
    }
}

fn k3s_embedded(count: usize) -> Fleet {
    let mut machines = Machines::in_network("10.30.0");
    let servers = machines.add("server", 5, 11);
    let agents = machines.fill(count);
    Fleet {
        machines: machines.named,
        source: json!({ "controlPlane": servers[..1], "workers": agents[..1] }),
        target: json!({ "controlPlane": servers, "workers": agents, "virtualIp": servers }),
    }
}

fn ocboot(count: usize, spec: &mut Map<String, Value>) -> Fleet {
    let mut machines = Machines::in_network("192.168.0");
    let servers = machines.add("server", 6, 211);
    machines.named.insert(servers[0].clone(), json!({ "address": "192.168.0.211", "state": "failed" }));
    let agents = machines.fill(count);
    let installer = &mut spec["cluster"]["distribution"]["k3s"]["ocboot"];
    installer["runsOn"] = json!(servers[1]);
    installer["hostNetworks"] = servers[1..].iter().map(|name| (name.clone(), json!("eth0"))).collect();
    let [before, after] = [&servers[..5], &servers[1..]];
    Fleet {
        machines: machines.named,
        source: json!({ "controlPlane": before, "workers": agents, "virtualIp": before, "joinAddress": "virtualIp" }),
        target: json!({ "controlPlane": after, "workers": agents, "virtualIp": after }),
    }
}

fn kubean(count: usize, spec: &mut Map<String, Value>) -> Fleet {
    let mut machines = Machines::in_network("10.8.0");
    let masters = machines.add("master", 8, 11);
    let workers = machines.fill(count);
    // Members of etcd beside the five others: none of the example's risks is taken.
    spec.shift_remove("accept");
    spec["cluster"]["distribution"]["kubean"]["etcdDeployment"] = json!("kubeadm");
    let [before, after] = [&masters[..5], &masters[3..]];
    Fleet {
        machines: machines.named,
        source: json!({ "os": "rocky-9", "controlPlane": before, "etcd": before, "workers": workers }),
        target: json!({ "os": "rocky-9", "controlPlane": after, "etcd": after, "workers": workers }),
    }
}

fn kubean_grow(count: usize, spec: &mut Map<String, Value>) -> Fleet {
    let mut machines = Machines::in_network("10.8.0");
    let masters = machines.add("master", 5, 11);
    let workers = machines.fill(count);
    spec.shift_remove("accept");
    spec["cluster"]["distribution"]["kubean"]["etcdDeployment"] = json!("kubeadm");
    Fleet {
        machines: machines.named,
        source: json!({ "os": "rocky-9", "controlPlane": masters, "etcd": masters, "workers": workers[..1] }),
        target: json!({ "os": "rocky-9", "controlPlane": masters, "etcd": masters, "workers": workers }),
    }
}

fn kubeadm(count: usize) -> Fleet {
    let mut machines = Machines::in_network("10.200.20");
    let old = machines.add("oldmaster", 3, 11);
    let new = machines.add("master", 5, 101);
    let workers = machines.fill(count);
    let [before, after] = [[new.clone(), workers.clone()].concat(), [old.clone(), workers].concat()];
    Fleet {
        machines: machines.named,
        source: json!({ "controlPlane": old, "workers": before, "etcd": old, "virtualIp": old, "joinAddress": "oldmaster-1" }),
        target: json!({ "controlPlane": new, "workers": after, "etcd": new, "virtualIp": new }),
    }
}

fn systemd(count: usize, spec: &mut Map<String, Value>) -> Fleet {
    let mut machines = Machines::in_network("10.17.33");
    let masters = machines.add("master", 2, 20);
    let old = machines.add("etcd-old", 3, 31);
    let new = machines.add("etcd-new", 3, 41);
    let nodes = machines.fill(count);
    spec["cluster"]["distribution"]["systemd"]["nodes"]["inBatchesOf"] = json!(100);
    // The one acceptance of the example that names a machine of the control plane.
    spec["accept"][1]["at"] = json!("52-hand-over-control-plane/master-2");
    Fleet {
        machines: machines.named,
        source: json!({ "controlPlane": masters[..1], "workers": nodes, "etcd": old }),
        target: json!({ "controlPlane": masters[1..], "workers": nodes, "etcd": new }),
    }
}
