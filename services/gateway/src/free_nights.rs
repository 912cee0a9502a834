//! What `reservations` last said about free nights, kept for the second in which it said so.
//!
//! Availability is a hint: the hold's transaction decides. So a storm of readers costs `reservations` one answer a
//! second for each question. What changes through this process is seen at once: every write that passes makes all that
//! was kept before it old. What changes elsewhere (a hold that ends, another channel's calendar, another replica) is
//! seen within a second.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use moka::future::Cache;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use crate::http::call::OwnersAnswer;
use crate::http::error::ApiError;

/// How many bytes of answers are kept; a month is about 4 kB.
const MOST_BYTES: u64 = 4 << 20;

/// When an answer that nobody can ask for any more makes room: its second is over.
const LONGEST: Duration = Duration::from_secs(2);

/// What a kept answer takes beside its body.
const OVERHEAD: usize = 512;

/// Which nights of which lodging, as an anonymous reader asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pub(crate) lodging: i64,
    pub(crate) from: Date,
    pub(crate) to: Date,
}

/// Why there is nothing to keep.
#[derive(Debug)]
pub(crate) enum NotKept {
    /// The owner refused.
    Refused(OwnersAnswer),
    /// There is no answer.
    Failed(ApiError),
}

/// Kept answers.
pub(crate) struct FreeNights {
    /// By the second and the number of writes before them: what is asked for later is another entry.
    kept: Cache<(Question, i64, u64), OwnersAnswer>,
    writes: AtomicU64,
}

impl Question {
    /// The question of `request`; `None` if it carries a token, or asks in any but the plain form, which its owner is
    /// to judge.
    pub(crate) fn of(request: &HttpRequest) -> Option<Self> {
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        if !reads || request.headers().contains_key(AUTHORIZATION) {
            return None;
        }
        let lodging = request.match_info().get("id")?;
        let digits = lodging.bytes().all(|byte| byte.is_ascii_digit());
        let (first, second) = request.uri().query()?.split_once('&')?;
        let (from, to) = match (first.strip_prefix("from="), second.strip_prefix("to=")) {
            (Some(from), Some(to)) => (from, to),
            _ => (second.strip_prefix("from=")?, first.strip_prefix("to=")?),
        };
        Some(Self {
            lodging: lodging.parse().ok().filter(|_| digits)?,
            from: day(from)?,
            to: day(to)?,
        })
    }
}

fn day(text: &str) -> Option<Date> {
    let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let day = Date::parse(text, format_description!("[year]-[month]-[day]"));
    day.ok().filter(|_| plain)
}

impl FreeNights {
    pub(crate) fn new() -> Self {
        let bytes = |_: &(Question, i64, u64), answer: &OwnersAnswer| {
            u32::try_from(answer.body.len().saturating_add(OVERHEAD)).unwrap_or(u32::MAX)
        };
        Self {
            kept: Cache::builder()
                .max_capacity(MOST_BYTES)
                .weigher(bytes)
                .time_to_live(LONGEST)
                .build(),
            writes: AtomicU64::new(0),
        }
    }

    /// Something may have changed: whoever asks from now on is not told what was kept before.
    pub(crate) fn changed(&self) {
        self.writes.fetch_add(1, Ordering::SeqCst);
    }

    /// The answer to `question` of this second; those who ask at once wait for one `ask`.
    pub(crate) async fn answer<A>(
        &self,
        question: Question,
        now: OffsetDateTime,
        ask: impl FnOnce() -> A,
    ) -> Result<OwnersAnswer, Arc<NotKept>>
    where
        A: Future<Output = Result<OwnersAnswer, NotKept>>,
    {
        let key = (question, now.unix_timestamp(), self.writes.load(Ordering::SeqCst));
        match self.kept.get(&key).await {
            Some(answer) => Ok(answer),
            // Boxed: what is seldom done does not make the future of every call large.
            None => Box::pin(self.kept.try_get_with(key, ask())).await,
        }
    }
}
