//! ocboot's configuration file, as types: who is its primary, and everybody else that has a server.
//!
//! Keys and their meaning: ocboot master-v3.11 to master-v4.0 (facts of `lib/` and `onecloud/roles`). Groups that would install something
//! (`mariadb_node`, `registry_node`) have no type here. Who is listed is read off the step's
//! moment.

use serde::Serialize;

use crate::ir::Step;
use crate::model::{MachineName, Migration, Ocboot};

/// Stands for the database's password, which the command puts in when it runs.
pub const PASSWORD_MARKER: &str = "REPLANK_DATABASE_PASSWORD";

/// What ocboot gives as `--token` to every server, and has no key for (`lib/ocboot.py`, v3.11 to v4.0). Everybody may read it there.
pub const TOKEN: &str = "mytoken@yunionio";

/// The whole file.
#[derive(Debug, Clone, Serialize)]
pub struct Configuration {
    pub primary_master_node: Primary,
    pub master_nodes: Masters,
}

/// The server that ocboot asks, and to which it gives the virtual IP. Whatever is not written here gets a default of ocboot's, so that
/// everything is written that the OnecloudCluster is made of.
#[derive(Debug, Clone, Serialize)]
pub struct Primary {
    #[serde(flatten)]
    pub host: Host,
    use_local: bool,
    onecloud_version: String,
    /// Without it, or where it differs from the stack, `run.py` rewrites this file.
    pub product_version: &'static str,
    db_host: String,
    db_user: String,
    db_password: &'static str,
    db_port: String,
    image_repository: String,
    controlplane_host: String,
    controlplane_port: String,
    as_host: bool,
    /// Without it ocboot makes no host of a machine that is virtual itself.
    as_host_on_vm: bool,
    high_availability: bool,
    use_ee: bool,
    enable_minio: bool,
    pod_network_cidr: String,
    service_cidr: String,
    service_dns_domain: String,
    region: String,
    zone: String,
}

/// All other servers that answer, and the newcomer last.
#[derive(Debug, Clone, Serialize)]
pub struct Masters {
    controlplane_host: String,
    controlplane_port: String,
    as_controller: bool,
    as_host: bool,
    as_host_on_vm: bool,
    high_availability: bool,
    pub hosts: Vec<Host>,
}

/// How ocboot reaches a machine, and what it is to the cluster.
#[derive(Debug, Clone, Serialize)]
pub struct Host {
    pub hostname: String,
    user: String,
    port: String,
    node_ip: String,
    /// `<interface>/br0/<address>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    host_networks: Option<String>,
}

impl Configuration {
    /// For the step that adds `newcomer`.
    pub fn of(migration: &Migration, step: &Step, ocboot: &Ocboot, newcomer: &MachineName) -> Option<Self> {
        let primary = primary(migration)?;
        let address = migration.cluster.virtual_ip.as_ref()?.address.value.address.to_string();
        let port = migration.cluster.distribution.api_port().to_string();
        let others = step.standing.api.iter().filter(|name| *name != primary && *name != newcomer);
        let hosts = others.chain([newcomer]).map(|name| host(migration, ocboot, name)).collect::<Option<Vec<_>>>()?;
        Some(Self {
            primary_master_node: Primary {
                host: host(migration, ocboot, primary)?,
                use_local: false,
                onecloud_version: ocboot.onecloud_version.value.to_string(),
                product_version: ocboot.stack.product_version(),
                db_host: ocboot.database.host.value.as_str().into(),
                db_user: ocboot.database.user.to_string(),
                db_password: PASSWORD_MARKER,
                db_port: ocboot.database.port.to_string(),
                image_repository: ocboot.image_repository.as_str().into(),
                controlplane_host: address.clone(),
                controlplane_port: port.clone(),
                as_host: ocboot.as_host,
                as_host_on_vm: ocboot.as_host,
                high_availability: true,
                use_ee: false,
                enable_minio: ocboot.enable_minio,
                pod_network_cidr: ocboot.pods.value.to_string(),
                service_cidr: ocboot.services.value.to_string(),
                service_dns_domain: ocboot.domain.as_str().into(),
                region: ocboot.region.to_string(),
                zone: ocboot.zone.to_string(),
            },
            master_nodes: Masters {
                controlplane_host: address,
                controlplane_port: port,
                as_controller: ocboot.as_controller,
                as_host: ocboot.as_host,
                as_host_on_vm: ocboot.as_host,
                high_availability: true,
                hosts,
            },
        })
    }
}

/// The first candidate of the target, which stays and answers.
pub fn primary(migration: &Migration) -> Option<&MachineName> {
    migration.target.virtual_ip.first().map(|role| &role.value)
}

fn host(migration: &Migration, ocboot: &Ocboot, name: &MachineName) -> Option<Host> {
    let machine = migration.machines.get(name)?;
    let address = machine.address.to_string();
    let interface = ocboot.host_networks.get(name).filter(|_| ocboot.as_host);
    Some(Host {
        hostname: address.clone(),
        user: machine.ssh.user.to_string(),
        port: machine.ssh.port.to_string(),
        host_networks: interface.map(|interface| format!("{interface}/br0/{address}")),
        node_ip: address,
    })
}
