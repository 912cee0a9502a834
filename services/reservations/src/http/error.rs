//! Every error that a client can see, in one table.

use diesel::result::Error as DieselError;
use domain::contact::ContactError;
use domain::money::MoneyError;
use domain::pricing::QuoteError;
use domain::reservation::{CancelError, Status};
use domain::stay::StayError;
use service::http::query::InvalidParameter;
use service::problem::{Problem, ToProblem};
use storage::DatabaseUnavailable;

use crate::use_cases::cancel_reservation::CancelReservationError;
use crate::use_cases::change_accommodation::ChangeAccommodationError;
use crate::use_cases::change_season::ChangeSeasonError;
use crate::use_cases::confirm_by_hand::ConfirmByHandError;
use crate::use_cases::hold_nights::{self, HoldNightsError};
use crate::use_cases::mark_no_show::MarkNoShowError;

/// What a refused field belongs to; each has a problem of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    Stay,
    Contact,
    Accommodation,
    Season,
    Request,
}

/// A failure on its way to the client.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("the nights are taken")]
    NightsTaken,
    #[error("too many unpaid holds")]
    TooManyHolds { limit: u32 },
    #[error("too many unpaid holds from one address")]
    TooManyHoldsFromAddress { limit: u32 },
    #[error("{field}: {detail}")]
    Invalid {
        about: About,
        field: &'static str,
        code: &'static str,
        detail: String,
    },
    #[error(transparent)]
    Parameter(#[from] InvalidParameter),
    #[error("no phone and no e-mail address")]
    Unreachable,
    #[error("there is no such lodging")]
    UnknownAccommodation,
    #[error("there is no such season")]
    UnknownSeason,
    #[error("there is no such reservation")]
    UnknownReservation,
    #[error("another season has one of the nights")]
    SeasonOverlaps,
    #[error("the reservation cannot be {action}")]
    WrongState { action: &'static str, status: Status },
    #[error("the stay has begun")]
    StayBegun,
    #[error("the day of arrival has not come")]
    TooEarly,
    #[error("no access token")]
    TokenMissing,
    #[error("not for this caller")]
    Forbidden,
    #[error("a request with the same key is running")]
    StillRunning,
    #[error("the key belongs to another request")]
    KeyReused,
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    #[error("the store")]
    Store(#[from] DieselError),
    #[error("reckon money")]
    Money(#[from] MoneyError),
    #[error("no free code was drawn")]
    NoCode,
}

impl ApiError {
    pub(crate) fn invalid(
        about: About,
        field: &'static str,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self::Invalid {
            about,
            field,
            code,
            detail: detail.into(),
        }
    }
}

impl ToProblem for ApiError {
    fn to_problem(&self) -> Problem {
        match self {
            Self::NightsTaken => Problem::new(409, "/problems/nights-taken", "The nights are no longer free")
                .field("check_in", "not_free"),
            Self::TooManyHolds { limit } => {
                Problem::new(422, "/problems/too-many-holds", "Too many unpaid holds")
                    .detail(format!("One contact may have {limit} unpaid holds at a time."))
                    .field("contact_phone", "too_many_holds")
            }
            Self::TooManyHoldsFromAddress { limit } => {
                Problem::new(422, "/problems/too-many-holds", "Too many unpaid holds")
                    .detail(format!("{limit} unpaid holds may come from one address."))
            }
            Self::Invalid {
                about,
                field,
                code,
                detail,
            } => about.problem().detail(detail).field(*field, *code),
            Self::Parameter(error) => error.to_problem(),
            Self::Unreachable => About::Contact
                .problem()
                .detail(ContactError::Unreachable)
                .field("contact_phone", "required")
                .field("contact_email", "required"),
            Self::UnknownAccommodation => Problem::new(
                404,
                "/problems/accommodation-not-found",
                "There is no such lodging",
            ),
            Self::UnknownSeason => Problem::new(404, "/problems/season-not-found", "There is no such season"),
            Self::UnknownReservation => Problem::new(
                404,
                "/problems/reservation-not-found",
                "There is no such reservation",
            )
            .detail("Either the code or the access token is wrong."),
            Self::SeasonOverlaps => Problem::new(
                409,
                "/problems/season-overlaps",
                "Another season has one of the nights",
            )
            .field("starts_on", "overlaps"),
            Self::WrongState { action, status } => Problem::new(
                409,
                "/problems/wrong-state",
                "The reservation's state does not allow it",
            )
            .detail(format!(
                "A reservation that is {} cannot be {action}.",
                status.as_str()
            )),
            Self::StayBegun => Problem::new(409, "/problems/stay-begun", "The stay has begun")
                .detail("Ask the house to end a stay that has begun."),
            Self::TooEarly => Problem::new(409, "/problems/too-early", "The day of arrival has not come"),
            Self::TokenMissing => Problem::new(
                401,
                "/problems/access-token-missing",
                "The reservation's access token is required",
            )
            .authenticate("Bearer"),
            Self::Forbidden => Problem::plain(403),
            Self::StillRunning => Problem::new(
                409,
                "/problems/request-still-running",
                "A request with the same key is running",
            )
            .retry_after(1),
            Self::KeyReused => Problem::new(
                422,
                "/problems/idempotency-key-reused",
                "The Idempotency-Key belongs to another request",
            ),
            Self::Unavailable(error) => Problem::unavailable(2, error),
            Self::Store(error) => stores::problem::of_database(error),
            Self::Money(error) => Problem::internal(error),
            Self::NoCode => Problem::unavailable(1, self),
        }
    }
}

service::problem_response!(ApiError);

impl About {
    fn problem(self) -> Problem {
        match self {
            Self::Stay => Problem::new(422, "/problems/invalid-stay", "The stay cannot be booked"),
            Self::Contact => Problem::new(422, "/problems/invalid-contact", "The contact is not valid"),
            Self::Accommodation => {
                Problem::new(422, "/problems/invalid-accommodation", "The lodging is not valid")
            }
            Self::Season => Problem::new(422, "/problems/invalid-season", "The season is not valid"),
            Self::Request => Problem::invalid_request(),
        }
    }
}

impl From<hold_nights::Refusal> for ApiError {
    fn from(refusal: hold_nights::Refusal) -> Self {
        match refusal {
            hold_nights::Refusal::NightsTaken => Self::NightsTaken,
            hold_nights::Refusal::TooManyHolds { limit } => Self::TooManyHolds { limit },
            hold_nights::Refusal::TooManyHoldsFromAddress { limit } => {
                Self::TooManyHoldsFromAddress { limit }
            }
        }
    }
}

impl From<HoldNightsError> for ApiError {
    fn from(error: HoldNightsError) -> Self {
        match error {
            HoldNightsError::UnknownAccommodation => Self::UnknownAccommodation,
            HoldNightsError::PastCheckIn(_) => Self::invalid(
                About::Stay,
                "check_in",
                "past",
                "check-in is before today in the lodging",
            ),
            HoldNightsError::TooFarAhead(last) => {
                let detail = format!("stays can be booked until {last}");
                Self::invalid(About::Stay, "check_out", "too_far_ahead", detail)
            }
            HoldNightsError::Quote(error) => error.into(),
            HoldNightsError::StillRunning => Self::StillRunning,
            HoldNightsError::KeyReused => Self::KeyReused,
            HoldNightsError::NoCode => Self::NoCode,
            HoldNightsError::Unavailable(error) => Self::Unavailable(error),
            HoldNightsError::Store(error) => Self::Store(error),
        }
    }
}

impl From<QuoteError> for ApiError {
    fn from(error: QuoteError) -> Self {
        let (field, code) = match &error {
            QuoteError::TooShort { .. } => ("check_out", "too_short"),
            QuoteError::TooLong { .. } => ("check_out", "too_long"),
            QuoteError::Guests { .. } => ("guests", "out_of_range"),
            QuoteError::Money(error) => return Self::Money(error.clone()),
        };
        Self::invalid(About::Stay, field, code, error.to_string())
    }
}

impl From<StayError> for ApiError {
    fn from(error: StayError) -> Self {
        let code = match &error {
            StayError::Empty { .. } => "not_after_check_in",
            StayError::TooLong { .. } => "too_long",
        };
        Self::invalid(About::Stay, "check_out", code, error.to_string())
    }
}

impl From<ContactError> for ApiError {
    fn from(error: ContactError) -> Self {
        let field = match error {
            ContactError::Phone => "contact_phone",
            ContactError::Email => "contact_email",
            ContactError::Name => "contact_name",
            ContactError::Unreachable => return Self::Unreachable,
        };
        Self::invalid(About::Contact, field, "invalid", error.to_string())
    }
}

impl From<CancelReservationError> for ApiError {
    fn from(error: CancelReservationError) -> Self {
        match error {
            CancelReservationError::Unknown => Self::UnknownReservation,
            CancelReservationError::Refused(CancelError::Ended(status)) => Self::WrongState {
                action: "cancelled",
                status,
            },
            CancelReservationError::Begun => Self::StayBegun,
            CancelReservationError::Money(error) => Self::Money(error),
            CancelReservationError::Store(error) => Self::Store(error),
        }
    }
}

impl From<ConfirmByHandError> for ApiError {
    fn from(error: ConfirmByHandError) -> Self {
        match error {
            ConfirmByHandError::Unknown => Self::UnknownReservation,
            ConfirmByHandError::Refused(status) => Self::WrongState {
                action: "confirmed",
                status,
            },
            ConfirmByHandError::NightsTaken => Self::NightsTaken,
            ConfirmByHandError::Store(error) => Self::Store(error),
        }
    }
}

impl From<MarkNoShowError> for ApiError {
    fn from(error: MarkNoShowError) -> Self {
        match error {
            MarkNoShowError::Unknown => Self::UnknownReservation,
            MarkNoShowError::Refused(status) => Self::WrongState {
                action: "missed",
                status,
            },
            MarkNoShowError::TooEarly => Self::TooEarly,
            MarkNoShowError::Store(error) => Self::Store(error),
        }
    }
}

impl From<ChangeAccommodationError> for ApiError {
    fn from(error: ChangeAccommodationError) -> Self {
        match error {
            ChangeAccommodationError::Unknown => Self::UnknownAccommodation,
            ChangeAccommodationError::CurrencyInUse => {
                let detail = "seasons have prices in the present currency";
                Self::invalid(About::Accommodation, "base_price", "currency_in_use", detail)
            }
            ChangeAccommodationError::Store(error) => Self::Store(error),
        }
    }
}

impl From<ChangeSeasonError> for ApiError {
    fn from(error: ChangeSeasonError) -> Self {
        match error {
            ChangeSeasonError::UnknownAccommodation => Self::UnknownAccommodation,
            ChangeSeasonError::UnknownSeason => Self::UnknownSeason,
            ChangeSeasonError::Overlaps => Self::SeasonOverlaps,
            ChangeSeasonError::Store(error) => Self::Store(error),
        }
    }
}
