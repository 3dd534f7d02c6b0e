//! API servers: whether each serves, where it keeps its data, what its certificate covers.
//!
//! Does not know which addresses lead to them.

use indexmap::IndexMap;

use crate::model::{MachineName, Migration};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serving {
    Up,
    /// Down for the length of a restart. Clients that know other servers go on with those.
    Restarting,
    /// Down for good, and still named by clients that look for another.
    Stopped,
    /// On a machine that does not answer.
    Failed,
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
    /// The spec does not say which members each API server of the source uses: all of them, or its own, is what tools set up.
    pub fn of(migration: &Migration) -> Self {
        let source = &migration.source;
        let all: Vec<_> = source.etcd.iter().map(|role| role.value.clone()).collect();
        let own = migration.cluster.distribution.api_server_uses_its_own_member();
        let certificate = if source.virtual_ip.is_empty() { Certificate::WithoutVirtualIp } else { Certificate::CoversVirtualIp };
        let server = |name: &MachineName| {
            let serving = if migration.is_failed(name) { Serving::Failed } else { Serving::Up };
            let datastore = if own { vec![name.clone()] } else { all.clone() };
            (name.clone(), ApiServer { serving, datastore, certificate })
        };
        Self(source.control_plane.iter().map(|role| server(&role.value)).collect())
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

    /// Every API server keeps its data on these members.
    pub fn set_datastores(&mut self, datastore: &[MachineName]) {
        self.0.values_mut().for_each(|server| server.datastore = datastore.to_vec());
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
