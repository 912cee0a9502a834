//! Payments: make one from nothing, change one, dispute one, hide one.

use actix_web::{
    HttpResponse,
    web::{Json, Path},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    control::problem::Problem,
    mercadopago::{
        CHARGEBACK_BASE, Dispute, DisputeKind, Payment, PaymentChange, announce, announce_dispute,
    },
    state::{App, lock},
};

/// `GET /_control/mercadopago/payments`.
pub(crate) async fn list(app: App) -> HttpResponse {
    let world = lock(&app.mercadopago);
    HttpResponse::Ok().json(world.payments.values().map(Payment::view).collect::<Vec<_>>())
}

/// A change, and whether to tell.
#[derive(Deserialize)]
pub(crate) struct Order {
    /// `false` tells nobody.
    #[serde(default = "yes")]
    notify: bool,
    #[serde(flatten)]
    change: serde_json::Map<String, Value>,
}

fn yes() -> bool {
    true
}

impl Order {
    fn split(self) -> Result<(bool, PaymentChange), Problem> {
        let change = PaymentChange::deserialize(Value::Object(self.change));
        let change = change.map_err(|error| Problem::Invalid(error.to_string()))?;
        Ok((self.notify, change))
    }
}

/// `POST /_control/mercadopago/payments`: a payment without a preference; approved unless it says otherwise.
pub(crate) async fn create(app: App, order: Json<Order>) -> Result<HttpResponse, Problem> {
    let (notify, change) = order.into_inner().split()?;
    let options = &app.options.mercadopago;
    let (id, view) = {
        let mut world = lock(&app.mercadopago);
        let now = app.clock.now();
        let id = world.next_id();
        let mut payment = Payment {
            id,
            status: String::new(),
            detail: String::new(),
            external_reference: None,
            amount: rust_decimal::Decimal::ZERO,
            currency: options.currency.clone(),
            collector: options.collector_id,
            operation_type: "regular_payment".to_owned(),
            method: "visa".to_owned(),
            method_type: "credit_card".to_owned(),
            created: now,
            approved: None,
            updated: now,
            expires: None,
            preference: None,
            order: None,
            description: None,
            payer_email: Some("test_user_1@testuser.com".to_owned()),
            metadata: json!({}),
            notification_url: None,
            refunds: Vec::new(),
        };
        payment.become_("approved", "accredited", now);
        payment.apply(change, now);
        let view = payment.view();
        world.payments.insert(id, payment);
        (id, view)
    };
    if notify {
        announce(&app, id, "payment.created");
    }
    Ok(HttpResponse::Created().json(view))
}

/// `POST /_control/mercadopago/payments/{id}`: any field may change.
pub(crate) async fn change(app: App, id: Path<u64>, order: Json<Order>) -> Result<HttpResponse, Problem> {
    let (notify, change) = order.into_inner().split()?;
    let view = {
        let mut world = lock(&app.mercadopago);
        let payment = world.payments.get_mut(&id).ok_or_else(|| Problem::payment(*id))?;
        payment.apply(change, app.clock.now());
        payment.view()
    };
    if notify {
        announce(&app, *id, "payment.updated");
    }
    Ok(HttpResponse::Ok().json(view))
}

/// What kind of dispute.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Opening {
    kind: DisputeKind,
}

/// `POST /_control/mercadopago/payments/{id}/dispute` → its id.
pub(crate) async fn open_dispute(
    app: App,
    id: Path<u64>,
    opening: Json<Opening>,
) -> Result<HttpResponse, Problem> {
    let dispute = dispute(&app, *id, opening.kind)?;
    Ok(HttpResponse::Created().json(json!({ "id": dispute, "payment_id": *id })))
}

/// Opens a dispute over a payment and tells of it.
pub(crate) fn dispute(app: &App, payment: u64, kind: DisputeKind) -> Result<u64, Problem> {
    let dispute = {
        let mut world = lock(&app.mercadopago);
        let number = world.next_id();
        let id = if kind == DisputeKind::Chargeback {
            CHARGEBACK_BASE + number
        } else {
            number
        };
        let now = app.clock.now();
        let disputed = world
            .payments
            .get_mut(&payment)
            .ok_or_else(|| Problem::payment(payment))?;
        match kind {
            DisputeKind::Chargeback => disputed.become_("charged_back", "in_process", now),
            DisputeKind::Claim => disputed.become_("in_mediation", "", now),
            DisputeKind::FraudAlert => {}
        }
        let dispute = Dispute {
            id,
            kind,
            payment,
            opened: now,
        };
        world.disputes.insert(id, dispute.clone());
        dispute
    };
    announce_dispute(app, &dispute);
    if kind != DisputeKind::FraudAlert {
        announce(app, payment, "payment.updated");
    }
    Ok(dispute.id)
}

/// How many reads answer 404.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hiding {
    reads: u32,
}

/// `POST /_control/mercadopago/payments/{id}/hide`.
pub(crate) async fn hide(app: App, id: Path<u64>, hiding: Json<Hiding>) -> HttpResponse {
    lock(&app.mercadopago).hidden.insert(*id, hiding.reads);
    HttpResponse::NoContent().finish()
}
