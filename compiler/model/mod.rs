//! What the user meant: valid by construction.
//!
//! Responsible for: types that cannot hold nonsense, and resolving the spec into them (`resolve`).
//! Does not know: steps, tools, or files. `resolve/` alone imports `spec`.

mod address;
mod balancer;
mod cluster;
mod etcd_process;
mod expression;
mod k3s;
pub mod keepalived_pod;
mod kubeadm;
mod kubean;
mod machine;
mod migration;
mod name;
mod ocboot;
mod operating_system;
mod playbook;
mod policy;
mod resolve;
mod storage;
mod systemd;
mod topology;

pub use address::{Cidr, Port};
pub use balancer::{Balancer, BalancerConfiguration};
pub use cluster::{
    Cluster, Distribution, EtcdApi, EtcdSettings, EtcdTls, PodsOnControlPlanes, RoleTravel, TlsFiles, VirtualIp, WorkerAccess,
};
pub use etcd_process::{EtcdProcess, StaticPod};
pub use expression::Expression;
pub use k3s::{Datastore, K3s, K3sVersion, Runtime};
pub use kubeadm::{Calico, Kubeadm, Monitoring};
pub use kubean::{
    Around, EtcdDeployment, HookScope, Image, Import, ImportTool, KubeVersion, KubeVersionForm, Kubean, LoadBalancer, Offline,
    PlaybookHook, PlaybookMoment, Release,
};
pub use machine::{Leftovers, Machine, MachineState, OperatingSystems, Pods, Ssh};
pub use migration::{Acceptance, AcceptanceScope, Hook, HookAnchor, HookCommand, HookMoment, HookPlace, Migration, Temporary};
pub use name::{
    AbsolutePath, ClusterName, EnvironmentName, FlagName, FlagValue, HookId, InterfaceName, Label, MachineName, MemberName, MigrationName,
    NameError, ObjectName, PlainWord, RouterId, SecretReference, Token, UserName,
};
pub use ocboot::{Database, HostName, ImageRepository, Ocboot, OcbootRelease, Runner, Stack};
pub use operating_system::{Family, OperatingSystem};
pub use playbook::PLAYBOOKS;
pub use policy::{EtcdJoin, Order, Policy};
pub use resolve::resolve;
pub use storage::{Application, Data, Operator, Owner, Volume};
pub use systemd::{Component, Dns, Flannel, Setting, SettingForm, Systemd};
pub use topology::{JoinAddress, Topology};
