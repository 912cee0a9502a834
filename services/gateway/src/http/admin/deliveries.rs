//! What providers sent us, for whoever keeps the system alive.

use api::delivery::{Delivery, DeliveryDetail, Replayed};
use api::page::Page;

use crate::http::call::{Answer, Oncall, StaffCall};
use crate::http::docs::Problem;

/// Deliveries, newest first.
#[utoipa::path(
    get, path = "/api/v1/admin/deliveries", tag = "staff", operation_id = "admin_list_deliveries",
    params(
        ("source" = Option<String>, Query, description = "`whatsapp` or `mercadopago`"),
        ("verdict" = Option<String>, Query, description = "`authentic`, `hint` or `dead`"),
        ("resource_id" = Option<String>, Query, description = "The provider's id of what it is about"),
        ("processed" = Option<bool>, Query, description = "Worked on, or not yet"),
        ("limit" = Option<u32>, Query, description = "How many at most, up to 200"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<Delivery>),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub(in crate::http) async fn list(call: StaffCall<Oncall>) -> Answer {
    call.relay(|owners| &owners.webhooks).await
}

/// A delivery as it came; it may hold a guest's data.
#[utoipa::path(
    get, path = "/api/v1/admin/deliveries/{id}", tag = "staff", operation_id = "admin_show_delivery",
    params(
        ("id" = Uuid, Path, description = "The delivery"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = DeliveryDetail),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(in crate::http) async fn show(call: StaffCall<Oncall>) -> Answer {
    call.relay(|owners| &owners.webhooks).await
}

/// Works on a delivery once more.
#[utoipa::path(
    post, path = "/api/v1/admin/deliveries/{id}/replay", tag = "staff", operation_id = "admin_replay_delivery",
    params(
        ("id" = Uuid, Path, description = "The delivery"),
    ),
    security(("staff" = [])),
    responses(
        (status = 202, body = Replayed),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "Nobody can work on it"),
    )
)]
pub(in crate::http) async fn replay(call: StaffCall<Oncall>) -> Answer {
    call.relay(|owners| &owners.webhooks).await
}
