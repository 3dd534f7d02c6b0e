//! The stage: the world of hosts, with what the rehearsal knows of the cluster that stands in it.
//!
//! Answers questions that source, comparison and end share: URLs, etcd's own client, logs. Does not know steps.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::render::document::{
    ClusterDocument, DistributionDocument, EtcdApiDocument, FrameDocument, PlanDocument, StateDocument, TopologyDocument,
};

use super::finding::{Result, Stop};
use super::world::{DESK, Host, Network, Outcome, World};

/// The cluster's secrets during a rehearsal. Letters and digits, as keepalived and k3s want them.
pub const TOKEN: &str = "S3cretJoinTokenOfTheCluster";
pub const VRRP_PASSWORD: &str = "Wanw0o9x";

/// kubespray's `kube_apiserver_port`, which the compiler never sets.
const KUBEAN_API_PORT: u16 = 6443;

pub struct Stage<'a> {
    pub world: World,
    pub plan: &'a PlanDocument,
    pub addresses: Vec<(String, IpAddr)>,
    /// Machines that had failed, and were installed anew since.
    repaired: Mutex<BTreeSet<String>>,
}

impl<'a> Stage<'a> {
    pub fn open(directory: &Path, plan: &'a PlanDocument) -> Result<Self> {
        let mut hosts = Vec::new();
        for (name, machine) in &plan.machines {
            let address =
                machine.address.parse().map_err(|_| Stop::Machine(format!("plan.json: {name}: `{}` is no address", machine.address)))?;
            hosts.push(Host { name: name.clone(), address, ssh_port: machine.ssh.port });
        }
        let virtual_ip = plan.cluster.virtual_ip.as_ref();
        let network = Network {
            interface: virtual_ip.map_or("eth0", |virtual_ip| &virtual_ip.interface).to_owned(),
            prefix: virtual_ip.and_then(|virtual_ip| virtual_ip.address.split_once('/')?.1.parse().ok()),
        };
        let mut absent: Vec<String> =
            plan.steps.iter().flat_map(|step| &step.artifacts).map(|artifact| artifact.destination.clone()).collect();
        // An object has no path.
        absent.retain(|destination| destination.starts_with('/'));
        absent.push(plan.cluster.etcd.data_dir.clone());
        absent.extend(["etcd", "etcdctl"].map(|program| format!("{}/{program}", plan.cluster.etcd.binary_directory)));
        absent.sort();
        absent.dedup();
        let world = World::open(directory, &hosts, &network, &absent)?;
        let addresses = hosts.into_iter().map(|host| (host.name, host.address)).collect();
        Ok(Self { world, plan, addresses, repaired: Mutex::default() })
    }

    pub fn cluster(&self) -> &ClusterDocument {
        &self.plan.cluster
    }

    pub fn address(&self, machine: &str) -> Result<IpAddr> {
        let found = self.addresses.iter().find(|(name, _)| name == machine);
        found.map(|(_, address)| *address).ok_or_else(|| Stop::Machine(format!("plan.json has no machine {machine}")))
    }

    /// Where every API server listens.
    pub fn api_port(&self) -> u16 {
        match &self.cluster().distribution {
            DistributionDocument::K3s(k3s) => k3s.https_listen_port,
            DistributionDocument::Kubean(_) => KUBEAN_API_PORT,
            DistributionDocument::Kubeadm(kubeadm) => kubeadm.api_server_port,
            DistributionDocument::Systemd(systemd) => systemd.api_server_port,
        }
    }

    /// Where clients reach the API at the virtual IP: a load balancer in front of the API servers has a port of its own.
    pub fn endpoint_port(&self) -> u16 {
        self.cluster().load_balancer.as_ref().map_or_else(|| self.api_port(), |balancer| balancer.port)
    }

    /// Whether a machine does not answer, from before the first step until somebody installs it anew.
    pub fn has_failed(&self, machine: &str) -> bool {
        let failed = self.plan.machines.get(machine).is_some_and(|machine| matches!(machine.state, StateDocument::Failed));
        failed && !self.repaired.lock().unwrap_or_else(PoisonError::into_inner).contains(machine)
    }

    /// Somebody has installed a machine anew: it answers.
    pub fn is_repaired(&self, machine: &str) {
        self.repaired.lock().unwrap_or_else(PoisonError::into_inner).insert(machine.to_owned());
    }

    /// Whether a machine gets another operating system.
    pub fn is_rebuilt(&self, machine: &str) -> bool {
        self.plan.machines.get(machine).is_some_and(|machine| machine.target_os.is_some() && machine.source_os != machine.target_os)
    }

    /// The virtual IP without its prefix.
    pub fn virtual_ip(&self) -> Option<&str> {
        self.cluster().virtual_ip.as_ref().and_then(|virtual_ip| virtual_ip.address.split('/').next())
    }

    pub fn client_url(&self, machine: &str) -> Result<String> {
        self.url(machine, self.cluster().etcd.client_port)
    }

    pub fn peer_url(&self, machine: &str) -> Result<String> {
        self.url(machine, self.cluster().etcd.peer_port)
    }

    pub fn client_urls(&self, machines: &[String]) -> Result<Vec<String>> {
        machines.iter().map(|machine| self.client_url(machine)).collect()
    }

    fn url(&self, machine: &str, port: u16) -> Result<String> {
        Ok(format!("{}://{}", self.etcd_scheme(), SocketAddr::new(self.address(machine)?, port)))
    }

    pub fn etcd_scheme(&self) -> &'static str {
        if self.cluster().etcd.tls.is_some() { "https" } else { "http" }
    }

    /// etcd's own client, from beside the hosts.
    pub fn etcdctl(&self, endpoints: &[String], arguments: &[&str]) -> Result<Outcome> {
        let endpoints = format!("--endpoints={}", endpoints.join(","));
        let mut all = vec!["ETCDCTL_API=3", "etcdctl", endpoints.as_str(), "--command-timeout=5s", "--dial-timeout=2s"];
        if self.cluster().etcd.tls.is_some() {
            all.extend(["--cacert", "ca.crt", "--cert", "observer.crt", "--key", "observer.key"]);
        }
        all.extend(arguments);
        self.world.observe("env", &all)
    }

    /// Whether a write reaches a quorum.
    pub fn takes_a_write(&self, endpoints: &[String]) -> Result<bool> {
        Ok(self.etcdctl(endpoints, &["put", "replank-rehearsal-looked", "written"])?.succeeded())
    }

    /// Authority, certificate and key of a client of etcd, as files beside the hosts.
    pub fn observer_files() -> [String; 3] {
        ["ca.crt", "observer.crt", "observer.key"].map(|name| format!("{DESK}/{name}"))
    }

    /// The authority of the API's certificates, as a file beside the hosts; none where the API is plain HTTP.
    pub fn api_authority(&self) -> Option<String> {
        match &self.cluster().distribution {
            DistributionDocument::K3s(_) | DistributionDocument::Kubean(_) | DistributionDocument::Kubeadm(_) => {
                Some(format!("{DESK}/api-ca.crt"))
            }
            DistributionDocument::Systemd(_) => None,
        }
    }

    /// The version of etcd's API that the cluster's clients speak.
    pub fn etcd_api(&self) -> &'static str {
        match self.cluster().etcd.api {
            EtcdApiDocument::V2 => "v2",
            EtcdApiDocument::V3 => "v3",
        }
    }

    /// The operator's kubectl. Where API servers have no address in common, or the operator's own has failed, it is told the row's: the operator
    /// follows a step later.
    pub fn kubectl(&self, row: &FrameDocument) -> Result<String> {
        match (&self.cluster().distribution, row.api_servers.first()) {
            (DistributionDocument::K3s(_), Some(machine)) if self.has_failed(&self.plan.topology.source.api) => {
                Ok(format!("kubectl --server=https://{}", SocketAddr::new(self.address(machine)?, self.api_port())))
            }
            (DistributionDocument::Systemd(_), Some(machine)) => {
                Ok(format!("kubectl --server=http://{}", SocketAddr::new(self.address(machine)?, self.api_port())))
            }
            (DistributionDocument::Systemd(_), None)
            | (DistributionDocument::K3s(_) | DistributionDocument::Kubean(_) | DistributionDocument::Kubeadm(_), _) => {
                Ok("kubectl".to_owned())
            }
        }
    }

    /// The machines that are nodes of the cluster: control planes of binaries run no kubelet.
    pub fn nodes<'t>(&self, topology: &'t TopologyDocument) -> impl Iterator<Item = &'t String> {
        let serving: &[String] = match &self.cluster().distribution {
            DistributionDocument::K3s(_) | DistributionDocument::Kubean(_) | DistributionDocument::Kubeadm(_) => &topology.control_plane,
            DistributionDocument::Systemd(_) => &[],
        };
        serving.iter().chain(&topology.workers)
    }

    /// Runs a script that belongs to the rehearsal and not to the plan.
    pub fn shell(&self, host: &str, script: &str) -> Result<String> {
        let outcome = self.world.run(host, &format!("set -eu\n{script}"), Duration::from_secs(60))?;
        if outcome.succeeded() {
            return Ok(outcome.stdout);
        }
        Err(Stop::Machine(format!("{host}: {script}\n{}{}\n{}", outcome.stdout, outcome.stderr, self.logs())))
    }

    /// Waits for something that the rehearsal itself brings about.
    pub fn wait_until(&self, what: &str, mut done: impl FnMut() -> Result<bool>) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !done()? {
            if Instant::now() > deadline {
                return Err(Stop::Machine(format!("waited a minute in vain for this: {what}\n{}", self.logs())));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    /// Which secret an outcome shows, if any.
    pub fn printed_secret(&self, outcome: &Outcome) -> Option<&'static str> {
        let shows = |secret: &str| outcome.stdout.contains(secret) || outcome.stderr.contains(secret);
        [(TOKEN, "the cluster's token"), (VRRP_PASSWORD, "the VRRP password")]
            .into_iter()
            .find(|(secret, _)| shows(secret))
            .map(|(_, name)| name)
    }

    /// The last words of every service that a migration touches.
    pub fn logs(&self) -> String {
        let script = "for unit in etcd k3s k3s-agent kubelet keepalived nginx; do\n\
                      if [ -s /run/stand-in/$unit.service.log ]; then echo \"--- $unit on $(hostname)\"; journalctl -u $unit -n 4; fi\ndone\n\
                      for pod in /run/stand-in/pods/*.log /var/log/k3s-etcd-of-the-rehearsal.log; do if [ -s \"$pod\" ]; then echo \"--- $pod on $(hostname)\"; tail -n 4 \"$pod\"; fi; done";
        let machines = self.world.machines();
        let said = machines.filter_map(|machine| self.world.run(machine, script, Duration::from_secs(5)).ok());
        said.map(|outcome| outcome.stdout).collect()
    }
}
