//! Migrations and plans built by hand, for the judge alone: no spec is read and no planner is asked.
//!
//! Every place points into a made-up text with one line a value, so that a finding can be shown with what it points at.

use std::net::IpAddr;
use std::sync::Arc;

use indexmap::IndexMap;
use replank::ir::{Action, Inventory, MachineRole, Phase, Plan, Standing, Step, StepId};
use replank::model::*;
use replank::source::{Located, Place, Span};

pub fn machine(name: &str) -> MachineName {
    MachineName::parse(name).unwrap()
}

pub fn machines(names: &[&str]) -> Vec<MachineName> {
    names.iter().map(|name| machine(name)).collect()
}

/// One end, by names.
#[derive(Clone, Default)]
pub struct End {
    pub control_plane: Vec<&'static str>,
    pub workers: Vec<String>,
    pub etcd: Vec<&'static str>,
    pub virtual_ip: Vec<&'static str>,
    /// `None`: the virtual IP.
    pub join: Option<&'static str>,
}

/// A migration with the text into which its places point.
#[derive(Clone)]
pub struct Story {
    pub migration: Migration,
    pub text: String,
}

impl Story {
    pub fn new(source: &End, target: &End) -> Self {
        let mut book = Book::default();
        let cluster = cluster(&mut book);
        let source = topology(&mut book, "source", source);
        let target = topology(&mut book, "target", target);
        let names: IndexMap<_, _> = [&source, &target]
            .into_iter()
            .flat_map(|end| end.nodes().chain(&end.etcd))
            .map(|role| (role.value.clone(), declared(&mut book, &role.value)))
            .collect();
        let policy = Policy {
            order: book.located("/spec/policy/order", "addThenRemove", Order::AddThenRemove),
            etcd_join: book.located("/spec/policy/etcd/join", "learner", EtcdJoin::Learner),
            minimum_etcd_tolerance: book.located("/spec/policy/minimumEtcdTolerance", "1", 1),
        };
        let migration = Migration {
            name: MigrationName::parse("story").unwrap(),
            title: "A story".into(),
            cluster,
            machines: names,
            source,
            target,
            temporary: Temporary::default(),
            policy,
            storage: Vec::new(),
            acceptances: Vec::new(),
            hooks: Vec::new(),
        };
        Self { migration, text: book.0 }
    }

    /// Adds an entry to `accept`.
    /// Asks for a tolerance; the stories ask for one failure.
    pub fn asking_for(mut self, tolerance: u32) -> Self {
        self.migration.policy.minimum_etcd_tolerance.value = tolerance;
        self
    }

    pub fn accepting(mut self, risk: &str, at: &str) -> Self {
        let pointer = format!("/spec/accept/{}", self.migration.acceptances.len());
        let mut book = Book(std::mem::take(&mut self.text));
        let place = book.place(&pointer, &format!("{{risk: {risk}, at: {at}}}"));
        let risk = book.located(&format!("{pointer}/risk"), risk, risk.to_owned());
        self.text = book.0;
        self.migration.acceptances.push(Acceptance { risk, at: AcceptanceScope(at.into()), reason: "agreed".into(), place });
        self
    }

    /// Adds a step of the team's own.
    pub fn with_hook(mut self, id: &str, moment: HookMoment, anchor: &str) -> Self {
        let mut book = Book(std::mem::take(&mut self.text));
        let place = book.place("/spec/hooks/0", id);
        let anchor = book.located("/spec/hooks/0/at", anchor, HookAnchor(anchor.into()));
        self.text = book.0;
        self.migration.hooks.push(Hook {
            id: HookId::parse(id).unwrap(),
            moment,
            anchor,
            on: HookPlace::Workstation,
            title_en: String::new(),
            title_zh: String::new(),
            preconditions: Vec::new(),
            run: Vec::new(),
            verify: Vec::new(),
            rollback: Vec::new(),
            place,
        });
        self
    }

    pub fn with_pods(mut self, machines: &[&str], movable: u32, capacity: u32) -> Self {
        for name in machines {
            self.migration.machines.get_mut(&machine(name)).unwrap().pods = Some(Pods { movable, capacity });
        }
        self
    }

    /// Nodes change their roles, the pod network keeps its data in etcd, and a load balancer stands on every control plane.
    pub fn behind_load_balancers(mut self) -> Self {
        let mut book = Book(std::mem::take(&mut self.text));
        let label = |text: &str| Label::parse(text).unwrap();
        let calico = Calico {
            version: Release::new(3, 26, 4),
            namespace: label("kube-system"),
            config_map: label("calico-config"),
            node_daemon_set: label("calico-node"),
            controllers_deployment: label("calico-kube-controllers"),
        };
        let kubeadm = Kubeadm {
            version: book.located("/spec/cluster/distribution", "v1.27.16", Release::new(1, 27, 16)),
            configuration: serde_json::Value::Null,
            api_server_port: Port::KUBERNETES,
            takes_pods: PodsOnControlPlanes::Never,
            calico: Some(calico),
            monitoring: Vec::new(),
        };
        let balancer = Balancer {
            port: Port::new(443).unwrap(),
            configuration: BalancerConfiguration::Whole,
            file: AbsolutePath::parse("/etc/nginx/nginx.conf").unwrap(),
            place: book.place("/spec/cluster/loadBalancer", "{port: 443}"),
        };
        self.text = book.0;
        self.migration.cluster.distribution = Distribution::Kubeadm(Box::new(kubeadm));
        self.migration.cluster.balancer = Some(balancer);
        self
    }

    /// Binaries under systemd: one API server writes at a time, pod network and DNS keep their data in etcd, which speaks its v2 API.
    pub fn of_binaries(mut self) -> Self {
        let mut book = Book(std::mem::take(&mut self.text));
        let version = book.located("/spec/cluster/distribution", "v1.2.4", Release::new(1, 2, 4));
        self.text = book.0;
        self.migration.cluster.distribution = Distribution::Systemd(Box::new(super::binaries::systemd(version)));
        self.migration.cluster.virtual_ip = None;
        self.migration.cluster.etcd.api = EtcdApi::V2;
        self.migration.policy.etcd_join.value = EtcdJoin::Voter;
        self
    }

    pub fn with_source_priorities(mut self, priorities: &[(&str, u8)]) -> Self {
        let declared = priorities.iter().map(|(name, priority)| (machine(name), *priority)).collect();
        self.migration.cluster.virtual_ip.as_mut().unwrap().source_priorities = declared;
        self
    }
}

/// The text, one line a value.
#[derive(Default)]
struct Book(String);

impl Book {
    fn place(&mut self, pointer: &str, value: &str) -> Place {
        let start = self.0.len() + pointer.len() + 2;
        self.0.push_str(&format!("{pointer}: {value}\n"));
        Place::new(pointer, Span::new(start, start + value.len()))
    }

    fn located<T>(&mut self, pointer: &str, text: &str, value: T) -> Located<T> {
        Located::new(value, self.place(pointer, text))
    }
}

fn topology(book: &mut Book, end: &str, roles: &End) -> Topology {
    let place = book.place(&format!("/spec/{end}"), "{…}");
    let mut list = |role: &str, names: &[&str]| -> Vec<Located<MachineName>> {
        names.iter().enumerate().map(|(index, name)| book.located(&format!("/spec/{end}/{role}/{index}"), name, machine(name))).collect()
    };
    let control_plane = list("controlPlane", &roles.control_plane);
    let workers = list("workers", &roles.workers.iter().map(String::as_str).collect::<Vec<_>>());
    let etcd = list("etcd", &roles.etcd);
    let virtual_ip = list("virtualIp", &roles.virtual_ip);
    let join = roles.join.map_or(JoinAddress::VirtualIp, |name| JoinAddress::Machine(machine(name)));
    let join_address = book.located(&format!("/spec/{end}/joinAddress"), roles.join.unwrap_or("virtualIp"), join);
    Topology::new([control_plane, workers, etcd, virtual_ip], join_address, place)
}

fn declared(book: &mut Book, name: &MachineName) -> Machine {
    let ssh = Ssh { user: UserName::parse("root").unwrap(), port: Port::new(22).unwrap() };
    let place = book.place(&format!("/spec/machines/{name}"), "{}");
    Machine {
        name: name.clone(),
        address: IpAddr::from([10, 0, 0, 1]),
        ssh,
        leftovers: Leftovers::Refuse,
        pods: None,
        state: MachineState::Running,
        os: OperatingSystems::default(),
        place,
    }
}

fn cluster(book: &mut Book) -> Cluster {
    let path = |text: &str| AbsolutePath::parse(text).unwrap();
    let secret = |text: &str| SecretReference::File(path(text));
    let k3s = K3s {
        version: book.located("/spec/cluster/version", "v1.24.17+k3s1", K3sVersion::parse("v1.24.17+k3s1").unwrap()),
        datastore: Datastore::External,
        runtime: Runtime::Containerd,
        https_listen_port: Port::new(6443).unwrap(),
        token: secret("/etc/token"),
        binary: path("/opt/k3s"),
        install_script: path("/opt/install.sh"),
        images: Vec::new(),
        server_config: IndexMap::new(),
        agent_config: IndexMap::new(),
        ocboot: None,
    };
    let etcd = EtcdSettings {
        api: EtcdApi::V3,
        process: EtcdProcess::Service,
        client_port: Port::new(2379).unwrap(),
        peer_port: Port::new(2380).unwrap(),
        data_dir: path("/var/lib/etcd"),
        binary_directory: path("/usr/local/bin"),
        cluster_token: Token::parse("token").unwrap(),
        user: UserName::parse("etcd").unwrap(),
        tls: EtcdTls::None,
        member_names: IndexMap::new(),
        flags: IndexMap::new(),
        place: book.place("/spec/cluster/etcd", "{…}"),
    };
    let virtual_ip = VirtualIp {
        address: book.located("/spec/cluster/virtualIp/address", "10.0.0.100/24", Cidr::parse("10.0.0.100/24").unwrap()),
        instance: Token::parse("VI_1").unwrap(),
        interface: InterfaceName::parse("eth0").unwrap(),
        router_id: RouterId::new(66).unwrap(),
        password: Some(secret("/etc/keepalived/password")),
        source_priorities: IndexMap::new(),
        place: book.place("/spec/cluster/virtualIp", "{…}"),
    };
    Cluster {
        name: ClusterName::parse("story").unwrap(),
        distribution: Distribution::K3s(Box::new(k3s)),
        etcd,
        virtual_ip: Some(virtual_ip),
        balancer: None,
    }
}

/// A step before it has a standing.
#[derive(Clone, Debug)]
pub struct Draft {
    pub phase: Phase,
    pub name: String,
    pub action: Action,
    pub needs: Vec<StepId>,
}

impl Draft {
    pub fn new(phase: Phase, name: impl Into<String>, action: Action, needs: &[&Draft]) -> Self {
        Self { phase, name: name.into(), action, needs: needs.iter().map(|draft| draft.id()).collect() }
    }

    pub fn id(&self) -> StepId {
        StepId::new(self.phase, &self.name)
    }
}

/// The plan of some drafts, each step made for its moment. Needs that are not in the plan are dropped, so that a draft can be
/// taken out without leaving traces.
pub fn plan(migration: &Migration, drafts: &[Draft]) -> Plan {
    let mut standing = at_source(migration);
    let places = places(migration);
    let has_inventory = migration.cluster.distribution.has_inventory();
    let ids: std::collections::BTreeSet<_> = drafts.iter().map(Draft::id).collect();
    let steps = drafts.iter().map(|draft| {
        let step = Step {
            id: draft.id(),
            phase: draft.phase,
            action: draft.action.clone(),
            because: draft.action.machine().and_then(|name| places.get(name)).unwrap_or(&migration.target.place).clone(),
            needs: draft.needs.iter().filter(|need| ids.contains(need)).cloned().collect(),
            standing: Arc::new(standing.clone()),
        };
        advance(&mut standing, &draft.action, has_inventory);
        step
    });
    Plan { steps: steps.collect() }
}

/// The line of the target, or else of the source, that names the machine.
fn places(migration: &Migration) -> IndexMap<MachineName, Place> {
    let mut places = IndexMap::new();
    for end in [&migration.target, &migration.source] {
        for role in end.etcd.iter().chain(end.nodes()) {
            places.entry(role.value.clone()).or_insert_with(|| role.place.clone());
        }
    }
    places
}

/// The source as its steps find it.
fn at_source(migration: &Migration) -> Standing {
    let source = &migration.source;
    let names = |roles: &[Located<MachineName>]| roles.iter().map(|role| role.value.clone()).collect::<Vec<_>>();
    let alive = |roles| names(roles).into_iter().filter(|name| !migration.is_failed(name)).collect();
    let inventory = match migration.cluster.distribution.role_travel() {
        RoleTravel::Apart | RoleTravel::WithTheServer => Inventory::default(),
        RoleTravel::Together => {
            Inventory { control_plane: names(&source.control_plane), workers: names(&source.workers), etcd: names(&source.etcd) }
        }
    };
    Standing { etcd: alive(&source.etcd), api: alive(&source.control_plane), virtual_ip: alive(&source.virtual_ip), inventory }
}

fn advance(standing: &mut Standing, action: &Action, has_inventory: bool) {
    let add = |list: &mut Vec<MachineName>, name: &MachineName| {
        if !list.contains(name) {
            list.push(name.clone());
        }
    };
    match action {
        Action::AddEtcdMember { machine, .. } => add(&mut standing.etcd, machine),
        Action::RemoveEtcdMember { machine, .. } => standing.etcd.retain(|name| name != machine),
        Action::AddControlPlane { machine, .. } => add(&mut standing.api, machine),
        Action::HandOverControlPlane { from, to, .. } => {
            standing.api.retain(|name| name != from);
            add(&mut standing.api, to);
        }
        Action::StartVirtualIp { machine, .. } => add(&mut standing.virtual_ip, machine),
        Action::HandOverVirtualIp { leaving } => standing.virtual_ip.retain(|name| !leaving.contains(name)),
        Action::RemoveNode { machine, .. } | Action::DemoteControlPlane { machine } => {
            standing.api.retain(|name| name != machine);
            standing.virtual_ip.retain(|name| name != machine);
        }
        Action::JoinCluster { machine, roles, .. } => {
            if has_inventory {
                standing.inventory.list(machine, roles);
            }
            roles.contains(&MachineRole::EtcdMember).then(|| add(&mut standing.etcd, machine));
            roles.contains(&MachineRole::ControlPlane).then(|| add(&mut standing.api, machine));
        }
        Action::LeaveCluster { machine, unlisted, .. } => {
            standing.etcd.retain(|name| name != machine);
            standing.api.retain(|name| name != machine);
            unlisted.iter().for_each(|name| standing.inventory.unlist(name));
        }
        Action::ReorderInventory { control_plane, etcd } => {
            standing.inventory.control_plane.clone_from(control_plane);
            standing.inventory.etcd.clone_from(etcd);
        }
        _ => {}
    }
}
