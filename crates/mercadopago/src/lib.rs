//! Mercado Pago's Checkout Pro: what is signed, what the wire looks like, and a client for it.
//!
//! The main rule of the border: **a notification is a reason to look, never a fact.**
//! Only what the provider answers to our own read changes a booking.

mod query;
pub mod signature;
