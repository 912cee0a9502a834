//! Routes.

mod deliveries;
mod error;
mod headers;
mod mercadopago;
mod whatsapp;

use std::time::Duration;

use actix_web::web::ServiceConfig;
use secrecy::SecretString;
use service::http::body::BodyLimits;
use service::http::resource;

/// Meta batches up to 3 MB; a Mercado Pago notification is a few hundred bytes.
const WHATSAPP_BODY: BodyLimits = BodyLimits {
    bytes: 4 * 1024 * 1024,
    timeout: Duration::from_secs(10),
};
const MERCADOPAGO_BODY: BodyLimits = BodyLimits {
    bytes: 256 * 1024,
    timeout: Duration::from_secs(10),
};

/// The providers' routes, and those of staff behind the gateway.
pub(crate) fn routes(config: &mut ServiceConfig, internal_token: Option<SecretString>) {
    config
        .service(
            resource("/api/v1/webhooks/whatsapp")
                .get(whatsapp::handshake::handshake)
                .post(whatsapp::receive::receive)
                .app_data(WHATSAPP_BODY),
        )
        .service(
            resource("/api/v1/webhooks/mercadopago")
                .post(mercadopago::receive::receive)
                .app_data(MERCADOPAGO_BODY),
        )
        .service(
            service::internal::scope(internal_token)
                .service(resource("/admin/deliveries").get(deliveries::list::list))
                .service(resource("/admin/deliveries/{id}").get(deliveries::show::show))
                .service(resource("/admin/deliveries/{id}/replay").post(deliveries::replay::replay)),
        );
}
