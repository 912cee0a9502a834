//! The rules of the house, pure: no I/O, no clock, no serialisation.
//!
//! Everything here takes `now` and chance as arguments and answers the same for the same input.

pub mod accommodation;
pub mod cancellation;
pub mod code;
pub mod contact;
pub mod money;
pub mod payment;
pub mod pricing;
pub mod reservation;
pub mod stay;
