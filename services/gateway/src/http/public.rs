//! What guests, channels and providers call.

pub(in crate::http) mod accommodations;
pub(in crate::http) mod calendars;
pub(in crate::http) mod reservations;
pub(in crate::http) mod webhooks;

use actix_web::web::ServiceConfig;
use service::http::resource;

pub(in crate::http) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/accommodations").get(accommodations::list))
        .service(resource("/accommodations/{id}").get(accommodations::show))
        .service(resource("/accommodations/{id}/availability").get(accommodations::availability))
        .service(resource("/accommodations/{id}/quote").get(accommodations::quote))
        .service(resource("/reservations").post(reservations::hold))
        .service(resource("/reservations/pre-reserve").post(reservations::pre_reserve))
        .service(resource("/reservations/{code}").get(reservations::show))
        .service(resource("/reservations/{code}/cancel").post(reservations::cancel))
        .service(resource("/reservations/{code}/payment-link").post(reservations::payment_link))
        .service(resource("/ical/export/{accommodation_id}/{token}.ics").get(calendars::export))
        .configure(webhooks::routes);
}
