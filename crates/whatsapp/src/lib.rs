//! WhatsApp's Cloud API: what is signed, what the wire looks like, and a client for it.
//!
//! | module | subject |
//! | --- | --- |
//! | [`handshake`] | the GET by which Meta checks a callback URL |
//! | [`signature`] | whether a webhook is Meta's |
//! | [`webhook`] | the items of a batch, and what tells a repeated one |
//! | [`message`] | what we send, within Meta's limits |
//! | [`client`] | sending it |
//! | [`action`] | what an error code asks of us, at once or later |
//! | [`status`] | how far a message has come |
//! | [`window`] | when anything but a template may be sent |
//! | [`recipient`], [`number`] | who a person is, and how their numbers are matched |

pub mod action;
pub mod client;
pub mod handshake;
pub mod message;
pub mod number;
pub mod recipient;
pub mod signature;
pub mod status;
pub mod webhook;
pub mod window;

pub use client::Client;
