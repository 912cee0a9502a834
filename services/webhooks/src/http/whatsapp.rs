//! Meta's callback URL.

pub(super) mod handshake;
pub(super) mod receive;
