//! What staff call. Every route but the login takes a [`StaffCall`](super::call::StaffCall) with its role.

pub(in crate::http) mod accommodations;
pub(in crate::http) mod conflicts;
pub(in crate::http) mod deliveries;
pub(in crate::http) mod export_tokens;
pub(in crate::http) mod feeds;
pub(in crate::http) mod login;
pub(in crate::http) mod payments;
pub(in crate::http) mod reservations;
pub(in crate::http) mod seasons;

use actix_web::web::ServiceConfig;
use service::http::resource;

pub(in crate::http) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/admin/login").post(login::log_in))
        .service(
            resource("/admin/accommodations")
                .get(accommodations::list)
                .post(accommodations::create),
        )
        .service(
            resource("/admin/accommodations/{id}")
                .get(accommodations::show)
                .put(accommodations::change),
        )
        .service(resource("/admin/accommodations/{id}/activate").post(accommodations::activate))
        .service(resource("/admin/accommodations/{id}/deactivate").post(accommodations::deactivate))
        .service(
            resource("/admin/accommodations/{id}/seasons")
                .get(seasons::list)
                .post(seasons::create),
        )
        .service(
            resource("/admin/accommodations/{id}/seasons/{season_id}")
                .put(seasons::change)
                .delete(seasons::remove),
        )
        .service(
            resource("/admin/reservations")
                .get(reservations::list)
                .post(reservations::hold),
        )
        .service(resource("/admin/reservations.csv").get(reservations::csv))
        .service(resource("/admin/reservations/{code}").get(reservations::show))
        .service(resource("/admin/reservations/{code}/confirm").post(reservations::confirm))
        .service(resource("/admin/reservations/{code}/cancel").post(reservations::cancel))
        .service(resource("/admin/reservations/{code}/no-show").post(reservations::no_show))
        .service(resource("/admin/calendar").get(reservations::calendar))
        .service(resource("/admin/stats").get(reservations::stats));
    money(config);
    calendars(config);
    config
        .service(resource("/admin/deliveries").get(deliveries::list))
        .service(resource("/admin/deliveries/{id}").get(deliveries::show))
        .service(resource("/admin/deliveries/{id}/replay").post(deliveries::replay));
}

fn money(config: &mut ServiceConfig) {
    config
        .service(resource("/admin/payments").get(payments::list))
        .service(resource("/admin/payments/parked").get(payments::parked))
        .service(resource("/admin/payments/reconcile").post(payments::reconcile))
        .service(resource("/admin/payments/{id}").get(payments::show))
        .service(resource("/admin/payments/{id}/refunds").post(payments::refund))
        .service(resource("/admin/payments/{id}/resolve").post(payments::resolve));
}

fn calendars(config: &mut ServiceConfig) {
    config
        .service(
            resource("/admin/accommodations/{id}/feeds")
                .get(feeds::list_of_accommodation)
                .post(feeds::add),
        )
        .service(resource("/admin/feeds").get(feeds::list))
        .service(resource("/admin/feeds/preview").post(feeds::preview))
        .service(resource("/admin/feeds/sync").post(feeds::sync_all))
        .service(
            resource("/admin/feeds/{id}")
                .get(feeds::show)
                .put(feeds::change)
                .delete(feeds::remove),
        )
        .service(resource("/admin/feeds/{id}/sync").post(feeds::sync))
        .service(resource("/admin/feeds/{id}/pause").post(feeds::pause))
        .service(resource("/admin/feeds/{id}/resume").post(feeds::resume))
        .service(resource("/admin/feeds/{id}/release").post(feeds::release))
        .service(
            resource("/admin/accommodations/{id}/export-tokens")
                .get(export_tokens::list)
                .post(export_tokens::create),
        )
        .service(resource("/admin/export-tokens/{id}/rotate").post(export_tokens::rotate))
        .service(resource("/admin/export-tokens/{id}/revoke").post(export_tokens::revoke))
        .service(resource("/admin/conflicts").get(conflicts::list))
        .service(resource("/admin/conflicts/{id}/resolve").post(conflicts::resolve));
}
