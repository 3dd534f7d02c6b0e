//! What only k3s has: its version, its server settings, and the files that its installation needs.
//!
//! Planning and judging never read this file's types; only `lower/k3s` does.

use std::fmt;

use indexmap::IndexMap;

use super::{AbsolutePath, NameError, Ocboot, Port, SecretReference};
use crate::source::Located;

/// A k3s cluster.
#[derive(Debug, Clone)]
pub struct K3s {
    pub version: Located<K3sVersion>,
    pub datastore: Datastore,
    pub runtime: Runtime,
    pub https_listen_port: Port,
    pub token: SecretReference,
    /// On every machine that joins: the k3s binary, the install script of the same release, image archives.
    pub binary: AbsolutePath,
    pub install_script: AbsolutePath,
    pub images: Vec<AbsolutePath>,
    /// Further keys of `/etc/rancher/k3s/config.yaml`, checked against those that k3s knows and replank leaves free.
    pub server_config: IndexMap<String, serde_json::Value>,
    pub agent_config: IndexMap<String, serde_json::Value>,
    /// Whoever installs servers; none where the plan does it itself.
    pub ocboot: Option<Ocboot>,
}

/// Where k3s keeps the cluster's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Datastore {
    /// An etcd that k3s is told of.
    External,
    /// Every server is a member of etcd, in the same process: it joins with the server, and leaves when the node is deleted.
    Embedded,
}

/// Which container runtime the kubelet uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runtime {
    /// The one inside k3s. It imports image archives by itself.
    Containerd,
    /// A docker on the machine (`--docker`). Images must be loaded into it.
    Docker,
}

/// A k3s release: `v1.24.17+k3s1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct K3sVersion {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
    pub build: u32,
}

impl K3sVersion {
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let read = || {
            let (numbers, build) = text.strip_prefix('v')?.split_once("+k3s")?;
            let mut numbers = numbers.split('.').map(decimal);
            let version = Self { major: numbers.next()??, minor: numbers.next()??, patch: numbers.next()??, build: decimal(build)? };
            numbers.next().is_none().then_some(version)
        };
        read().ok_or_else(|| NameError("expected a k3s release such as v1.24.17+k3s1".into()))
    }
}

/// A number as releases write it: digits only, no leading zero.
fn decimal(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

impl fmt::Display for K3sVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "v{}.{}.{}+k3s{}", self.major, self.minor, self.patch, self.build)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_reads_back_as_it_was_written() {
        for text in ["v1.24.17+k3s1", "v1.30.3+k3s12"] {
            assert_eq!(K3sVersion::parse(text).map(|version| version.to_string()), Ok(text.to_owned()));
        }
        for bad in ["1.24.17+k3s1", "v1.24+k3s1", "v1.24.17", "v1.24.17+k3s", "v1.024.17+k3s1", "v1.24.17.1+k3s1", "v1.+2.1+k3s1"] {
            assert!(K3sVersion::parse(bad).is_err(), "{bad}");
        }
    }
}
