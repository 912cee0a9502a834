//! Mercado Pago's Checkout Pro: what is signed, what the wire looks like, and a client for it.
//!
//! The main rule of the border: **a notification is a reason to look, never a fact.**
//! Only what the provider answers to our own read changes a booking.
//!
//! | module | subject |
//! | --- | --- |
//! | [`signature`] | whether a webhook is the provider's |
//! | [`notification`] | what a delivery is, and what to read because of it |
//! | [`client`] | reading payments, making links and refunds |
//! | [`error`] | what a call can answer besides success, by what to do |
//! | [`payment`], [`refund`], [`preference`], … | the wire's types, the same for a client and a server |

pub mod amount;
mod circuit;
pub mod client;
pub mod dispute;
pub mod error;
pub mod id;
pub mod merchant_order;
pub mod notification;
pub mod payment;
pub mod preference;
mod query;
pub mod refund;
mod retry_after;
pub mod search;
pub mod signature;
mod timestamp;

pub use circuit::Circuit;
pub use client::Client;
