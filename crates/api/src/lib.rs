//! The JSON that services answer with and ask for, one file a noun: written by the owning service, documented by the
//! gateway. Money is `{"amount":"15000.00","currency":"ARS"}`, instants are RFC 3339 in UTC, days are ISO dates.
//!
//! Requests refuse fields they do not know. Rates are basis points: 10,000 is the whole.

pub mod accommodation;
pub mod availability;
pub mod cancellation;
mod date;
pub mod delivery;
pub mod feed;
pub mod hold;
pub mod money;
pub mod month;
pub mod page;
pub mod payment;
pub mod quote;
pub mod reservation;
pub mod season;
pub mod stats;
mod time_of_day;
pub mod timeline;

pub use money::Money;
pub use page::Page;
