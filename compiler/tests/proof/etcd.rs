//! The etcd cluster under rehearsal: how the source was before the plan, and what its members say at any moment.
//!
//! It asks with etcd's own client from beside the hosts, and believes no member without asking the others.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use replank::model::TlsFiles;

use super::certificates::Certificates;
use super::document::Machine;
use super::hosts::World;
use super::ledger::Membership;
use super::rehearsal::EtcdRehearsal;

const A_WHILE: Duration = Duration::from_secs(30);

pub struct Cluster<'a> {
    pub world: &'a World,
    pub machines: &'a IndexMap<String, Machine>,
    pub spec: &'a EtcdRehearsal,
    pub certificates: &'a Certificates,
}

impl Cluster<'_> {
    pub fn client_url(&self, machine: &str) -> String {
        self.url(machine, self.spec.client_port)
    }

    fn peer_url(&self, machine: &str) -> String {
        self.url(machine, self.spec.peer_port)
    }

    fn url(&self, machine: &str, port: u16) -> String {
        let machine = self.machines.get(machine).unwrap_or_else(|| panic!("plan.json has no machine {machine}"));
        format!("{}://{}", self.scheme(), std::net::SocketAddr::new(machine.address, port))
    }

    pub fn endpoints<'b>(&self, machines: impl IntoIterator<Item = &'b String>) -> Vec<String> {
        machines.into_iter().map(|machine| self.client_url(machine)).collect()
    }

    fn scheme(&self) -> &'static str {
        if self.spec.tls.is_some() { "https" } else { "http" }
    }

    /// Starts the source's members all at once, as they were bootstrapped: each with its own unit, state `new`.
    pub fn start_source(&self) {
        let spec = self.spec;
        for machine in self.machines.keys().filter(|name| spec.binaries_everywhere || spec.is_source(name)) {
            for program in ["etcd", "etcdctl"] {
                self.world.install(machine, &format!("/usr/bin/{program}"), &format!("{}/{program}", spec.binary_directory));
            }
        }
        for (machine, files) in self.machines.keys().flat_map(|machine| spec.tls.iter().map(move |files| (machine, files))) {
            self.certificates.install(self.world, machine, files);
        }
        for member in &spec.source {
            let unit = self.source_unit(&member.machine, &member.name);
            self.shell(&member.machine, &self.source_script(&unit));
        }
        let endpoints = self.endpoints(spec.source.iter().map(|member| &member.machine));
        self.wait_until("the source's etcd is healthy", || self.put(&endpoints));
    }

    fn source_script(&self, unit: &str) -> String {
        let EtcdRehearsal { user, data_dir, .. } = self.spec;
        format!(
            "set -eu\n\
             getent passwd {user} >/dev/null || useradd --system --shell /usr/sbin/nologin {user}\n\
             mkdir -p {data_dir}\nchown {user} {data_dir}\nchmod 0700 {data_dir}\n\
             cat >/etc/systemd/system/etcd.service <<'UNIT'\n{unit}UNIT\n\
             systemctl daemon-reload\nsystemctl enable etcd\nsystemctl start --no-block etcd\n"
        )
    }

    /// The unit of an old member as people write it by hand.
    fn source_unit(&self, machine: &str, name: &str) -> String {
        let spec = self.spec;
        let (peer, client) = (self.peer_url(machine), self.client_url(machine));
        let members: Vec<_> = spec.source.iter().map(|each| format!("{}={}", each.name, self.peer_url(&each.machine))).collect();
        let any = if self.machines.get(machine).is_some_and(|machine| machine.address.is_ipv6()) { "[::]" } else { "0.0.0.0" };
        format!(
            "[Unit]\nDescription=Etcd Server\nAfter=network-online.target\nWants=network-online.target\n\n\
             [Service]\nType=notify\nUser={user}\nExecStart={bin}/etcd \\\n    --name {name} \\\n    --data-dir {data} \\\n    \
             --initial-advertise-peer-urls {peer} \\\n    --listen-peer-urls {scheme}://{any}:{peer_port} \\\n    \
             --listen-client-urls {scheme}://{any}:{client_port} \\\n    --advertise-client-urls {client} \\\n    \
             --initial-cluster-token {token} \\\n    --initial-cluster {members} \\\n    --initial-cluster-state new{tls}\n\
             Restart=on-failure\nRestartSec=5\nLimitNOFILE=65536\n\n[Install]\nWantedBy=multi-user.target\n",
            user = spec.user,
            bin = spec.binary_directory,
            data = spec.data_dir,
            peer_port = spec.peer_port,
            client_port = spec.client_port,
            token = spec.cluster_token,
            scheme = self.scheme(),
            tls = spec.tls.as_ref().map(tls_flags).unwrap_or_default(),
            members = members.join(",")
        )
    }

    /// What one member says about the cluster, by machine. Err: it does not answer, or what it says is not at rest.
    pub fn membership_at(&self, endpoint: &str) -> Result<Membership, String> {
        let outcome = self.etcdctl(&[endpoint.to_owned()], &["member", "list"]);
        if !outcome.succeeded() {
            return Err(format!("{endpoint} does not answer: {}", outcome.stderr));
        }
        let mut membership = Membership { voters: BTreeSet::new(), learners: BTreeSet::new() };
        for line in outcome.stdout.lines() {
            let columns: Vec<_> = line.split(", ").collect();
            let [_, state, _, peer, _, learner] = columns[..] else { return Err(format!("not a line of member list: {line}")) };
            let machine = self.machines.keys().find(|machine| self.peer_url(machine) == peer);
            let machine = machine.ok_or_else(|| format!("{endpoint} lists the peer URL of no machine: {line}"))?;
            if state != "started" {
                return Err(format!("{endpoint} lists a member that is not started: {line}"));
            }
            if learner == "true" { &mut membership.learners } else { &mut membership.voters }.insert(machine.clone());
        }
        Ok(membership)
    }

    /// Whether every voter of `expected` lists exactly that membership, within a few seconds, and a write succeeds.
    pub fn agrees_on(&self, expected: &Membership) -> Result<(), String> {
        let deadline = Instant::now() + Duration::from_secs(8);
        loop {
            let wrong = expected.voters.iter().find_map(|machine| match self.membership_at(&self.client_url(machine)) {
                Ok(found) if found == *expected => None,
                Ok(found) => Some(format!("expected {expected:?}\nfound    {found:?} at {machine}")),
                Err(reason) => Some(reason),
            });
            match wrong {
                None if self.put(&self.endpoints(&expected.voters)) => return Ok(()),
                None if Instant::now() > deadline => return Err("the voters agree, but a write failed: no quorum".to_owned()),
                Some(reason) if Instant::now() > deadline => return Err(reason),
                _ => std::thread::sleep(Duration::from_millis(200)),
            }
        }
    }

    pub fn put(&self, endpoints: &[String]) -> bool {
        self.etcdctl(endpoints, &["put", "replank-rehearsal-probe", "x"]).succeeded()
    }

    /// The hash of every member's data; all are equal when the cluster is at rest.
    pub fn hashes(&self, machines: &BTreeSet<String>) -> Vec<String> {
        let outcome = self.etcdctl(&self.endpoints(machines), &["endpoint", "hashkv", "-w", "fields"]);
        let hashes: Vec<_> = outcome.stdout.lines().filter(|line| line.starts_with("\"Hash\"")).map(str::to_owned).collect();
        assert_eq!(hashes.len(), machines.len(), "not every member has a hash: {outcome:?}");
        hashes
    }

    pub fn etcdctl(&self, endpoints: &[String], arguments: &[&str]) -> super::hosts::Outcome {
        let endpoints = format!("--endpoints={}", endpoints.join(","));
        let files = self.certificates.observer().map(|path| path.to_string_lossy().into_owned());
        let [ca, certificate, key] = files.each_ref().map(String::as_str);
        let mut all = vec!["ETCDCTL_API=3", "/usr/bin/etcdctl", endpoints.as_str(), "--command-timeout=5s", "--dial-timeout=2s"];
        if self.spec.tls.is_some() {
            all.extend(["--cacert", ca, "--cert", certificate, "--key", key]);
        }
        all.extend(arguments);
        self.world.observe("env", &all)
    }

    pub fn shell(&self, machine: &str, script: &str) -> String {
        let outcome = self.world.run(machine, script, A_WHILE);
        assert!(outcome.succeeded(), "{machine}: {script}\n{outcome:?}");
        outcome.stdout
    }

    pub fn wait_until(&self, what: &str, mut done: impl FnMut() -> bool) {
        let deadline = Instant::now() + A_WHILE;
        while !done() {
            if Instant::now() > deadline {
                let logs = self.spec.source.iter().map(|member| self.world.run(&member.machine, "journalctl -u etcd -n 5", A_WHILE).stdout);
                panic!("waited in vain: {what}\n{}", logs.collect::<String>());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

fn tls_flags(files: &TlsFiles) -> String {
    let TlsFiles { ca, certificate, key, .. } = files;
    ["", "peer-"]
        .map(|side| {
            format!(" --{side}trusted-ca-file {ca} --{side}cert-file {certificate} --{side}key-file {key} --{side}client-cert-auth")
        })
        .concat()
}
