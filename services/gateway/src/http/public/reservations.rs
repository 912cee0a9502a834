//! Holding, seeing, paying and calling off. A hold is anyone's; the rest needs the guest's token, which the owner proves.

use api::hold::{HeldReservation, HoldRequest};
use api::reservation::{CancelRequest, CancelledReservation, Reservation};

use crate::http::call::{Answer, Call};
use crate::http::docs::Problem;

/// Holds nights, unpaid, for 30 minutes.
///
/// The `Idempotency-Key` is kept for 24 hours: the same request with the same key is answered with the same answer.
#[utoipa::path(
    post, path = "/api/v1/reservations", tag = "reservations", operation_id = "hold",
    params(("Idempotency-Key" = String, Header, description = "1 to 255 characters that nobody can guess, such as a UUID: whoever repeats the request with it gets its answer")),
    request_body = HoldRequest,
    responses(
        (status = 201, body = HeldReservation, headers(("Location" = String, description = "The reservation"))),
        (status = 400, body = Problem, description = "No usable `Idempotency-Key`, or malformed JSON"),
        (status = 404, body = Problem, description = "No such lodging"),
        (status = 409, body = Problem, description = "`nights_taken`, or the same request is still running"),
        (status = 422, body = Problem, description = "Not for sale so, or the key belongs to another request"),
        (status = 429, body = Problem),
    )
)]
pub(in crate::http) async fn hold(call: Call) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// Another name for holding nights.
#[utoipa::path(
    post, path = "/api/v1/reservations/pre-reserve", tag = "reservations", operation_id = "pre_reserve",
    params(("Idempotency-Key" = String, Header, description = "1 to 255 characters that nobody can guess, such as a UUID: whoever repeats the request with it gets its answer")),
    request_body = HoldRequest,
    responses(
        (status = 201, body = HeldReservation, description = "As of `POST /api/v1/reservations`"),
        (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem),
    )
)]
pub(in crate::http) async fn pre_reserve(call: Call) -> Answer {
    hold(call).await
}

/// The reservation as its guest sees it.
#[utoipa::path(
    get, path = "/api/v1/reservations/{code}", tag = "reservations", operation_id = "show_reservation",
    params(("code" = String, Path, description = "The reservation's code")),
    security(("guest" = [])),
    responses(
        (status = 200, body = Reservation), (status = 401, body = Problem), (status = 404, body = Problem),
    )
)]
pub(in crate::http) async fn show(call: Call) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// Calls the reservation off; what goes back follows its policy.
#[utoipa::path(
    post, path = "/api/v1/reservations/{code}/cancel", tag = "reservations", operation_id = "cancel",
    params(("code" = String, Path, description = "The reservation's code")),
    request_body(content = CancelRequest, description = "Optional"),
    security(("guest" = [])),
    responses(
        (status = 200, body = CancelledReservation), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It has ended already"),
    )
)]
pub(in crate::http) async fn cancel(call: Call) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// A link to pay what confirms the stay: the same one while it is valid.
#[utoipa::path(
    post, path = "/api/v1/reservations/{code}/payment-link", tag = "reservations", operation_id = "payment_link",
    params(
        ("code" = String, Path, description = "The reservation's code"),
        ("Idempotency-Key" = String, Header, description = "1 to 255 characters that nobody can guess, such as a UUID: whoever repeats the request with it gets its answer"),
    ),
    security(("guest" = [])),
    responses(
        (status = 200, body = api::payment::PaymentLink),
        (status = 400, body = Problem, description = "No usable `Idempotency-Key`"), (status = 401, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem, description = "Nothing is owed"),
        (status = 503, body = Problem, description = "The provider does not answer; try again"),
    )
)]
pub(in crate::http) async fn payment_link(call: Call) -> Answer {
    call.relay(|owners| &owners.payments).await
}
