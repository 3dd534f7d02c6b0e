//! What only a cluster has whose servers ocboot installs: its release, its stack, the database, the networks.
//!
//! Planning and judging never read this file's types; only `lower/k3s/ocboot` does. Facts are of ocboot master-v3.11 to master-v4.0.

use std::fmt;

use indexmap::IndexMap;

use super::{AbsolutePath, Cidr, InterfaceName, K3sVersion, MachineName, NameError, PlainWord, Port, Release, SecretReference};
use crate::source::{Located, Place};

/// ocboot, and what it must be told so that it changes nothing of what runs.
#[derive(Debug, Clone)]
pub struct Ocboot {
    pub release: Located<OcbootRelease>,
    pub directory: AbsolutePath,
    pub runner: Runner,
    pub stack: Stack,
    pub onecloud_version: Located<Release>,
    pub image_repository: ImageRepository,
    pub database: Database,
    pub enable_minio: bool,
    pub as_controller: bool,
    pub as_host: bool,
    /// The interface under `br0`, by machine.
    pub host_networks: IndexMap<MachineName, InterfaceName>,
    pub pods: Located<Cidr>,
    pub services: Located<Cidr>,
    pub domain: HostName,
    pub region: PlainWord,
    pub zone: PlainWord,
    pub place: Place,
}

/// Where ocboot runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runner {
    Workstation,
    Machine(Located<MachineName>),
}

/// A database that is no part of the cluster. ocboot is told of it, and never installs one.
#[derive(Debug, Clone)]
pub struct Database {
    pub host: Located<HostName>,
    pub port: Port,
    pub user: PlainWord,
    pub password: SecretReference,
}

/// What ocboot installs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stack {
    Full,
    Cmp,
    Virt,
    LightVirt,
    Ai,
}

impl Stack {
    /// The word that `run.py` takes.
    pub fn word(self) -> &'static str {
        match self {
            Stack::Full => "full",
            Stack::Cmp => "cmp",
            Stack::Virt => "virt",
            Stack::LightVirt => "light-virt",
            Stack::Ai => "ai",
        }
    }

    /// The same in its configuration. Where they differ, `run.py` rewrites the file and makes hosts of its machines.
    pub fn product_version(self) -> &'static str {
        match self {
            Stack::Full => "FullStack",
            Stack::Cmp => "CMP",
            Stack::Virt => "Edge",
            Stack::LightVirt => "LightEdge",
            Stack::Ai => "AI",
        }
    }

    /// Whether its servers can run virtual machines.
    pub fn has_hosts(self) -> bool {
        match self {
            Stack::Cmp => false,
            Stack::Full | Stack::Virt | Stack::LightVirt | Stack::Ai => true,
        }
    }
}

/// A release of ocboot, as its tag is called: `master-v4.0.3-4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OcbootRelease {
    pub release: Release,
    pub build: u32,
}

impl OcbootRelease {
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let read = || {
            let (release, build) = text.strip_prefix("master-v")?.rsplit_once('-')?;
            let release = Release::parse(release).ok()?;
            let is_plain = build.bytes().all(|byte| byte.is_ascii_digit()) && (build == "0" || !build.starts_with('0'));
            let build = if is_plain { build.parse().ok()? } else { return None };
            let read = Self { release, build };
            // What reads back otherwise was written in another way.
            (read.to_string() == text).then_some(read)
        };
        read().ok_or_else(|| NameError("expected the tag of a release of ocboot, such as master-v4.0.3-4".into()))
    }

    /// The k3s that it installs, where that is known: v3.11 (the first on k3s) and v4.0 have the same.
    pub fn k3s(self) -> Option<K3sVersion> {
        let known = [(3, 11), (4, 0)].contains(&(self.release.major, self.release.minor));
        known.then_some(K3sVersion { major: 1, minor: 28, patch: 5, build: 1 })
    }
}

impl fmt::Display for OcbootRelease {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "master-{}-{}", self.release, self.build)
    }
}

/// A registry with a path in it, without a tag.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ImageRepository(String);

impl ImageRepository {
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let word = |text: &str| {
            let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            !text.is_empty() && text.split(['.', '_', '-']).all(|part| !part.is_empty() && part.bytes().all(good))
        };
        let (host, path) = text.split_once('/').map_or((text, None), |(host, path)| (host, Some(path)));
        let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
        let is_port = |port: &str| (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
        let good = word(name) && port.is_none_or(is_port) && path.is_none_or(|path| path.split('/').all(word)) && text.len() <= 256;
        if good {
            return Ok(Self(text.to_owned()));
        }
        Err(NameError("expected a registry with a path, such as registry.cn-beijing.aliyuncs.com/yunionio".into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A host's name, or its IPv4 address.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct HostName(String);

impl HostName {
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let good = |byte: u8| byte.is_ascii_alphanumeric();
        let part = |part: &str| {
            let ends = part.bytes().next().is_some_and(good) && part.bytes().last().is_some_and(good);
            ends && part.bytes().all(|byte| good(byte) || byte == b'-')
        };
        if text.split('.').all(part) && text.len() <= 253 {
            return Ok(Self(text.to_owned()));
        }
        Err(NameError("expected a host's name or its IPv4 address: words of letters, digits and `-`, with `.` between them".into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_reads_back_and_says_which_k3s_it_installs() {
        let k3s = |text: &str| OcbootRelease::parse(text).map(|release| release.k3s().map(|version| version.to_string())).ok();
        for text in ["master-v3.11.10-0", "master-v4.0.3-4"] {
            assert_eq!(OcbootRelease::parse(text).unwrap().to_string(), text);
            assert_eq!(k3s(text), Some(Some("v1.28.5+k3s1".into())));
        }
        assert_eq!(k3s("master-v5.0.0-0"), Some(None));
        for bad in ["v4.0.3", "master-4.0.3-0", "master-v4.0.3", "master-v4.0.3-00", "master-v4.0.3-", "master-v4.0.3-1-2"] {
            assert_eq!(k3s(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_host_has_a_name_without_an_empty_part() {
        for good in ["cluster.local", "db-1.example.org", "192.168.0.252", "a"] {
            assert!(HostName::parse(good).is_ok(), "{good}");
        }
        for bad in ["a..b", ".local", "local.", "a.-b", "a-.b", ""] {
            assert!(HostName::parse(bad).is_err(), "{bad}");
        }
    }

    /// ocboot v4.0.3, `run.py`.
    #[test]
    fn every_stack_has_a_word_and_a_product() {
        let stacks = [Stack::Full, Stack::Cmp, Stack::Virt, Stack::LightVirt, Stack::Ai];
        let named = stacks.map(|stack| format!("{}={}", stack.word(), stack.product_version()));
        assert_eq!(named.join(" "), "full=FullStack cmp=CMP virt=Edge light-virt=LightEdge ai=AI");
    }
}
