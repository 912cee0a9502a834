//! `/v1/payments`: create, read, search, cancel.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Bytes, Path, Query},
};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use url::Url;

use super::{
    amount::Amount,
    bearer::Bearer,
    failure::Failure,
    idempotency,
    notifications::announce,
    payment::{Payment, usual_detail},
    preferences::object,
    timestamp,
};
use crate::state::{App, lock};

const OPERATION: &str = "payments";

/// `GET /v1/payments/{id}`.
pub(crate) async fn read(_bearer: Bearer, app: App, id: Path<String>) -> Result<HttpResponse, Failure> {
    let missing = || Failure::not_found("Payment not found");
    let id: u64 = id
        .parse()
        .map_err(|_not_a_number: std::num::ParseIntError| missing())?;
    let mut world = lock(&app.mercadopago);
    if world.hides(id) {
        return Err(missing());
    }
    let payment = world.payments.get(&id).ok_or_else(missing)?;
    Ok(HttpResponse::Ok().json(payment.view()))
}

#[derive(Deserialize)]
struct Change {
    status: Option<String>,
}

/// `PUT /v1/payments/{id}` with `{"status":"cancelled"}`.
pub(crate) async fn change(
    _bearer: Bearer,
    app: App,
    id: Path<u64>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let change = Change::deserialize(Value::Object(object(&body)?));
    let change = change.map_err(|error| Failure::bad_request("bad_request", error.to_string()))?;
    let view = {
        let mut world = lock(&app.mercadopago);
        let payment = world
            .payments
            .get_mut(&id)
            .ok_or_else(|| Failure::not_found("Payment not found"))?;
        if change.status.as_deref() != Some("cancelled") {
            return Err(Failure::bad_request(
                "bad_request",
                "Only the status cancelled can be asked for",
            ));
        }
        if !["pending", "in_process"].contains(&payment.status.as_str()) {
            let message = "The action requested is not valid for the current payment state";
            return Err(Failure::bad_request("bad_request", message).because(2063));
        }
        payment.become_("cancelled", "by_collector", app.clock.now());
        payment.view()
    };
    announce(&app, *id, "payment.updated");
    Ok(HttpResponse::Ok().json(view))
}

#[derive(Deserialize)]
struct Create {
    transaction_amount: Option<Amount>,
    payment_method_id: Option<String>,
    external_reference: Option<String>,
    notification_url: Option<Url>,
    description: Option<String>,
    metadata: Option<Value>,
    payer: Option<CreatePayer>,
}

#[derive(Deserialize)]
struct CreatePayer {
    email: Option<String>,
}

/// `POST /v1/payments` → 201; vouchers are pending, everything else is approved.
pub(crate) async fn create(
    _bearer: Bearer,
    app: App,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let key = idempotency::required_key(&request)?;
    let asked = Value::Object(object(&body)?);
    let (id, view) = {
        let mut world = lock(&app.mercadopago);
        if let Some(stored) = world.answers.replay(OPERATION, key, &asked)? {
            return Ok(stored);
        }
        let parsed = Create::deserialize(&asked);
        let parsed = parsed.map_err(|error| Failure::bad_request("bad_request", error.to_string()))?;
        let id = world.next_id();
        let payment = created(id, parsed, &app)?;
        let view = payment.view();
        world.payments.insert(id, payment);
        world
            .answers
            .store(OPERATION, key, asked, StatusCode::CREATED, view.clone());
        (id, view)
    };
    announce(&app, id, "payment.created");
    Ok(HttpResponse::Created().json(view))
}

fn created(id: u64, asked: Create, app: &App) -> Result<Payment, Failure> {
    let options = &app.options.mercadopago;
    let now = app.clock.now();
    let amount = asked.transaction_amount.filter(|amount| Decimal::ZERO < amount.0);
    let amount = amount.ok_or_else(|| {
        Failure::bad_request("bad_request", "transaction_amount attribute can't be null").because(4040)
    })?;
    let method = asked.payment_method_id.ok_or_else(|| {
        Failure::bad_request("bad_request", "payment_method_id attribute can't be null").because(1)
    })?;
    let is_voucher = ["pagofacil", "rapipago"].contains(&method.as_str());
    let (status, detail) = if is_voucher {
        ("pending", "pending_waiting_payment")
    } else {
        ("approved", usual_detail("approved"))
    };
    Ok(Payment {
        id,
        status: status.to_owned(),
        detail: detail.to_owned(),
        external_reference: asked.external_reference,
        amount: amount.0,
        currency: options.currency.clone(),
        collector: options.collector_id,
        operation_type: "regular_payment".to_owned(),
        method,
        method_type: if is_voucher { "ticket" } else { "credit_card" }.to_owned(),
        created: now,
        approved: (!is_voucher).then_some(now),
        updated: now,
        expires: None,
        preference: None,
        order: None,
        description: asked.description,
        payer_email: asked.payer.and_then(|payer| payer.email),
        metadata: super::snake_case::keys(asked.metadata.unwrap_or_else(|| json!({}))),
        notification_url: asked.notification_url,
        refunds: Vec::new(),
    })
}

/// What a search may ask for; unknown parameters are ignored, as there are dozens.
#[derive(Deserialize)]
pub(crate) struct Search {
    id: Option<u64>,
    external_reference: Option<String>,
    status: Option<String>,
    sort: Option<String>,
    criteria: Option<String>,
    range: Option<String>,
    begin_date: Option<String>,
    end_date: Option<String>,
    limit: Option<usize>,
    offset: Option<usize>,
}

/// `GET /v1/payments/search`.
pub(crate) async fn search(
    _bearer: Bearer,
    app: App,
    search: Query<Search>,
) -> Result<HttpResponse, Failure> {
    let limit = search.limit.unwrap_or(30);
    if 1_000 < limit {
        return Err(Failure::bad_request("bad_request", "Invalid value for limit"));
    }
    let now = app.clock.now();
    let (begin, end) = (
        bound(search.begin_date.as_deref(), now)?,
        bound(search.end_date.as_deref(), now)?,
    );
    let world = lock(&app.mercadopago);
    let mut found: Vec<&Payment> = world
        .payments
        .values()
        .filter(|payment| matches(&search, payment))
        .collect();
    if let Some(field) = search.range.as_deref() {
        found.retain(|payment| {
            let at = instant(payment, field);
            begin.is_none_or(|begin| begin <= at) && end.is_none_or(|end| at <= end)
        });
    }
    found.sort_by_key(|payment| instant(payment, search.sort.as_deref().unwrap_or("date_created")));
    if search.criteria.as_deref() == Some("desc") {
        found.reverse();
    }
    let (total, offset) = (found.len(), search.offset.unwrap_or(0));
    let results: Vec<_> = found
        .into_iter()
        .skip(offset)
        .take(limit)
        .map(Payment::view)
        .collect();
    let paging = json!({ "total": total, "limit": limit, "offset": offset });
    Ok(HttpResponse::Ok().json(json!({ "paging": paging, "results": results })))
}

fn matches(search: &Search, payment: &Payment) -> bool {
    let reference = search.external_reference.as_deref();
    search.id.is_none_or(|id| id == payment.id)
        && (reference.is_none() || payment.external_reference.as_deref() == reference)
        && search
            .status
            .as_deref()
            .is_none_or(|status| status == payment.status)
}

fn instant(payment: &Payment, field: &str) -> OffsetDateTime {
    match field {
        "date_last_updated" => payment.updated,
        "date_approved" => payment.approved.unwrap_or(OffsetDateTime::UNIX_EPOCH),
        _ => payment.created,
    }
}

/// An instant, `NOW`, or `NOW-2DAYS`, `NOW+1HOUR`.
fn bound(text: Option<&str>, now: OffsetDateTime) -> Result<Option<OffsetDateTime>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let refused = || Failure::bad_request("bad_request", format!("invalid date {text}"));
    let Some(shift) = text.strip_prefix("NOW") else {
        return timestamp::read(text).map(Some).ok_or_else(refused);
    };
    if shift.is_empty() {
        return Ok(Some(now));
    }
    let unit_at = shift
        .find(|letter: char| letter.is_ascii_alphabetic())
        .ok_or_else(refused)?;
    let (number, unit) = shift.split_at(unit_at);
    let number: i64 = number
        .parse()
        .map_err(|_not_a_number: std::num::ParseIntError| refused())?;
    let span = match unit.trim_end_matches('S') {
        "DAY" => time::Duration::days(number),
        "HOUR" => time::Duration::hours(number),
        "MINUTE" => time::Duration::minutes(number),
        "MONTH" => time::Duration::days(number.saturating_mul(30)),
        "YEAR" => time::Duration::days(number.saturating_mul(365)),
        _ => return Err(refused()),
    };
    Ok(Some(now + span))
}
