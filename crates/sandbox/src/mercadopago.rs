//! Mercado Pago as its API and its checkout page behave, at the root paths of the real ones.

mod amount;
mod bearer;
mod checkout;
mod dispute;
mod failure;
mod idempotency;
mod notice;
mod notifications;
mod order;
mod page;
mod paying;
mod payment;
mod payments;
mod preference;
mod preferences;
mod refund;
mod refunds;
mod snake_case;
mod timestamp;
mod world;

use actix_web::web::{self, ServiceConfig};

pub(crate) use amount::Amount;
pub(crate) use dispute::{CHARGEBACK_BASE, Dispute, DisputeKind};
pub(crate) use failure::error_body;
pub(crate) use notice::{Forgery, Notice, NoticeChannel};
pub(crate) use notifications::{NotificationSettings, announce, announce_dispute, deliver_now};
pub(crate) use paying::{Decision, Payer, held, pay};
pub(crate) use payment::{Payment, PaymentChange};
pub(crate) use refund::{Ask as RefundAsk, RefundOutcome, RefundStatus, refund, settle as settle_refunds};
pub(crate) use world::World;

/// The API, the checkout page, and the page that shows what there is.
pub(crate) fn routes(config: &mut ServiceConfig) {
    let payment = web::resource("/v1/payments/{id}")
        .get(payments::read)
        .put(payments::change);
    config
        .service(web::resource(["/checkout/preferences", "/checkout/preferences/"]).post(preferences::create))
        .service(
            web::resource(["/checkout/preferences/search", "/checkout/preferences/search/"])
                .get(preferences::search),
        )
        .service(
            web::resource(["/checkout/preferences/{id}", "/checkout/preferences/{id}/"])
                .get(preferences::read)
                .put(preferences::change),
        )
        .service(web::resource(["/v1/payments", "/v1/payments/"]).post(payments::create))
        .service(web::resource(["/v1/payments/search", "/v1/payments/search/"]).get(payments::search))
        .service(payment)
        .service(
            web::resource(["/v1/payments/{id}/refunds", "/v1/payments/{id}/refunds/"])
                .get(refunds::list)
                .post(refunds::create),
        )
        .service(web::resource("/v1/payments/{id}/refunds/{refund_id}").get(refunds::read))
        .service(web::resource("/merchant_orders/{id}").get(order::read))
        .service(web::resource("/v1/chargebacks/{id}").get(dispute::read_chargeback))
        .service(web::resource("/post-purchase/v1/claims/{id}").get(dispute::read_claim))
        .service(
            web::resource("/checkout/v1/redirect")
                .get(checkout::show)
                .post(checkout::decide),
        )
        .service(web::resource("/checkout/v1/result").get(checkout::result))
        .service(web::resource("/mercadopago").get(page::show))
        .service(web::resource("/mercadopago/payments/{id}").post(page::act));
}
