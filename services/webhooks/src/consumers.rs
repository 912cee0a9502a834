//! What this service reads back from RabbitMQ.

pub(crate) mod delivery_fallback;
