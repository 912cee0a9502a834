//! The address of whoever calls, believed only as far as we trust who tells it.

use std::net::IpAddr;

use actix_web::HttpRequest;
use ipnet::IpNet;

/// The networks whose `X-Forwarded-For` is believed; none unless set.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

/// A text of `TRUSTED_PROXIES` is no network.
#[derive(Debug, thiserror::Error)]
#[error("TRUSTED_PROXIES holds something that is neither a network nor an address")]
pub(crate) struct InvalidProxy;

impl TrustedProxies {
    /// Reads networks (`10.0.0.0/8`) and addresses (`::1`).
    pub(crate) fn parse(texts: &[String]) -> Result<Self, InvalidProxy> {
        let network = |text: &String| {
            let network = text
                .parse::<IpNet>()
                .or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            network.or(Err(InvalidProxy))
        };
        Ok(Self(texts.iter().map(network).collect::<Result<_, _>>()?))
    }

    /// The caller: the peer, or what trusted proxies say, read from the nearest outwards up to the first one we do not
    /// trust.
    pub(crate) fn caller(&self, request: &HttpRequest) -> Option<IpAddr> {
        let peer = request.peer_addr()?.ip().to_canonical();
        let forwarded = request
            .headers()
            .get_all("x-forwarded-for")
            .filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = forwarded.flat_map(|list| list.split(',')).collect();
        let mut caller = peer;
        for hop in hops.into_iter().rev() {
            if !self.trusts(caller) {
                break;
            }
            let Ok(address) = hop.trim().parse::<IpAddr>() else {
                break;
            };
            caller = address.to_canonical();
        }
        Some(caller)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn caller(trusted: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let texts: Vec<String> = trusted.iter().map(|&text| text.to_owned()).collect();
        let mut request = TestRequest::default().peer_addr(format!("{peer}:1").parse().unwrap());
        for value in forwarded {
            request = request.append_header(("x-forwarded-for", *value));
        }
        let proxies = TrustedProxies::parse(&texts).unwrap();
        proxies.caller(&request.to_http_request()).unwrap().to_string()
    }

    #[test]
    fn nobody_is_believed_about_another_address_unless_trusted() {
        assert_eq!(caller(&[], "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(
            caller(&["10.0.0.0/8"], "203.0.113.9", &["198.51.100.1"]),
            "203.0.113.9"
        );
        assert_eq!(
            caller(&["10.0.0.0/8"], "10.1.1.1", &["198.51.100.1"]),
            "198.51.100.1"
        );
    }

    #[test]
    fn an_address_that_the_caller_made_up_is_not_reached() {
        assert_eq!(
            caller(&["10.0.0.0/8"], "10.1.1.1", &["1.2.3.4, 198.51.100.1"]),
            "198.51.100.1"
        );
        assert_eq!(
            caller(
                &["10.0.0.0/8"],
                "10.1.1.1",
                &["1.2.3.4", "198.51.100.1, 10.2.2.2"]
            ),
            "198.51.100.1"
        );
        assert_eq!(caller(&["10.0.0.0/8"], "10.1.1.1", &["nonsense"]), "10.1.1.1");
    }
}
