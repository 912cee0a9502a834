//! `/merchant_orders/{id}`: what a preference has been paid.

use actix_web::{HttpResponse, web::Path};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{amount::Amount, bearer::Bearer, failure::Failure, payment::Payment, timestamp, world::World};
use crate::state::{App, lock};

/// The order that gathers the payments of one preference.
pub(crate) struct Order {
    pub(crate) id: u64,
    pub(crate) preference: String,
    pub(crate) created: OffsetDateTime,
}

/// `GET /merchant_orders/{id}`.
pub(crate) async fn read(_bearer: Bearer, app: App, id: Path<u64>) -> Result<HttpResponse, Failure> {
    let world = lock(&app.mercadopago);
    let order = world
        .orders
        .get(&id)
        .ok_or_else(|| Failure::not_found("order not found"))?;
    Ok(HttpResponse::Ok().json(view(&world, order)))
}

fn view(world: &World, order: &Order) -> Value {
    let payments: Vec<&Payment> = world
        .payments
        .values()
        .filter(|payment| payment.order == Some(order.id))
        .collect();
    let approved = || payments.iter().filter(|payment| payment.status == "approved");
    let paid: Decimal = approved().map(|payment| payment.amount).sum();
    let refunded: Decimal = payments.iter().map(|payment| payment.refunded()).sum();
    let terms = world
        .preferences
        .get(&order.preference)
        .map(|preference| &preference.terms);
    let total = terms.map_or(Decimal::ZERO, |terms| terms.total);
    let is_paid = total <= paid && Decimal::ZERO < paid;
    let updated = payments
        .iter()
        .map(|payment| payment.updated)
        .max()
        .unwrap_or(order.created);
    json!({
        "id": order.id,
        "status": if is_paid { "closed" } else { "opened" },
        "order_status": if is_paid { "paid" } else { "payment_required" },
        "external_reference": terms.and_then(|terms| terms.external_reference.as_deref()),
        "preference_id": order.preference,
        "payments": payments.iter().map(|payment| line(payment)).collect::<Vec<_>>(),
        "date_created": timestamp::write(order.created),
        "last_updated": timestamp::write(updated),
        "collector": { "id": payments.first().map(|payment| payment.collector) },
        "notification_url": terms.and_then(|terms| terms.notification_url.as_ref()),
        "total_amount": Amount(total),
        "paid_amount": Amount(paid),
        "refunded_amount": Amount(refunded),
        "site_id": "MLA",
        "cancelled": false,
    })
}

fn line(payment: &Payment) -> Value {
    json!({
        "id": payment.id,
        "transaction_amount": Amount(payment.amount),
        "total_paid_amount": Amount(payment.amount),
        "shipping_cost": 0,
        "currency_id": payment.currency,
        "status": payment.status,
        "status_detail": payment.detail,
        "operation_type": payment.operation_type,
        "date_approved": payment.approved.map(timestamp::write),
        "date_created": timestamp::write(payment.created),
        "last_modified": timestamp::write(payment.updated),
        "amount_refunded": Amount(payment.refunded()),
    })
}
