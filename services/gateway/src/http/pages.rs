//! Pages for guests, in Spanish. Each is one answer with all that it needs; only that of a reservation has a script.

pub(in crate::http) mod layout;
pub(in crate::http) mod payment;
pub(in crate::http) mod reservation;

use actix_web::web::ServiceConfig;
use service::http::resource;

pub(in crate::http) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/pago/aprobado").get(payment::approved))
        .service(resource("/pago/rechazado").get(payment::rejected))
        .service(resource("/pago/pendiente").get(payment::pending))
        .service(resource("/reservas/{code}").get(reservation::show));
}
