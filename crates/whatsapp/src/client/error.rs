//! What a call can answer besides success, sorted by what the caller has to do.

use std::fmt;
use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;

use crate::action::Action;

/// Longer waits are cut to this.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Why the client cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The token holds characters that no header may hold.
    #[error("the access token cannot be sent in a header")]
    Token,
    /// The base URL takes no path.
    #[error("the base URL takes no path")]
    BaseUrl,
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built")]
    Http(#[source] reqwest::Error),
}

/// Why a message was not taken, or may not have been.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Meta refuses it; [`GraphError::action`] says what to do.
    #[error("Meta refuses the message: {0}")]
    Refused(GraphError),
    /// No connection could be made: it was surely not sent.
    #[error("no connection to Meta")]
    NotSent(#[source] reqwest::Error),
    /// Time ran out, or the connection broke, after sending: it may have gone out. Wait for a status with our
    /// callback, and only then send it again, with the same callback.
    #[error("the message may have been sent")]
    Unknown(#[source] reqwest::Error),
    /// An answer without a message id and without an error code: it may have gone out, as above.
    #[error("the answer {status} says nothing about the message")]
    Wordless {
        /// The HTTP status.
        status: u16,
    },
    /// What a status should bring back is too long: it was not sent.
    #[error("the callback data is over 512 characters")]
    Callback,
}

impl SendError {
    /// Whether the message may have reached the guest.
    #[must_use]
    pub fn may_have_been_sent(&self) -> bool {
        matches!(self, Self::Unknown(_) | Self::Wordless { .. })
    }

    /// What became of the call, for metrics' labels.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Refused(error) => Outcome::Refused(error.action()),
            Self::NotSent(_) => Outcome::NotSent,
            Self::Unknown(_) | Self::Wordless { .. } => Outcome::Unknown,
            Self::Callback => Outcome::Refused(Action::OurBug),
        }
    }

    pub(super) fn lost(error: reqwest::Error) -> Self {
        // A builder error is ours and comes before anything is sent.
        let unsent = error.is_connect() || error.is_builder();
        let error = error.without_url();
        if unsent {
            Self::NotSent(error)
        } else {
            Self::Unknown(error)
        }
    }
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was taken.
    Success,
    /// Meta refused it.
    Refused(Action),
    /// It was surely not sent.
    NotSent,
    /// It may have been sent.
    Unknown,
}

impl Outcome {
    /// The label.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused(action) => action.as_str(),
            Self::NotSent => "not_sent",
            Self::Unknown => "unknown_outcome",
        }
    }
}

/// Meta's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphError {
    /// The HTTP status, which decides nothing.
    pub status: u16,
    /// The code, which decides.
    pub code: i64,
    /// Whether Meta calls it transient.
    pub transient: bool,
    /// For a person; may name the guest's number, so it belongs in no log.
    pub details: String,
    /// What Meta's support asks for.
    pub trace: String,
    /// How long Meta wants to be left alone.
    pub retry_after: Option<Duration>,
}

impl GraphError {
    /// What the code asks for.
    #[must_use]
    pub fn action(&self) -> Action {
        Action::of(self.code, self.transient)
    }

    /// The error of an answer that is no success; one without a code leaves open what happened.
    pub(super) fn read(status: u16, headers: &HeaderMap, body: &[u8]) -> SendError {
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(code) = json.pointer("/error/code").and_then(Value::as_i64) else {
            return SendError::Wordless { status };
        };
        let text = |pointer| {
            let text = json.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            text.chars().take(400).collect::<String>()
        };
        let details = text("/error/error_data/details");
        SendError::Refused(Self {
            status,
            code,
            transient: json.pointer("/error/is_transient").and_then(Value::as_bool) == Some(true),
            details: if details.is_empty() {
                text("/error/message")
            } else {
                details
            },
            trace: text("/error/fbtrace_id"),
            retry_after: wait(headers).map(|wait| wait.min(LONGEST_WAIT)),
        })
    }
}

/// The codes; Meta's sentences may name the guest.
impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "code {} with {}, trace {:?}",
            self.code, self.status, self.trace
        )
    }
}

/// `Retry-After` in seconds, or the minutes of `X-Business-Use-Case-Usage`, whichever is longer.
fn wait(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let seconds = text(RETRY_AFTER.as_str()).and_then(|text| text.trim().parse::<u32>().ok());
    let usage = text("x-business-use-case-usage").and_then(|text| serde_json::from_str::<Value>(text).ok());
    let accounts = usage
        .as_ref()
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|accounts| accounts.values());
    let limits = accounts.filter_map(Value::as_array).flatten();
    let minutes = limits
        .filter_map(|limit| limit.get("estimated_time_to_regain_access")?.as_u64())
        .max();
    let by_usage = minutes.filter(|minutes| 0 < *minutes);
    let by_usage = by_usage.map(|minutes| Duration::from_secs(minutes.saturating_mul(60)));
    seconds
        .map(|seconds| Duration::from_secs(seconds.into()))
        .max(by_usage)
}
