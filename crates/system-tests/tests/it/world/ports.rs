//! Ports that stay free for a service while it is dead: below those that the system lends for outgoing connections.

use std::net::TcpListener;

/// Free ports, in no order.
pub(super) fn free() -> impl Iterator<Item = u16> {
    std::iter::repeat_with(|| rand::random_range(15_000..32_000_u16))
        .filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
}
