//! The addresses that a feed may live at. They are looked at after the name is resolved, and the connection goes to the
//! very address that was looked at.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// A name resolves to addresses of which none is public.
#[derive(Debug, thiserror::Error)]
#[error("no public address")]
pub(super) struct NoPublicAddress;

/// Resolves names to their public addresses only.
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        Box::pin(async move {
            let all = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Addrs = Box::new(public(all)?.into_iter());
            Ok(addresses)
        })
    }
}

/// Those that may be connected to. A name is resolved anew for each connection, and its answer judged each time: one
/// that is public now and private a moment later (DNS rebinding) leads nowhere.
fn public(all: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, NoPublicAddress> {
    let public: Vec<SocketAddr> = all.filter(|address| is_public(address.ip())).collect();
    if public.is_empty() {
        return Err(NoPublicAddress);
    }
    Ok(public)
}

/// Whether a failure to connect was our own refusal.
pub(super) fn refused(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<NoPublicAddress>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Whether anyone on the internet may be at `address`.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Source: IANA's registry of special-purpose IPv4 addresses.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || 240 <= a
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b));
    !special
}

/// Only `2000::/3` is given out; what in it carries an IPv4 address is judged by that. Source: IANA's registry.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, ..] = address.segments();
    let embedded = |high: u16, low: u16| {
        let [one, two] = high.to_be_bytes();
        let [three, four] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(one, two, three, four))
    };
    match (a, b) {
        (0x2002, high) => embedded(high, c),
        (0x2001, 0x0db8 | 0x0000..=0x01ff) => false,
        (0x3fff, _) if b < 0x1000 => false,
        _ => (a & 0xe000) == 0x2000 && (a, b, c, d) != (0, 0, 0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_to_its_public_addresses_only() {
        let resolved = |addresses: &[&str]| {
            let addresses: Vec<SocketAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
            public(addresses.into_iter())
        };
        let mixed = resolved(&["127.0.0.1:443", "8.8.8.8:443", "[::1]:443", "[fd00::1]:443"]);
        assert_eq!(mixed.unwrap(), ["8.8.8.8:443".parse().unwrap()]);
        for inside in [
            &["10.0.0.1:443", "[::ffff:10.0.0.1]:443"][..],
            &["169.254.169.254:80"],
            &[],
        ] {
            assert!(resolved(inside).is_err(), "{inside:?}");
        }
    }

    #[tokio::test]
    async fn a_name_of_the_house_is_refused_when_it_is_resolved() {
        service::start::install_crypto();
        let client = reqwest::Client::builder()
            .dns_resolver(std::sync::Arc::new(PublicOnly))
            .build()
            .unwrap();
        let error = client.get("http://localhost:1/").send().await.unwrap_err();
        assert!(refused(&error), "{error:?}");
    }

    #[test]
    fn only_addresses_that_anyone_may_have_are_public() {
        for address in [
            "8.8.8.8",
            "200.45.191.35",
            "2800:3f0:4002::1",
            "2002:0808:0808::1",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.0.192",
            "198.18.0.1",
            "203.0.113.5",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }
}
