//! Pages for guests, in Spanish. Each is one answer: no script, nothing from elsewhere, not even from us.

pub(in crate::http) mod layout;
pub(in crate::http) mod payment;

use actix_web::web::ServiceConfig;
use service::http::resource;

pub(in crate::http) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/pago/aprobado").get(payment::approved))
        .service(resource("/pago/rechazado").get(payment::rejected))
        .service(resource("/pago/pendiente").get(payment::pending));
}
