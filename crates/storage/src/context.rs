//! Who does something, when, and in which trace: what every change writes beside itself.

use domain::reservation::Actor;
use time::OffsetDateTime;

/// The circumstances of one change.
#[derive(Debug, Clone)]
pub struct Context {
    /// The instant at which the change happens, UTC.
    pub now: OffsetDateTime,
    /// Who does it.
    pub actor: Actor,
    /// The W3C trace context to carry on, `00-<trace>-<span>-<flags>`.
    pub traceparent: Option<String>,
}

impl Context {
    /// A change by `actor` at `now`, in the trace of `traceparent`.
    #[must_use]
    pub fn new(now: OffsetDateTime, actor: Actor, traceparent: Option<String>) -> Self {
        Self {
            now,
            actor,
            traceparent,
        }
    }

    /// The 32 hex digits by which logs and timelines name the trace.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.traceparent.as_deref()?.split('-').nth(1)
    }
}
