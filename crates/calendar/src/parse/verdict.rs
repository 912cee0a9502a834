//! Whether a body may be believed.

/// What a body is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A whole calendar in which some night from today on is closed.
    Good,
    /// A whole calendar in which no night from today on is closed.
    Empty,
    /// No whole calendar: the last good state stays.
    Broken(Broken),
}

/// Why a body is not a whole calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// More bytes than [`Limits::bytes`](crate::Limits::bytes).
    #[error("larger than the limit")]
    TooLarge,
    /// Zero bytes, or nothing but white space.
    #[error("empty body")]
    NoBytes,
    /// A web page.
    #[error("a web page, not a calendar")]
    Html,
    /// There is no `BEGIN:VCALENDAR`.
    #[error("no BEGIN:VCALENDAR")]
    NoCalendar,
    /// An event is not ended, so the file may be cut there.
    #[error("cut inside an event")]
    CutInsideEvent,
    /// A calendar is not ended.
    #[error("no END:VCALENDAR")]
    NoEnd,
    /// Components inside components without end.
    #[error("nested too deeply")]
    TooDeep,
    /// More events than [`Limits::events`](crate::Limits::events).
    #[error("more events than the limit")]
    TooManyEvents,
    /// More recurrences than [`Limits::recurrence_steps`](crate::Limits::recurrence_steps).
    #[error("more recurrences than the limit")]
    TooManyRecurrences,
}

impl Broken {
    /// A stable name for storage and metrics, for example `cut_inside_event`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::NoBytes => "no_bytes",
            Self::Html => "html",
            Self::NoCalendar => "no_calendar",
            Self::CutInsideEvent => "cut_inside_event",
            Self::NoEnd => "no_end",
            Self::TooDeep => "too_deep",
            Self::TooManyEvents => "too_many_events",
            Self::TooManyRecurrences => "too_many_recurrences",
        }
    }
}
