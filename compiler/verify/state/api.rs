//! API servers: whether each serves, where it keeps its data, what its certificate covers.
//!
//! Does not know which addresses lead to them.

use indexmap::IndexMap;

use crate::model::{MachineName, Topology};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serving {
    Up,
    /// Down for the length of a restart. Clients that know other servers go on with those.
    Restarting,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    CoversVirtualIp,
    /// Made when there was no virtual IP.
    WithoutVirtualIp,
}

#[derive(Debug, Clone)]
pub struct ApiServer {
    pub serving: Serving,
    pub datastore: Vec<MachineName>,
    pub certificate: Certificate,
}

/// In the order in which they joined.
#[derive(Debug, Clone)]
pub struct ApiServers(IndexMap<MachineName, ApiServer>);

impl ApiServers {
    /// The spec does not say which members each API server of the source uses: all of them is what every tool sets up.
    pub fn of(topology: &Topology) -> Self {
        let datastore: Vec<_> = topology.etcd.iter().map(|role| role.value.clone()).collect();
        let certificate = if topology.virtual_ip.is_empty() { Certificate::WithoutVirtualIp } else { Certificate::CoversVirtualIp };
        let server = |role: &MachineName| (role.clone(), ApiServer { serving: Serving::Up, datastore: datastore.clone(), certificate });
        Self(topology.control_plane.iter().map(|role| server(&role.value)).collect())
    }

    pub fn get(&self, machine: &MachineName) -> Option<&ApiServer> {
        self.0.get(machine)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&MachineName, &ApiServer)> {
        self.0.iter()
    }

    /// Those that serve at this moment.
    pub fn serving(&self) -> impl Iterator<Item = &MachineName> {
        self.0.iter().filter(|(_, server)| server.serving == Serving::Up).map(|(name, _)| name)
    }

    /// A new or newly configured server; its certificate covers what the target needs.
    pub fn configure(&mut self, machine: &MachineName, datastore: &[MachineName]) {
        let server = ApiServer { serving: Serving::Up, datastore: datastore.to_vec(), certificate: Certificate::CoversVirtualIp };
        self.0.insert(machine.clone(), server);
    }

    pub fn set_serving(&mut self, machine: &MachineName, serving: Serving) {
        if let Some(server) = self.0.get_mut(machine) {
            server.serving = serving;
        }
    }

    pub fn remove(&mut self, machine: &MachineName) {
        self.0.shift_remove(machine);
    }
}
