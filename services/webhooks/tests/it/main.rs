//! What webhooks promises to the providers and to staff, on a real server with real stores.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod bodies;
mod copies;
mod forgetting;
mod groups;
mod mercadopago_hints;
mod mercadopago_signatures;
mod mercadopago_topics;
mod staff;
mod stores_down;
mod sweep;
mod unconfigured;
mod whatsapp_handshake;
mod whatsapp_signatures;
mod world;
