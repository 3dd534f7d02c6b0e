//! A spec as data: easy to change in one respect, and written out as YAML with its keys in any order.

use serde_json::{Map, Value, json};

use super::kubeadm::Kubeadm;
use super::systemd::Systemd;

/// One end, by names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct End {
    pub control_plane: Vec<String>,
    pub workers: Vec<String>,
    pub etcd: Vec<String>,
    pub virtual_ip: Vec<String>,
    pub join: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Machine {
    pub name: String,
    pub address: String,
    pub user: &'static str,
    pub pods: Option<(u32, u32)>,
}

#[derive(Debug, Clone)]
pub struct Spec {
    pub machines: Vec<Machine>,
    pub source: End,
    pub target: End,
    /// The virtual IP with its prefix; only written where an end has candidates.
    pub address: &'static str,
    pub priorities: Vec<(String, u8)>,
    pub member_names: Vec<(String, String)>,
    /// Further flags of etcd.
    pub flags: Vec<(&'static str, Value)>,
    pub order: &'static str,
    pub join: &'static str,
    pub tolerance: u32,
    pub tls: Tls,
    pub runtime: &'static str,
    pub token: Value,
    pub password: Value,
    pub hooks: Vec<Value>,
    pub accept: Vec<Value>,
    /// Neither this nor `systemd`: k3s.
    pub kubeadm: Option<Kubeadm>,
    pub systemd: Option<Systemd>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    Plain,
    Files,
}

impl Spec {
    /// A plain spec: the machines that the ends name, and defaults.
    pub fn between(source: End, target: End) -> Self {
        let mut names: Vec<String> = Vec::new();
        for end in [&source, &target] {
            for name in end.control_plane.iter().chain(&end.workers).chain(&end.etcd) {
                if !names.contains(name) {
                    names.push(name.clone());
                }
            }
        }
        let machine = |(at, name): (usize, String)| Machine { name, address: format!("10.20.0.{}", at + 11), user: "root", pods: None };
        Self {
            machines: names.into_iter().enumerate().map(machine).collect(),
            source,
            target,
            address: "10.20.0.100/24",
            priorities: Vec::new(),
            member_names: Vec::new(),
            flags: Vec::new(),
            order: "addThenRemove",
            join: "learner",
            tolerance: 1,
            tls: Tls::Plain,
            runtime: "containerd",
            token: json!({"file": "/etc/rancher/k3s/join-token"}),
            password: json!({"file": "/etc/keepalived/vrrp-password"}),
            hooks: Vec::new(),
            accept: Vec::new(),
            kubeadm: None,
            systemd: None,
        }
    }

    /// The YAML text, its keys as this file writes them.
    pub fn text(&self) -> String {
        write(&self.value())
    }

    /// The same spec with the keys of every map in another order.
    pub fn shuffled(&self, seed: u64) -> String {
        let mut state = seed;
        write(&shuffle(self.value(), &mut state))
    }

    fn value(&self) -> Value {
        let machines: Map<_, _> = self.machines.iter().map(|machine| (machine.name.clone(), machine.value())).collect();
        json!({
            "apiVersion": "replank/v1alpha1",
            "kind": "Migration",
            "metadata": {"name": "property", "title": "Made by a property"},
            "spec": {
                "cluster": self.cluster(),
                "machines": machines,
                "source": self.source.value(),
                "target": self.target.value(),
                "policy": {"order": self.order, "etcd": {"join": self.join}, "minimumEtcdTolerance": self.tolerance},
                "accept": self.accept,
                "hooks": self.hooks,
            },
        })
    }

    fn cluster(&self) -> Value {
        let names: Map<_, _> = self.member_names.iter().map(|(machine, name)| (machine.clone(), json!(name))).collect();
        let tls = match self.tls {
            Tls::Plain => json!("none"),
            Tls::Files => json!({
                "ca": "/etc/etcd/pki/ca.crt", "certificate": "/etc/etcd/pki/member.crt", "key": "/etc/etcd/pki/member.key",
                "clientCertificate": "/etc/etcd/pki/client.crt", "clientKey": "/etc/etcd/pki/client.key",
            }),
        };
        let flags: Map<_, _> = self.flags.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let mut cluster = json!({
            "name": "property",
            "distribution": self.distribution(),
            "etcd": {"tls": tls, "memberNames": names, "flags": flags},
        });
        if self.systemd.is_some() {
            cluster["etcd"]["api"] = json!("v2");
        }
        if let Some(kubeadm) = &self.kubeadm {
            cluster["loadBalancer"] = kubeadm.balancer();
        }
        if !self.source.virtual_ip.is_empty() || !self.target.virtual_ip.is_empty() {
            let priorities: Map<_, _> = self.priorities.iter().map(|(machine, priority)| (machine.clone(), json!(priority))).collect();
            cluster["virtualIp"] = json!({
                "address": self.address, "interface": "eth0", "routerId": 51, "password": self.password, "sourcePriorities": priorities,
            });
        }
        cluster
    }

    fn distribution(&self) -> Value {
        if let Some(kubeadm) = &self.kubeadm {
            return json!({"kubeadm": kubeadm.value(self)});
        }
        if let Some(systemd) = &self.systemd {
            return json!({"systemd": systemd.value()});
        }
        json!({"k3s": {
            "version": "v1.30.6+k3s1", "datastore": "external", "runtime": self.runtime, "token": self.token,
            "serverConfig": {"disable": ["traefik"], "write-kubeconfig-mode": "0600", "node-label": ["a=b"]},
        }})
    }
}

impl Machine {
    fn value(&self) -> Value {
        let mut value = json!({"address": self.address, "ssh": {"user": self.user, "port": 2222}, "leftovers": "remove"});
        if let Some((movable, capacity)) = self.pods {
            value["pods"] = json!({"movable": movable, "capacity": capacity});
        }
        value
    }
}

impl End {
    fn value(&self) -> Value {
        let mut value = json!({
            "controlPlane": self.control_plane, "workers": self.workers, "etcd": self.etcd, "virtualIp": self.virtual_ip,
        });
        if let Some(join) = &self.join {
            value["joinAddress"] = json!(join);
        }
        value
    }
}

/// Every map in another order; lists are the user's.
fn shuffle(value: Value, state: &mut u64) -> Value {
    match value {
        Value::Object(map) => {
            let mut rest: Vec<_> = map.into_iter().collect();
            let mut shuffled = Map::new();
            while !rest.is_empty() {
                *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let (key, value) = rest.swap_remove(usize::try_from(*state >> 33).unwrap() % rest.len());
                shuffled.insert(key, shuffle(value, state));
            }
            Value::Object(shuffled)
        }
        Value::Array(list) => list.into_iter().map(|value| shuffle(value, state)).collect(),
        scalar => scalar,
    }
}

fn write(value: &Value) -> String {
    let mut text = String::new();
    write_below(value, 0, &mut text);
    text
}

/// Maps as blocks, one key a line; everything else as JSON, which is YAML too.
fn write_below(value: &Value, depth: usize, text: &mut String) {
    let Value::Object(map) = value else { return };
    for (key, value) in map {
        let indent = "  ".repeat(depth);
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                text.push_str(&format!("{indent}{key}:\n"));
                write_below(value, depth + 1, text);
            }
            flow => text.push_str(&format!("{indent}{key}: {flow}\n")),
        }
    }
}
