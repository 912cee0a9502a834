//! Reading a file: any bytes give a verdict, events and warnings.

mod clock;
mod component;
mod context;
mod event;
mod label;
mod lines;
mod place;
mod property;
mod series;
mod timezone;
pub(crate) mod value;
mod verdict;
mod warning;

pub use context::{Limits, ParseContext, RollingWindows};
pub use event::{ImportedEvent, Kind, Parsed, Tally};
pub use verdict::{Broken, Verdict};
pub use warning::{Problem, Warning};

use self::event::Importer;
use self::warning::Warnings;
use crate::Channel;

/// Reads a feed's body.
///
/// Events come sorted by nights and UID. Those that ended before today, lie beyond the horizon or close nothing
/// are counted in [`Parsed::tally`] and left out. A broken file gives no events at all, so that nobody takes a
/// part of it for the whole.
#[must_use]
pub fn parse(bytes: &[u8], context: &ParseContext<'_>) -> Parsed {
    let mut warnings = Warnings::default();
    let calendars = match component::read(bytes, &context.limits, &mut warnings) {
        Ok(calendars) => calendars,
        Err(broken) => return Parsed::broken(broken, context.channel, warnings),
    };
    let by_prodid = calendars.channel;
    let channel = context.channel.or(by_prodid).unwrap_or(Channel::Other);
    match Importer::new(context, channel, &calendars, &mut warnings).run(&calendars) {
        Ok((events, tally)) => Parsed::whole(events, tally, channel, by_prodid, warnings),
        Err(broken) => Parsed::broken(broken, Some(channel), warnings),
    }
}
