//! The moment at which a step happens, as values for its words: who can be asked, at which addresses.
//!
//! Everything here is derived from the step's standing, which the judge has confirmed. Does not know what the step does.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Map, Value, json};

use super::shared;
use crate::ir::{Row, Step};
use crate::model::{Distribution, EtcdApi, JoinAddress, Machine, MachineName, Migration, Port};

pub struct Moment<'a> {
    pub migration: &'a Migration,
    pub step: &'a Step,
    /// The cluster right before the step.
    pub row_before: &'a Row,
    pub row: &'a Row,
    /// The steps before this one.
    pub before: &'a [Step],
    /// The steps after this one.
    pub later: &'a [Step],
}

impl Moment<'_> {
    /// What all words may use, beside the surroundings: the step, the cluster, the machine that is acted upon.
    pub fn context(&self) -> Map<String, Value> {
        let mut context = Map::new();
        context.insert("step".into(), json!(self.step.id.as_str()));
        context.insert("migration".into(), json!(self.migration.name.as_str()));
        context.insert("cluster".into(), json!(self.migration.cluster.name.as_str()));
        if let Some(machine) = self.step.action.machine() {
            context.insert("here".into(), self.machine(machine));
        }
        context
    }

    /// What all words may use of the others: who is asked, at which addresses.
    pub fn surroundings(&self) -> Map<String, Value> {
        [("api".to_owned(), self.api()), ("etcd".to_owned(), self.etcd())].into_iter().collect()
    }

    /// Whether two steps have the same surroundings: the same machines serve, and neither acts upon one of them.
    pub fn shares_surroundings(&self, other: &Moment<'_>) -> bool {
        let acts_upon_one = |moment: &Moment<'_>| {
            let standing = &moment.step.standing;
            moment.step.action.machine().is_some_and(|machine| standing.api.contains(machine) || standing.etcd.contains(machine))
        };
        let (own, others) = (&self.step.standing, &other.step.standing);
        own.api == others.api && own.etcd == others.etcd && !acts_upon_one(self) && !acts_upon_one(other)
    }

    /// A machine's names and addresses, and how the workstation reaches it.
    pub fn machine(&self, name: &MachineName) -> Value {
        match self.migration.machines.get(name) {
            Some(machine) => machine_value(machine),
            None => Value::Null,
        }
    }

    pub fn machines<'n>(&self, names: impl IntoIterator<Item = &'n MachineName>) -> Value {
        names.into_iter().map(|name| self.machine(name)).collect()
    }

    pub fn address(&self, name: &MachineName) -> Option<IpAddr> {
        self.migration.machines.get(name).map(|machine| machine.address)
    }

    /// `https://host:port` of a control plane's own API server.
    pub fn api_url(&self, name: &MachineName) -> String {
        let host = self.address(name).map(bracketed).unwrap_or_default();
        let distribution = &self.migration.cluster.distribution;
        format!("{}://{host}:{}", distribution.api_scheme(), distribution.api_port())
    }

    /// `https://host:port` of the address that clients are given.
    pub fn join_url(&self, join: &JoinAddress) -> String {
        let (port, published) = (self.migration.cluster.distribution.api_port(), self.migration.cluster.endpoint_port());
        match (join, &self.migration.cluster.virtual_ip) {
            (JoinAddress::VirtualIp, Some(virtual_ip)) => format!("https://{}:{published}", bracketed(virtual_ip.address.value.address)),
            (JoinAddress::VirtualIp, None) => String::new(),
            (JoinAddress::Machine(name), _) => self.api_url(name),
            (JoinAddress::LoadBalancer, _) => {
                self.load_balancer().map_or(String::new(), |(host, port)| format!("https://{}:{port}", bracketed(host)))
            }
            // On the machine itself; nobody else is given this address.
            (JoinAddress::OwnProxy, _) => format!("https://127.0.0.1:{port}"),
        }
    }

    /// The bare address that clients are given, for commands that open a connection.
    pub fn join_host(&self, join: &JoinAddress) -> Option<String> {
        let address = match join {
            JoinAddress::VirtualIp => self.migration.cluster.virtual_ip.as_ref().map(|virtual_ip| virtual_ip.address.value.address),
            JoinAddress::Machine(name) => self.address(name),
            JoinAddress::LoadBalancer => self.load_balancer().map(|(host, _)| host),
            JoinAddress::OwnProxy => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        };
        address.map(|address| address.to_string())
    }

    /// The address in front of the API that the plan does not manage.
    fn load_balancer(&self) -> Option<(IpAddr, Port)> {
        match &self.migration.cluster.distribution {
            Distribution::K3s(_) | Distribution::Kubeadm(_) | Distribution::Systemd(_) => None,
            Distribution::Kubean(kubean) => kubean.load_balancer.as_ref().map(|balancer| (balancer.address, balancer.port)),
        }
    }

    pub fn client_url(&self, name: &MachineName) -> String {
        let etcd = &self.migration.cluster.etcd;
        format!("{}://{}:{}", etcd.scheme(), self.address(name).map(bracketed).unwrap_or_default(), etcd.client_port)
    }

    pub fn peer_url(&self, name: &MachineName) -> String {
        let etcd = &self.migration.cluster.etcd;
        format!("{}://{}:{}", etcd.scheme(), self.address(name).map(bracketed).unwrap_or_default(), etcd.peer_port)
    }

    /// The API server that commands of this step use: one that stays if there is one, never the machine that is acted upon.
    pub fn api(&self) -> Value {
        let serving = &self.step.standing.api;
        let acted_on = self.step.action.machine();
        let stays = |name: &&MachineName| self.migration.target.is_control_plane(name);
        let others = || serving.iter().filter(|name| Some(*name) != acted_on);
        let Some(server) = others().find(stays).or(others().next()).or(serving.first()) else {
            return Value::Null;
        };
        let url = self.api_url(server);
        json!({
            "machine": self.machine(server),
            "url": url,
            "port": self.migration.cluster.distribution.api_port(),
            "kubectl": self.kubectl(&url),
            "ready": self.ready(&url),
        })
    }

    /// kubectl with its server, and never waiting for ever: old ones know no limit of their own (`--request-timeout` came with v1.5).
    pub fn kubectl(&self, url: &str) -> String {
        match &self.migration.cluster.distribution {
            Distribution::K3s(_) | Distribution::Kubean(_) | Distribution::Kubeadm(_) => {
                format!("kubectl --server={url} --request-timeout=20s")
            }
            Distribution::Systemd(_) => format!("timeout 60 kubectl --server={url}"),
        }
    }

    /// A command that prints `ok` when the API at an address serves.
    pub fn ready(&self, url: &str) -> String {
        match &self.migration.cluster.distribution {
            Distribution::K3s(_) | Distribution::Kubean(_) | Distribution::Kubeadm(_) => {
                format!("{} get --raw=/readyz", self.kubectl(url))
            }
            Distribution::Systemd(_) => format!("curl --silent --show-error --fail --max-time 20 --write-out '\\n' {url}/healthz"),
        }
    }

    /// The member that is asked about the others: one that stays if there is one, never the one that is acted upon.
    pub fn etcd_witness(&self) -> Option<&MachineName> {
        let standing = &self.step.standing.etcd;
        let acted_on = self.step.action.machine();
        let others = || standing.iter().filter(|name| Some(*name) != acted_on);
        others().find(|name| self.migration.target.is_etcd_member(name)).or(others().next()).or(standing.first())
    }

    fn etcd(&self) -> Value {
        let etcd = &self.migration.cluster.etcd;
        let standing = &self.step.standing.etcd;
        let acted_on = self.step.action.machine();
        let others: Vec<&MachineName> = standing.iter().filter(|name| Some(*name) != acted_on).collect();
        let failed = || self.migration.source.etcd.iter().map(|role| &role.value).filter(|name| self.migration.is_failed(name));
        let witness = self.etcd_witness();
        let asked = witness.map_or("", |name| name.as_str());
        let (file, pod) = shared::etcd::described(etcd);
        let tls = etcd.tls.files_of(asked).map(|files| {
            json!({
                "ca": files.ca, "certificate": files.certificate, "key": files.key,
                "client_certificate": files.client_certificate, "client_key": files.client_key,
            })
        });
        json!({
            "ctl": self.etcdctl(asked),
            "bin": etcd.binary_directory.as_str(),
            // The v2 API's etcdctl changed the flag's name twice; this one every release knows (etcd 2.0 to 3.5).
            "endpoints_flag": if etcd.api == EtcdApi::V2 { "--peers" } else { "--endpoints" },
            "oldest": if etcd.api == EtcdApi::V2 { "2.2.0" } else { "3.4.0" },
            "file": file,
            "pod": pod,
            "data_dir": etcd.data_dir.as_str(),
            "user": etcd.user.as_str(),
            "has_own_user": etcd.user.as_str() != "root",
            "client_port": etcd.client_port,
            "peer_port": etcd.peer_port,
            "tls": tls,
            "witness": witness.map_or(Value::Null, |name| self.machine(name)),
            "witness_url": witness.map_or(String::new(), |name| self.client_url(name)),
            "voters": self.members(standing.iter()),
            "others": self.members(others.iter().copied()),
            // Members that do not answer, and may still be registered.
            "failed": self.members(failed()),
        })
    }

    /// Members for use in words: their machines, names and URLs, and all client URLs as etcdctl takes them.
    pub fn members<'n>(&self, names: impl Iterator<Item = &'n MachineName> + Clone) -> Value {
        let endpoints: Vec<String> = names.clone().map(|name| self.client_url(name)).collect();
        let list: Vec<Value> = names.map(|name| self.member(name)).collect();
        json!({ "count": list.len(), "endpoints": endpoints.join(","), "list": list })
    }

    pub fn member(&self, name: &MachineName) -> Value {
        json!({
            "machine": self.machine(name),
            "name": self.migration.cluster.etcd.member_name(name),
            "client_url": self.client_url(name),
            "peer_url": self.peer_url(name),
        })
    }

    /// etcdctl on one machine with everything but endpoints, in an environment of its own: it refuses a value that stands in a variable
    /// and in a flag.
    pub fn etcdctl(&self, machine: &str) -> String {
        let etcd = &self.migration.cluster.etcd;
        let program = match etcd.api {
            // Its own limits are other flags in other releases.
            EtcdApi::V2 => format!("timeout 30 env -i ETCDCTL_API=2 {}/etcdctl", etcd.binary_directory),
            EtcdApi::V3 => format!("env -i ETCDCTL_API=3 {}/etcdctl --command-timeout=10s", etcd.binary_directory),
        };
        match etcd.tls.files_of(machine) {
            None => program,
            Some(files) => format!("{program} --cacert={} --cert={} --key={}", files.ca, files.client_certificate, files.client_key),
        }
    }
}

/// Without a password prompt, and without waiting for ever for a machine that went away, before or while it was asked.
const SSH_OPTIONS: &str = "-o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=15";

/// The beginning of a command that runs the rest on the machine.
pub fn ssh(machine: &Machine) -> String {
    format!("ssh {SSH_OPTIONS} -p {} {}@{}", machine.ssh.port, machine.ssh.user, machine.address)
}

fn machine_value(machine: &Machine) -> Value {
    let host = bracketed(machine.address);
    let (user, port) = (machine.ssh.user.as_str(), machine.ssh.port);
    json!({
        "name": machine.name.as_str(),
        "address": machine.address.to_string(),
        "host": host,
        "user": user,
        "port": port,
        "ssh": ssh(machine),
        "scp": format!("scp -q {SSH_OPTIONS} -P {port}"),
        "scp_host": format!("{user}@{host}"),
        "sudo": if user == "root" { "" } else { "sudo -n " },
    })
}

/// An address as URLs and scp want it: IPv6 in brackets.
pub fn bracketed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}
