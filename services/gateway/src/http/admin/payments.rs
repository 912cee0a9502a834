//! Money as the house sees it: what came, what goes back, what waits for a person.

use api::page::Page;
use api::payment::{
    Payment, PaymentDetail, ReconcileRequest, Reconciliation, Refund, RefundRequest, ResolveRequest,
};

use crate::http::call::{Answer, AnyRole, Host, Oncall, StaffCall};
use crate::http::docs::Problem;

/// Payments, newest first.
#[utoipa::path(
    get, path = "/api/v1/admin/payments", tag = "staff", operation_id = "admin_list_payments",
    params(
        ("state" = Option<String>, Query, description = "`approved`, `pending`, `rejected`, …"),
        ("reference" = Option<String>, Query, description = "A reservation's code"),
        ("resolution" = Option<String>, Query, description = "`confirmed`, `revived`, `partially_paid`, `refunded`, `parked`, `dismissed`"),
        ("limit" = Option<u32>, Query, description = "How many at most, up to 200"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<Payment>),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub(in crate::http) async fn list(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.payments).await
}

/// Payments that wait for a person, longest first.
#[utoipa::path(
    get, path = "/api/v1/admin/payments/parked", tag = "staff", operation_id = "admin_parked_payments",
    params(
        ("limit" = Option<u32>, Query, description = "How many at most, up to 200"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<Payment>),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 422, body = Problem),
    )
)]
pub(in crate::http) async fn parked(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.payments).await
}

/// Compares the payments that changed since then with the provider, repairs what is certain and parks the rest.
#[utoipa::path(
    post, path = "/api/v1/admin/payments/reconcile", tag = "staff", operation_id = "admin_reconcile",
    request_body = ReconcileRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = Reconciliation),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 422, body = Problem),
        (status = 503, body = Problem, description = "The provider does not answer; try again"),
    )
)]
pub(in crate::http) async fn reconcile(call: StaffCall<Oncall>) -> Answer {
    call.relay(|owners| &owners.payments).await
}

/// One payment with its refunds.
#[utoipa::path(
    get, path = "/api/v1/admin/payments/{id}", tag = "staff", operation_id = "admin_show_payment",
    params(
        ("id" = Uuid, Path, description = "The payment, by our id"),
    ),
    security(("staff" = [])),
    responses(
        (status = 200, body = PaymentDetail),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(in crate::http) async fn show(call: StaffCall<AnyRole>) -> Answer {
    call.relay(|owners| &owners.payments).await
}

/// Gives money of a payment back.
#[utoipa::path(
    post, path = "/api/v1/admin/payments/{id}/refunds", tag = "staff", operation_id = "admin_refund",
    params(
        ("id" = Uuid, Path, description = "The payment, by our id"),
        ("Idempotency-Key" = String, Header, description = "Any text of 1 to 255 characters; a UUID is advised"),
    ),
    request_body = RefundRequest,
    security(("staff" = [])),
    responses(
        (status = 202, body = Refund, description = "It will be made"),
        (status = 400, body = Problem, description = "No usable `Idempotency-Key`, or malformed JSON"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "Not so much is left, or the same request is still running"),
        (status = 422, body = Problem, description = "It does not fit, or the key belongs to another request"),
    )
)]
pub(in crate::http) async fn refund(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.payments).await
}

/// Decides on a payment that waits for a person: credit, refund or dismiss.
#[utoipa::path(
    post, path = "/api/v1/admin/payments/{id}/resolve", tag = "staff", operation_id = "admin_resolve_payment",
    params(
        ("id" = Uuid, Path, description = "The payment, by our id"),
    ),
    request_body = ResolveRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = Payment),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "The decision does not fit the payment"),
        (status = 422, body = Problem),
    )
)]
pub(in crate::http) async fn resolve(call: StaffCall<Host>) -> Answer {
    call.relay(|owners| &owners.payments).await
}
