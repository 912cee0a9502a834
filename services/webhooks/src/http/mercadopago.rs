//! Mercado Pago's notification address.

pub(super) mod receive;
