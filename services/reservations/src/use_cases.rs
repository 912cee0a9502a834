//! What the service does, one operation a file: a function, a transaction, and its events.
//!
//! Whoever takes or frees nights holds the lodging's row first, then the reservation's, then a payment's.

pub mod cancel_reservation;
pub mod change_accommodation;
pub mod change_season;
pub mod complete_stays;
pub mod confirm_by_hand;
pub mod dispute_payment;
pub mod expire_holds;
pub(crate) mod hold_nights;
pub mod house_day;
pub mod mark_no_show;
mod money_of;
pub mod note_on_timeline;
pub mod prune;
pub mod refund_payment;
pub mod remind_guests;
pub mod settle_payment;
pub mod sweep_payments;
