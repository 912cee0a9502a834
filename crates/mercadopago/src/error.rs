//! What a call can answer besides success, sorted by what the caller has to do.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

/// Why a call did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Our mistake, or something impossible: never repeated, parked, somebody is told.
    #[error("the provider refuses the request: {0}")]
    Refused(Complaint),
    /// The token or its permissions: stop calling, keep the work, somebody is told.
    #[error("the provider does not accept our credentials: {0}")]
    Unauthorized(Complaint),
    /// It is not there, or not yet: after a notification, try again later.
    #[error("the provider does not know it")]
    NotFound,
    /// A used key, or a state that does not allow it: read the payment, then decide. Never a new key blindly.
    #[error("the provider sees a conflict: {0}")]
    Conflict(Complaint),
    /// The key is locked or something it needs failed: repeat later, with the same key.
    #[error("the provider is still at it: {0}")]
    Locked(Complaint),
    /// Too many calls. An earlier attempt of the same call may have been carried out.
    #[error("the provider limits our calls")]
    RateLimited {
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// No answer, or none that tells: it may have been carried out. Repeat with the same key, then read.
    #[error("the provider gives no answer")]
    Unavailable(#[source] Unavailability),
    /// It has failed so often that we do not ask for a while: nothing was sent.
    #[error("the provider is left alone for a while")]
    CircuitOpen,
    /// It was carried out, but the answer is not what the contract says: read it again, somebody is told.
    #[error("the provider's answer is malformed")]
    Malformed(#[source] serde_json::Error),
    /// The request cannot be written, so nothing was sent.
    #[error("the request cannot be written")]
    Request(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unavailability {
    /// The connection failed, or an answer took too long.
    #[error("the connection failed")]
    Connection(#[source] reqwest::Error),
    /// The provider says that it cannot.
    #[error("the provider answers {0}")]
    Status(u16),
    /// The answer is larger than any of its answers should be.
    #[error("the answer is too large")]
    TooLarge,
    /// An attempt had no answer, and the circuit opened before it could be repeated.
    #[error("the circuit opened before the call could be repeated")]
    Interrupted,
}

impl CallError {
    /// Whether the same call with the same key may succeed within moments.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Locked(_) | Self::RateLimited { .. } | Self::Unavailable(_)
        )
    }

    /// What became of it, for metrics' labels.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Refused(_) | Self::Request(_) => Outcome::Refused,
            Self::Unauthorized(_) => Outcome::Unauthorized,
            Self::NotFound => Outcome::NotFound,
            Self::Conflict(_) => Outcome::Conflict,
            Self::Locked(_) => Outcome::Locked,
            Self::RateLimited { .. } => Outcome::RateLimited,
            Self::Unavailable(_) => Outcome::Unavailable,
            Self::CircuitOpen => Outcome::CircuitOpen,
            Self::Malformed(_) => Outcome::Malformed,
        }
    }

    /// The error behind an answer that is no success.
    pub(crate) fn from_answer(status: u16, retry_after: Option<Duration>, body: &[u8]) -> Self {
        let complaint = Complaint::read(status, body);
        match status {
            401 | 403 => Self::Unauthorized(complaint),
            404 => Self::NotFound,
            402 | 409 => Self::Conflict(complaint),
            423 | 424 => Self::Locked(complaint),
            429 => Self::RateLimited { retry_after },
            408 | 500.. => Self::Unavailable(Unavailability::Status(status)),
            _ => Self::Refused(complaint),
        }
    }
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are those of `CallError`")]
pub enum Outcome {
    Success,
    Refused,
    Unauthorized,
    NotFound,
    Conflict,
    Locked,
    RateLimited,
    Unavailable,
    CircuitOpen,
    Malformed,
}

impl Outcome {
    /// Every outcome, so that each metric exists before its first event.
    pub const ALL: [Self; 10] = [
        Self::Success,
        Self::Refused,
        Self::Unauthorized,
        Self::NotFound,
        Self::Conflict,
        Self::Locked,
        Self::RateLimited,
        Self::Unavailable,
        Self::CircuitOpen,
        Self::Malformed,
    ];

    /// The labels of [`Outcome::ALL`].
    pub const LABELS: [&'static str; 10] = [
        "success",
        "refused",
        "unauthorized",
        "not_found",
        "conflict",
        "locked",
        "rate_limited",
        "unavailable",
        "circuit_open",
        "malformed",
    ];

    /// The label.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused => "refused",
            Self::Unauthorized => "unauthorized",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Locked => "locked",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::CircuitOpen => "circuit_open",
            Self::Malformed => "malformed",
        }
    }
}

/// The provider's own words, cut to what a log may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The HTTP status.
    pub status: u16,
    /// Its short code, such as `invalid_auto_return`; may be empty.
    pub error: String,
    /// Its sentence, for a person; may be empty.
    pub message: String,
    /// The codes of the causes.
    pub causes: Vec<String>,
}

/// No text of the provider's is kept beyond this many characters.
const LONGEST_TEXT: usize = 200;

impl Complaint {
    fn read(status: u16, body: &[u8]) -> Self {
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        let causes = match json.get("cause") {
            Some(Value::Array(causes)) => causes.iter().take(8).collect(),
            Some(cause) => vec![cause],
            None => Vec::new(),
        };
        let codes = causes
            .into_iter()
            .map(|cause| text(cause.get("code")))
            .filter(|code| !code.is_empty());
        Self {
            status,
            error: text(json.get("error")),
            message: text(json.get("message")),
            causes: codes.collect(),
        }
    }
}

/// Status and codes; the sentence is left to whoever asks for it.
impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        let codes = std::iter::once(&self.error).chain(&self.causes);
        codes
            .filter(|code| !code.is_empty())
            .try_for_each(|code| write!(f, " {code}"))
    }
}

fn text(value: Option<&Value>) -> String {
    let whole = match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    whole.chars().take(LONGEST_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{CallError, Outcome};

    #[test]
    fn the_table_of_the_contract() {
        let cases = [
            (400, Outcome::Refused),
            (401, Outcome::Unauthorized),
            (402, Outcome::Conflict),
            (403, Outcome::Unauthorized),
            (404, Outcome::NotFound),
            (409, Outcome::Conflict),
            (422, Outcome::Refused),
            (423, Outcome::Locked),
            (424, Outcome::Locked),
            (429, Outcome::RateLimited),
            (500, Outcome::Unavailable),
            (503, Outcome::Unavailable),
            (301, Outcome::Refused),
            (418, Outcome::Refused),
        ];
        for (status, expected) in cases {
            let error = CallError::from_answer(status, Some(Duration::ZERO), b"not json");
            assert_eq!(error.outcome(), expected, "{status}");
        }
    }

    #[test]
    fn a_complaint_is_read_in_every_form_it_has() {
        for cause in [
            r#"[{"code":"2034","description":"x"}]"#,
            r#"[{"code":2034}]"#,
            r#"{"code":2034}"#,
        ] {
            let body =
                format!(r#"{{"message":"Invalid","error":"bad_request","status":400,"cause":{cause}}}"#);
            let error = CallError::from_answer(400, None, body.as_bytes());
            assert_eq!(
                error.to_string(),
                "the provider refuses the request: 400 bad_request 2034"
            );
        }
        let bare = CallError::from_answer(400, None, b"{}");
        assert_eq!(bare.to_string(), "the provider refuses the request: 400");
    }
}
