//! What this service hears.

pub(crate) mod mercadopago_notified;
pub(crate) mod reservation_confirmed;
pub(crate) mod reservation_ended;
pub(crate) mod reservation_held;
pub(crate) mod reservation_refund_requested;
