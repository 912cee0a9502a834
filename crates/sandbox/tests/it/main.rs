//! The sandbox over real HTTP: what the played providers promise to those who build against them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod channels;
mod checkout;
mod faults;
mod notifications;
mod payments;
mod preferences;
mod receiver;
mod refunds;
mod sdk;
mod whatsapp;
mod world;
