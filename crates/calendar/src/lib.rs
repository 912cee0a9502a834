//! iCal feeds: reading what channels say, writing what they may know, and telling what changed.
//!
//! Everything here is pure and total: no I/O, no clock, and any bytes give an answer in bounded time and memory.
//! Dates are civil days of the house; only [`Zone`] turns an instant into one.

mod channel;
mod diff;
mod export;
mod hold;
mod nights;
mod parse;
mod recurrence;
mod zone;

pub use channel::{Channel, ChannelKind, UnknownChannel};
pub use diff::{Block, Change, Changed, Content, DiffContext, OwnEvent, Plan, Removed, Suspicion, diff};
pub use export::{Export, ExportSummary, ExportedEvent, etag, export_uid, write};
pub use hold::{Decision, Hold, HoldPolicy, decide};
pub use nights::{NightSet, Nights, NightsError};
pub use parse::{
    Broken, ImportedEvent, Kind, Limits, ParseContext, Parsed, Problem, RollingWindows, Tally, Verdict,
    Warning, parse,
};
pub use recurrence::{Expansion, RuleError, expand};
pub use zone::{Zone, ZoneError};
