//! WhatsApp's Cloud API: what is signed, what the wire looks like, and a client for it.

pub mod handshake;
pub mod signature;
