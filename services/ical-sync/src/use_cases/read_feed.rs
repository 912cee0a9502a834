//! A feed, fetched and read without touching anything.

use calendar::{Broken, Channel, ParseContext, Parsed, Verdict, Zone};
use time::OffsetDateTime;

use crate::fetch::{FetchError, Fetched, Validators};
use crate::state::AppState;

/// Where and as what to read.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) url: String,
    /// PRODID decides if it is not known.
    pub(crate) channel: Option<Channel>,
    /// The lodging's.
    pub(crate) zone: Zone,
}

/// Why a feed gives no calendar, in words without the address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("what it answers is no calendar: {0}")]
    NoCalendar(Broken),
    #[error("the reader failed")]
    Reader(#[source] tokio::task::JoinError),
}

/// Fetches and reads `source` as it is now.
pub(crate) async fn read_feed(
    state: &AppState,
    source: &Source,
    now: OffsetDateTime,
) -> Result<Parsed, ReadError> {
    let fetched = state
        .fetcher
        .fetch(&source.url, &Validators::default(), now)
        .await?;
    let Fetched::Body { bytes, .. } = fetched else {
        return Err(FetchError::Unasked.into());
    };
    parse(bytes, source, &state.settings.ical_uid_domain, now).await
}

/// Reads a body off the event loop, which a large one would hold up.
pub(crate) async fn parse(
    body: Vec<u8>,
    source: &Source,
    domain: &str,
    now: OffsetDateTime,
) -> Result<Parsed, ReadError> {
    let (zone, channel, domain) = (source.zone, source.channel, domain.to_owned());
    let parsed = tokio::task::spawn_blocking(move || {
        let context = ParseContext {
            channel,
            own_uid_domain: Some(&domain),
            ..ParseContext::new(zone, zone.date_of(now))
        };
        calendar::parse(&body, &context)
    });
    let parsed = parsed.await.map_err(ReadError::Reader)?;
    match parsed.verdict {
        Verdict::Broken(broken) => Err(ReadError::NoCalendar(broken)),
        Verdict::Good | Verdict::Empty => Ok(parsed),
    }
}
