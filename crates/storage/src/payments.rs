//! `payments`: the provider's payments as last read, and what became of approved money. Written by `payments`;
//! and by `reservations`, which judges money under the lodging's row lock and notes the judgement in that transaction,
//! so that money is credited once and the two never disagree: [`resolve`], [`park`], and [`reopen_disputed`] where a
//! stay ends.
//!
//! ```text
//!  payments: reads the payment, stores it, guards it ──payment.approved.v1──▶ reservations: settles it under the lock
//!     ▲ sweep: approved, no resolution, older than a minute: announced again              │ resolve(…) in that transaction
//!     └────────────── reservation.refund_requested.v1 (payment_id) ◀──────────────────────┘
//! ```

mod decisions;
mod expiry;
mod query;
mod row;
mod write;

pub use decisions::{Decided, NewDecision, decisions_of, keep_decision};
pub use expiry::{ExpiryVerdict, expiry_verdict};
pub use query::{
    PaymentCursor, PaymentFilter, Totals, approved_unresolved, credited, find, find_by_provider_id, list,
    lock, lock_by_provider_id, of_reservation, parked, parked_count, refund_forgotten, totals,
};
pub use row::{FoundBy, Resolution, StoredPayment};
pub use write::{
    NewPayment, PaymentReading, advance, attach, insert, park, reopen_disputed, resolve, touch, unpark,
};
