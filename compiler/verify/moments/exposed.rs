//! Fails every host at one moment.
//!
//! Only etcd members, control planes and candidates for the virtual IP are failed. A worker carries neither quorum nor the API
//! nor the address, so its loss can break none of the three; that keeps a moment's work independent of the number of workers.

use crate::ir::Exposure;
use crate::model::{Label, MachineName, Migration};
use crate::verify::state::State;

/// What the loss of one host would do.
#[derive(Debug, Clone, Default)]
pub struct Exposed {
    /// Hosts whose failure loses etcd's quorum, the API or the virtual IP, by name.
    pub fatal: Vec<MachineName>,
    /// Hosts whose failure leaves no API server with a live member of etcd.
    pub fatal_to_api: Vec<MachineName>,
}

impl Exposed {
    pub fn at(state: &State, migration: &Migration) -> Self {
        let mut exposed = Self::default();
        for host in critical(state, migration) {
            let api = !api_survives(state, host);
            if api {
                exposed.fatal_to_api.push(host.clone());
            }
            if api || !quorum_survives(state, host) || !virtual_ip_survives(state, migration, host) {
                exposed.fatal.push(host.clone());
            }
        }
        exposed
    }
}

/// The hosts that can matter, by name.
fn critical<'a>(state: &'a State, migration: &Migration) -> Vec<&'a MachineName> {
    let api = state.api.iter().map(|(name, _)| name);
    let mut hosts: Vec<_> = state.etcd.voters().chain(api).chain(state.virtual_ip.candidates.keys()).collect();
    hosts.sort_by_cached_key(|host| (migration.machines.get_index_of(*host), *host));
    hosts.dedup();
    hosts
}

fn quorum_survives(state: &State, failed: &MachineName) -> bool {
    let live = state.etcd.live_count() - usize::from(state.etcd.is_live_voter(failed));
    live >= state.etcd.quorum()
}

/// An API server counts only with a live voter left in its list.
fn api_survives(state: &State, failed: &MachineName) -> bool {
    state.reachable().filter(|name| *name != failed).any(|name| has_live_voter(state, name, failed))
}

fn has_live_voter(state: &State, server: &MachineName, failed: &MachineName) -> bool {
    let listed = state.api.get(server).map(|server| server.datastore.iter());
    listed.is_some_and(|mut members| members.any(|member| member != failed && state.etcd.is_live_voter(member)))
}

fn virtual_ip_survives(state: &State, migration: &Migration, failed: &MachineName) -> bool {
    let mut candidates = state.virtual_ip.candidates.keys().filter(|name| *name != failed);
    let serves = |name: &MachineName| name != failed && state.serves(name) && has_live_voter(state, name, failed);
    let answers = |name: &MachineName| match (&migration.cluster.balancer, state.balancers.upstreams(name)) {
        (None, _) => serves(name),
        (Some(_), Some(upstreams)) => upstreams.iter().any(serves),
        (Some(_), None) => false,
    };
    !state.virtual_ip_is_published(migration) || candidates.any(answers)
}

/// How many volumes of each application are there.
fn volumes(state: &State) -> Vec<(Label, usize)> {
    state.storage.iter().map(|(name, application)| (name.clone(), application.there().len())).collect()
}

/// The worst of the moments inside a step, each quantity for itself.
#[derive(Debug, Clone, Default)]
pub struct Worst(Option<Exposure>);

impl Worst {
    pub fn see(&mut self, state: &State, exposed: &Exposed, migration: &Migration) {
        let (tolerance, servers) = (state.etcd.tolerance(), state.api.serving().count());
        match &mut self.0 {
            None => {
                self.0 = Some(Exposure {
                    etcd_tolerance: tolerance,
                    fatal_hosts: exposed.fatal.clone(),
                    api_servers: servers,
                    storage: volumes(state),
                })
            }
            Some(worst) => {
                worst.etcd_tolerance = worst.etcd_tolerance.min(tolerance);
                worst.api_servers = worst.api_servers.min(servers);
                for ((_, fewest), (_, there)) in worst.storage.iter_mut().zip(volumes(state)) {
                    *fewest = there.min(*fewest);
                }
                worst.fatal_hosts.extend(exposed.fatal.iter().cloned());
                worst.fatal_hosts.sort_by_key(|host| (migration.machines.get_index_of(host), host.clone()));
                worst.fatal_hosts.dedup();
            }
        }
    }

    pub fn into_exposure(self) -> Option<Exposure> {
        self.0
    }
}
