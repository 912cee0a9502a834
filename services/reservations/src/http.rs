//! The routes, under `/internal/v1`: the gateway opens them to the world path by path.

mod accommodations;
mod actor;
mod admin_accommodations;
mod admin_calendar;
mod admin_reservations;
mod admin_seasons;
mod admin_stats;
mod error;
mod iso_date;
mod reason;
mod reservations;

use actix_web::web::ServiceConfig;
use secrecy::SecretString;
use service::http::resource;

/// Every route of the service.
pub(crate) fn routes(config: &mut ServiceConfig, token: Option<SecretString>) {
    use admin_accommodations as lodgings;
    use admin_reservations as bookings;
    use admin_seasons as seasons;
    let scope = service::internal::scope(token)
        .service(resource("/accommodations").get(accommodations::list))
        .service(resource("/accommodations/{id}").get(accommodations::show))
        .service(resource("/accommodations/{id}/availability").get(accommodations::availability))
        .service(resource("/accommodations/{id}/quote").get(accommodations::quote))
        .service(resource("/reservations").post(reservations::hold))
        .service(resource("/reservations/pre-reserve").post(reservations::hold))
        .service(resource("/reservations/{code}").get(reservations::show))
        .service(resource("/reservations/{code}/cancel").post(reservations::cancel))
        .service(
            resource("/admin/accommodations")
                .get(lodgings::list)
                .post(lodgings::create),
        )
        .service(
            resource("/admin/accommodations/{id}")
                .get(lodgings::show)
                .put(lodgings::replace),
        )
        .service(resource("/admin/accommodations/{id}/activate").post(lodgings::activate))
        .service(resource("/admin/accommodations/{id}/deactivate").post(lodgings::deactivate))
        .service(
            resource("/admin/accommodations/{id}/seasons")
                .get(seasons::list)
                .post(seasons::create),
        )
        .service(
            resource("/admin/accommodations/{id}/seasons/{season}")
                .put(seasons::replace)
                .delete(seasons::remove),
        )
        .service(
            resource("/admin/reservations")
                .get(bookings::list)
                .post(reservations::hold_as_staff),
        )
        .service(resource("/admin/reservations.csv").get(bookings::export))
        .service(resource("/admin/reservations/{code}").get(bookings::show))
        .service(resource("/admin/reservations/{code}/confirm").post(bookings::confirm))
        .service(resource("/admin/reservations/{code}/cancel").post(bookings::cancel))
        .service(resource("/admin/reservations/{code}/no-show").post(bookings::no_show))
        .service(resource("/admin/calendar").get(admin_calendar::show))
        .service(resource("/admin/stats").get(admin_stats::show));
    config.service(scope);
}
