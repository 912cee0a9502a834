//! Routes, all of them behind the gateway.

mod error;
mod parking;
mod payment_link;
mod payments;
mod reconcile;

use actix_web::web::ServiceConfig;
use secrecy::SecretString;
use service::http::resource;

/// The internal API.
pub(crate) fn routes(config: &mut ServiceConfig, internal_token: Option<SecretString>) {
    config.service(
        service::internal::scope(internal_token)
            .service(resource("/reservations/{code}/payment-link").post(payment_link::create::create))
            .service(resource("/admin/payments").get(payments::list::list))
            .service(resource("/admin/payments/parked").get(parking::list::list))
            .service(resource("/admin/payments/reconcile").post(reconcile::reconcile))
            .service(resource("/admin/payments/{id}").get(payments::show::show))
            .service(resource("/admin/payments/{id}/refunds").post(payments::refund::refund))
            .service(resource("/admin/payments/{id}/resolve").post(parking::resolve::resolve)),
    );
}
