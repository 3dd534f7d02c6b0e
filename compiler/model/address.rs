//! Addresses and ports that have been parsed.
//!
//! Does not know which machine has which address.

use std::fmt;
use std::net::IpAddr;

use super::NameError;

/// A TCP port: 1 to 65535.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Port(u16);

impl Port {
    /// Where an API server listens unless it is told otherwise.
    pub const KUBERNETES: Port = Port(6443);
    /// Where etcd answers clients, and where its members meet (etcd, "--listen-client-urls", "--listen-peer-urls").
    pub const ETCD_CLIENT: Port = Port(2379);
    pub const ETCD_PEER: Port = Port(2380);
    /// Where a member of etcd that runs as a pod answers its kubelet, on the loopback (kubeadm's own choice).
    pub const ETCD_METRICS: Port = Port(2381);

    pub fn new(number: u64) -> Result<Self, NameError> {
        match u16::try_from(number) {
            Ok(port) if port > 0 => Ok(Self(port)),
            _ => Err(NameError("expected a TCP port from 1 to 65535".into())),
        }
    }

    pub fn get(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Port {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// An address with the length of its network's prefix, such as `10.20.0.100/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    pub address: IpAddr,
    pub prefix: u8,
}

impl Cidr {
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let wrong = || NameError("expected an address with its prefix length, such as 10.20.0.100/24".into());
        let (address, prefix) = text.split_once('/').ok_or_else(wrong)?;
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let prefix: u8 = prefix.parse().map_err(|_| wrong())?;
        if prefix == 0 || prefix > Self::bits(address) {
            return Err(wrong());
        }
        Ok(Self { address, prefix })
    }

    /// Whether an address lies in this network. Families never mix.
    pub fn contains(&self, other: IpAddr) -> bool {
        let shift = u32::from(Self::bits(self.address) - self.prefix);
        match (self.address, other) {
            (IpAddr::V4(own), IpAddr::V4(other)) => (u32::from(own) >> shift) == (u32::from(other) >> shift),
            (IpAddr::V6(own), IpAddr::V6(other)) => (u128::from(own) >> shift) == (u128::from(other) >> shift),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }

    /// The network's own address: what is left without the bits of a host.
    pub fn network(&self) -> IpAddr {
        let shift = u32::from(Self::bits(self.address) - self.prefix);
        match self.address {
            IpAddr::V4(own) => IpAddr::from(((u32::from(own) >> shift) << shift).to_be_bytes()),
            IpAddr::V6(own) => IpAddr::from(((u128::from(own) >> shift) << shift).to_be_bytes()),
        }
    }

    /// The first address in it for anybody: in the network of services the one of the API (Kubernetes, service `kubernetes`).
    pub fn first(&self) -> IpAddr {
        match self.network() {
            IpAddr::V4(own) => IpAddr::from((u32::from(own) | 1).to_be_bytes()),
            IpAddr::V6(own) => IpAddr::from((u128::from(own) | 1).to_be_bytes()),
        }
    }

    /// Whether two networks have an address in common.
    pub fn overlaps(&self, other: &Cidr) -> bool {
        self.contains(other.address) || other.contains(self.address)
    }

    fn bits(address: IpAddr) -> u8 {
        if address.is_ipv4() { 32 } else { 128 }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_neighbours_and_nobody_else() {
        let Ok(net) = Cidr::parse("10.20.0.100/24") else { panic!("parses") };
        assert!(net.contains(IpAddr::from([10, 20, 0, 7])));
        assert!(!net.contains(IpAddr::from([10, 20, 1, 7])));
        assert!(!net.contains("2001:db8::1".parse().unwrap_or(IpAddr::from([0, 0, 0, 0]))));
    }

    #[test]
    fn a_network_has_an_address_of_its_own_and_a_first_one() {
        let shown = |text: &str| Cidr::parse(text).map(|net| format!("{} {}", net.network(), net.first())).unwrap_or_default();
        assert_eq!(shown("10.96.3.4/12"), "10.96.0.0 10.96.0.1");
        assert_eq!(shown("fd00::8:1/112"), "fd00::8:0 fd00::8:1");
        let overlap = |one: &str, other: &str| Cidr::parse(one).is_ok_and(|one| Cidr::parse(other).is_ok_and(|other| one.overlaps(&other)));
        assert!(overlap("10.96.0.0/12", "10.100.0.0/16") && overlap("10.100.0.0/16", "10.96.0.0/12"));
        assert!(!overlap("10.40.0.0/16", "10.96.0.0/12") && !overlap("10.40.0.0/16", "fd00::/8"));
    }

    #[test]
    fn a_prefix_beyond_the_family_is_refused() {
        for bad in ["10.0.0.1/33", "10.0.0.1", "10.0.0.1/0", "::1/129", "x/24"] {
            assert!(Cidr::parse(bad).is_err(), "{bad}");
        }
    }
}
