//! The world outside, played on one loopback port: Mercado Pago, the WhatsApp Cloud API and the channels'
//! calendars, over real HTTP, with state in memory and everything scriptable through `/_control`.
//!
//! It is for tests and for watching the system work; it never ships. `docs/SANDBOX.md` lists its endpoints.

mod channels;
mod clock;
mod control;
mod delivery;
mod faults;
mod mercadopago;
mod options;
mod pages;
mod provider;
mod received;
mod server;
mod state;
mod watch;
mod whatsapp;

pub use options::{MercadoPagoOptions, Options, WhatsAppOptions};
pub use server::{Running, StartError, start};
