//! iCal feeds: reading what channels say, writing what they may know, and telling what changed.
//!
//! Everything here is pure and total: no I/O, no clock, and any bytes give an answer in bounded time and memory.
//! Dates are civil days of the house; only [`Zone`] turns an instant into one.

mod channel;
mod export;
mod nights;
mod zone;

pub use channel::{Channel, ChannelKind, UnknownChannel};
pub use export::{Export, ExportSummary, ExportedEvent, etag, export_uid, write};
pub use nights::{NightSet, Nights, NightsError};
pub use zone::{Zone, ZoneError};
