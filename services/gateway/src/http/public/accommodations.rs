//! Lodgings, their free nights and prices. Open to anyone.

use api::accommodation::Accommodation;
use api::availability::Availability;
use api::page::Page;
use api::quote::StayQuote;

use crate::http::call::{Answer, Call};
use crate::http::docs::Problem;

/// The lodgings on sale.
#[utoipa::path(
    get, path = "/api/v1/accommodations", tag = "lodgings", operation_id = "list_accommodations",
    params(
        ("limit" = Option<u32>, Query, description = "How many at most, up to 100"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = Page<Accommodation>), (status = 422, body = Problem))
)]
pub(in crate::http) async fn list(call: Call) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// One lodging.
#[utoipa::path(
    get, path = "/api/v1/accommodations/{id}", tag = "lodgings", operation_id = "show_accommodation",
    params(("id" = i64, Path, description = "The lodging")),
    responses((status = 200, body = Accommodation), (status = 404, body = Problem))
)]
pub(in crate::http) async fn show(call: Call) -> Answer {
    call.relay(|owners| &owners.reservations).await
}

/// Which nights are free, and what each costs.
///
/// A hint, up to a second old: whether nights can be had is decided by holding them.
#[utoipa::path(
    get, path = "/api/v1/accommodations/{id}/availability", tag = "lodgings", operation_id = "availability",
    params(
        ("id" = i64, Path, description = "The lodging"),
        ("from" = Option<String>, Query, description = "The first night, `2026-12-10`; today at the lodging if left out"),
        ("to" = Option<String>, Query, description = "The day after the last night; 30 days after `from` if left out"),
    ),
    responses((status = 200, body = Availability), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(in crate::http) async fn availability(call: Call) -> Answer {
    call.free_nights().await
}

/// What a stay costs, night by night.
#[utoipa::path(
    get, path = "/api/v1/accommodations/{id}/quote", tag = "lodgings", operation_id = "quote",
    params(
        ("id" = i64, Path, description = "The lodging"),
        ("check_in" = String, Query, description = "The day of arrival, `2026-12-10`"),
        ("check_out" = String, Query, description = "The day of departure"),
        ("guests" = Option<u16>, Query, description = "How many people stay; 2 if left out"),
    ),
    responses((status = 200, body = StayQuote), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(in crate::http) async fn quote(call: Call) -> Answer {
    call.relay(|owners| &owners.reservations).await
}
