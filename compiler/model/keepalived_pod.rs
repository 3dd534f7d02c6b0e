//! keepalived as a static pod on every server, configured by whoever installs servers: router id, password and priorities follow from
//! the address alone.
//!
//! A candidate outside of this scheme would need the same router id and password to share the address. Does not know who runs it.

use std::net::Ipv4Addr;

use super::RouterId;

/// Where the kubelet of k3s finds the pod (ocboot v4.0.3: roles/k3s/config).
pub const MANIFEST: &str = "/var/lib/rancher/k3s/agent/pod-manifests/keepalived.yaml";

/// What an installer gives to the candidates that come with its servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GivenPriorities {
    /// The one that it calls the first.
    pub first: u8,
    /// All others; of those the higher address wins (VRRP: RFC 5798, section 6.4.3).
    pub others: u8,
}

/// ocboot v4.0.3: the primary and the others.
pub const PRIORITIES: GivenPriorities = GivenPriorities { first: 100, others: 90 };

/// The digits of the address as one number, modulo 255; 100 in place of 0. Not the last part of the address, but where it happens to be
/// (ocboot v4.0.3: 10.127.190.10 has 25).
pub fn router_id(address: Ipv4Addr) -> Option<RouterId> {
    let digits = address.octets().iter().map(u8::to_string).collect::<String>();
    let remainder = digits.parse::<u64>().ok()? % 255;
    RouterId::new(if remainder == 0 { 100 } else { remainder }).ok()
}

/// The first eight characters of the address in base64: six bytes. The same for all of 192.16x, so that it keeps nothing secret.
pub fn password(address: Ipv4Addr) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text = address.to_string();
    // An address has seven characters or more.
    let groups = text.as_bytes().chunks_exact(3).take(2);
    let letters = groups.flat_map(|group| {
        let bits = group.iter().fold(0_usize, |bits, byte| (bits << 8) | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| (bits >> shift) & 63)
    });
    letters.filter_map(|index| ALPHABET.get(index)).map(|letter| char::from(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_router_id_is_all_digits_and_not_the_last_ones() {
        let id = |text: &str| router_id(text.parse().unwrap()).unwrap().get();
        assert_eq!(["192.168.0.66", "10.127.190.10", "172.18.5.224"].map(id), [66, 25, 44]);
        // 255 divides the number: 0 is no router id.
        assert_eq!(id("0.0.0.255"), 100);
    }

    #[test]
    fn the_password_is_the_beginning_of_the_address() {
        let of = |text: &str| password(text.parse().unwrap());
        assert_eq!(of("192.168.0.66"), "MTkyLjE2");
        assert_eq!(of("192.169.4.1"), "MTkyLjE2");
        assert_eq!(of("10.127.190.10"), "MTAuMTI3");
        assert_eq!(of("1.1.1.1"), "MS4xLjEu");
    }
}
