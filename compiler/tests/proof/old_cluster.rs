//! The cluster before the plan, as the documents of old left it: k3s configured by flags and the environment, keepalived
//! without a health check and with its password in the configuration, remains of an older k3s on machines that are used again.

use std::time::Duration;

use replank::model::{Distribution, EtcdTls, JoinAddress, K3s, Leftovers, MachineName, Migration, Runtime, SecretReference, VirtualIp};
use serde_json::json;

use super::etcd::Cluster;
use super::hosts::{WORKSTATION, World, shims};

/// The cluster's secrets. Letters and digits, as keepalived and k3s want them.
pub const TOKEN: &str = "S3cretJoinTokenOfTheCluster";
pub const VRRP_PASSWORD: &str = "Wanw0o9x";

const A_WHILE: Duration = Duration::from_secs(60);

pub struct OldCluster<'a> {
    pub world: &'a World,
    pub migration: &'a Migration,
    pub etcd: &'a Cluster<'a>,
}

impl OldCluster<'_> {
    fn k3s(&self) -> &K3s {
        let Distribution::K3s(k3s) = &self.migration.cluster.distribution;
        k3s
    }

    pub fn virtual_ip(&self) -> &VirtualIp {
        self.migration.cluster.virtual_ip.as_ref().unwrap()
    }

    pub fn api_port(&self) -> u16 {
        self.migration.cluster.distribution.api_port().to_string().parse().unwrap()
    }

    fn address(&self, machine: &MachineName) -> String {
        self.migration.machines[machine].address.to_string()
    }

    fn host(&self) -> String {
        self.virtual_ip().address.value.address.to_string()
    }

    /// Brings everything up and waits until the API answers at the virtual IP. etcd runs already.
    pub fn start(&self) {
        self.bring_media();
        for machine in self.migration.machines.values().filter(|machine| machine.leftovers == Leftovers::Remove) {
            self.shell(machine.name.as_str(), &self.remains());
        }
        let source = &self.migration.source;
        for (index, role) in source.control_plane.iter().enumerate() {
            self.start_server(&role.value);
            if index == 0 {
                self.wait_for_api(&role.value);
            }
        }
        source.control_plane.iter().for_each(|role| self.wait_for_api(&role.value));
        self.set_up_workstation();
        for (index, role) in source.virtual_ip.iter().enumerate() {
            self.start_keepalived(&role.value, 100 - 10 * index);
        }
        self.etcd.wait_until("the virtual IP is held", || {
            let held = format!("ip -o addr show to {} | grep -c .", self.host());
            source.virtual_ip.iter().filter(|role| self.world.run(role.value.as_str(), &held, A_WHILE).succeeded()).count() == 1
        });
        source.workers.iter().for_each(|role| self.start_agent(&role.value));
        self.seed();
        let nodes = source.nodes().count();
        self.etcd.wait_until("every node is ready", || {
            let ready = self.world.run(WORKSTATION, "kubectl get nodes --no-headers | grep -c ' Ready '", A_WHILE);
            ready.stdout.trim() == nodes.to_string()
        });
    }

    fn shell(&self, host: &str, script: &str) -> String {
        let outcome = self.world.run(host, &format!("set -eu\n{script}"), A_WHILE);
        assert!(outcome.succeeded(), "{host}: {script}\n{outcome:?}");
        outcome.stdout
    }

    fn wait_for_api(&self, machine: &MachineName) {
        self.etcd.wait_until(&format!("the API of {machine} serves"), || {
            self.world.run(machine.as_str(), "/usr/local/bin/k3s kubectl get --raw=/readyz", A_WHILE).succeeded()
        });
    }

    /// The release, its install script and its images on every machine; installed on those that run it already.
    fn bring_media(&self) {
        let k3s = self.k3s();
        let program = std::fs::read_to_string(shims().join("k3s")).unwrap().replace("@VERSION@", &k3s.version.value.to_string());
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), program).unwrap();
        let script = shims().join("install-k3s.sh").to_string_lossy().into_owned();
        for machine in self.migration.machines.keys() {
            let binary = file.path().to_string_lossy().into_owned();
            self.world.install(machine.as_str(), &binary, k3s.binary.as_str());
            self.world.install(machine.as_str(), &script, k3s.install_script.as_str());
            for image in &k3s.images {
                self.world.install(machine.as_str(), &binary, image.as_str());
            }
            if self.migration.source.nodes().any(|role| role.value == *machine) {
                self.world.install(machine.as_str(), &binary, "/usr/local/bin/k3s");
            } else {
                self.shell(machine.as_str(), "hostname fresh-from-the-vendor");
            }
        }
    }

    /// An older k3s that was never taken away, an etcd that still runs, and a container of somebody else.
    fn remains(&self) -> String {
        let Self { migration, .. } = self;
        format!(
            "cp {binary} /usr/local/bin/k3s\n\
             INSTALL_K3S_SKIP_DOWNLOAD=true INSTALL_K3S_SKIP_START=true INSTALL_K3S_EXEC='server --cluster-cidr 10.1.0.0/16' \
             K3S_DATASTORE_ENDPOINT=http://192.0.2.1:2379 sh {script} >/dev/null 2>&1\n\
             mkdir -p /var/lib/rancher/k3s/server/db/etcd /etc/rancher/k3s/config.yaml.d {data}/member\n\
             echo 'old-key: 1' >/etc/rancher/k3s/config.yaml.d/old.yaml\necho old >{data}/member/wal\n\
             echo wrong-token >/etc/rancher/k3s/join-token\n\
             cat >/var/lib/docker-of-the-rehearsal.json <<'END'\n{containers}\nEND\n",
            binary = self.k3s().binary,
            script = self.k3s().install_script,
            data = migration.cluster.etcd.data_dir,
            containers = json!({"containers": {"aaa111": "k8s_POD_coredns", "bbb222": "somebodys_database"}, "images": []}),
        )
    }

    /// As the old documents have it: flags in the unit, the datastore and the token in the environment.
    fn start_server(&self, machine: &MachineName) {
        let (k3s, etcd) = (self.k3s(), &self.migration.cluster.etcd);
        let endpoints = self.etcd.endpoints(&self.etcd.spec.source_machines()).join(",");
        let mut command = format!(
            "server --node-name {machine} --node-ip {} --tls-san {} --https-listen-port {}",
            self.address(machine),
            self.host(),
            self.api_port()
        );
        for (key, value) in &k3s.server_config {
            let values: Vec<_> = value.as_array().into_iter().flatten().filter_map(|item| item.as_str()).collect();
            assert!(!values.is_empty(), "the rehearsal starts servers with lists alone, not with {key}");
            command.push_str(&format!(" --{key}={}", values.join(",")));
        }
        if k3s.runtime == Runtime::Docker {
            command.push_str(" --docker");
        }
        let mut exports = format!("export K3S_TOKEN={TOKEN} K3S_DATASTORE_ENDPOINT={endpoints}");
        if let EtcdTls::Files(files) = &etcd.tls {
            exports.push_str(&format!(
                " K3S_DATASTORE_CAFILE={} K3S_DATASTORE_CERTFILE={} K3S_DATASTORE_KEYFILE={}",
                files.ca, files.client_certificate, files.client_key
            ));
        }
        self.install(machine, &exports, &command, "k3s");
    }

    fn start_agent(&self, machine: &MachineName) {
        let url = self.join_url();
        let command = format!("agent --node-name {machine} --node-ip {}", self.address(machine));
        self.install(machine, &format!("export K3S_TOKEN={TOKEN} K3S_URL={url}"), &command, "k3s-agent");
    }

    fn install(&self, machine: &MachineName, exports: &str, command: &str, unit: &str) {
        let script = format!(
            "{exports}\nexport INSTALL_K3S_SKIP_DOWNLOAD=true INSTALL_K3S_SKIP_START=true INSTALL_K3S_EXEC='{command}'\n\
             sh {} >/dev/null\nsystemctl start --no-block {unit}",
            self.k3s().install_script
        );
        self.shell(machine.as_str(), &script);
    }

    fn join_url(&self) -> String {
        let host = match &self.migration.source.join_address.value {
            JoinAddress::VirtualIp => self.host(),
            JoinAddress::Machine(machine) => self.address(machine),
        };
        format!("https://{host}:{}", self.api_port())
    }

    fn start_keepalived(&self, machine: &MachineName, priority: usize) {
        let VirtualIp { address, interface, router_id, instance, .. } = self.virtual_ip();
        let stays = self.migration.source.virtual_ip.iter().any(|role| self.migration.target.is_virtual_ip_candidate(&role.value));
        let instance = if stays { instance.to_string() } else { "VI_1".to_owned() };
        self.shell(
            machine.as_str(),
            &format!(
                "mkdir -p /etc/keepalived\ncat >/etc/keepalived/keepalived.conf <<'END'\n\
                 vrrp_instance {instance} {{\n    state BACKUP\n    nopreempt\n    interface {interface}\n    virtual_router_id {}\n    \
                 priority {priority}\n    advert_int 1\n    authentication {{\n        auth_type PASS\n        auth_pass {VRRP_PASSWORD}\n    }}\n    \
                 virtual_ipaddress {{\n        {}\n    }}\n}}\nEND\nsystemctl enable --now keepalived",
                router_id.get(),
                address.value
            ),
        );
    }

    /// The kubeconfig, and what secrets the spec expects in the operator's environment.
    fn set_up_workstation(&self) {
        let kubeconfig = json!({
            "current-context": "operator", "contexts": {"operator": "the-cluster"},
            "clusters": {"the-cluster": {"server": self.join_url(), "ca": self.authority(), "token": TOKEN}},
        });
        self.shell(WORKSTATION, &format!("mkdir -p ~/.kube\ncat >~/.kube/config <<'END'\n{kubeconfig}\nEND"));
    }

    /// The certificate of the cluster's authority.
    pub fn authority(&self) -> String {
        let first = self.migration.source.control_plane[0].value.as_str();
        self.shell(first, "cat /var/lib/rancher/k3s/server/tls/server-ca.crt")
    }

    /// Pods on every node, and a volume on a node that stays.
    fn seed(&self) {
        let source = &self.migration.source;
        let endpoints = self.etcd.endpoints(&self.etcd.spec.source_machines());
        let put = |key: String, value: serde_json::Value| {
            let outcome = self.etcd.etcdctl(&endpoints, &["put", &key, &value.to_string()]);
            assert!(outcome.succeeded(), "{outcome:?}");
        };
        for role in source.nodes() {
            let node = role.value.as_str();
            put(format!("/registry/pods/kube-system/svclb-{node}"), json!({"node": node, "owner": "DaemonSet"}));
            put(format!("/registry/pods/uap/web-{node}"), json!({"node": node, "owner": "ReplicaSet", "emptyDir": true}));
            put(format!("/registry/pods/uap/store-{node}"), json!({"node": node, "owner": "StatefulSet"}));
            if self.migration.target.nodes().any(|stays| stays.value == role.value) {
                put(format!("/registry/persistentvolumes/pvc-{node}"), json!({"node": node}));
            }
        }
    }
}

/// What the operator exports before the plan: every secret that the spec takes from the environment.
pub fn exported(migration: &Migration) -> std::collections::BTreeMap<String, String> {
    let Distribution::K3s(k3s) = &migration.cluster.distribution;
    let password =
        migration.cluster.virtual_ip.as_ref().and_then(|virtual_ip| virtual_ip.password.as_ref()).map(|password| (password, VRRP_PASSWORD));
    let secrets = [Some((&k3s.token, TOKEN)), password];
    let variables = secrets.into_iter().flatten().filter_map(|(reference, value)| match reference {
        SecretReference::Environment(name) => Some((name.as_str().to_owned(), value.to_owned())),
        SecretReference::File(_) => None,
    });
    variables.collect()
}
