//! What is done with deliveries.

pub(crate) mod announce;
pub(crate) mod announce_again;
pub(crate) mod forget;
pub(crate) mod keep;
pub(crate) mod received;
pub(crate) mod replay;
