//! What staff call. Every route but the login takes a [`StaffCall`](super::call::StaffCall) with its role.

pub(in crate::http) mod accommodations;
pub(in crate::http) mod login;
pub(in crate::http) mod relayed;
pub(in crate::http) mod reservations;
pub(in crate::http) mod seasons;

use actix_web::web::ServiceConfig;
use service::http::resource;

use relayed::{for_any_role, for_host, for_oncall};

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
        .service(resource("/admin/reservations").get(reservations::list))
        .service(resource("/admin/reservations.csv").get(reservations::csv))
        .service(resource("/admin/reservations/{code}").get(reservations::show))
        .service(resource("/admin/reservations/{code}/confirm").post(reservations::confirm))
        .service(resource("/admin/reservations/{code}/cancel").post(reservations::cancel))
        .service(resource("/admin/reservations/{code}/no-show").post(reservations::no_show))
        .service(resource("/admin/calendar").get(reservations::calendar))
        .service(resource("/admin/stats").get(reservations::stats));
    payments(config);
    calendars(config);
    config
        .service(resource("/admin/deliveries").get(for_oncall(|owners| &owners.webhooks)))
        .service(resource("/admin/deliveries/{id}").get(for_oncall(|owners| &owners.webhooks)))
        .service(resource("/admin/deliveries/{id}/replay").post(for_oncall(|owners| &owners.webhooks)));
}

fn payments(config: &mut ServiceConfig) {
    config
        .service(resource("/admin/payments").get(for_any_role(|owners| &owners.payments)))
        .service(resource("/admin/payments/parked").get(for_any_role(|owners| &owners.payments)))
        .service(resource("/admin/payments/reconcile").post(for_oncall(|owners| &owners.payments)))
        .service(resource("/admin/payments/{id}").get(for_any_role(|owners| &owners.payments)))
        .service(resource("/admin/payments/{id}/refunds").post(for_host(|owners| &owners.payments)))
        .service(resource("/admin/payments/{id}/resolve").post(for_any_role(|owners| &owners.payments)));
}

fn calendars(config: &mut ServiceConfig) {
    config
        .service(
            resource("/admin/accommodations/{id}/feeds")
                .get(for_any_role(|owners| &owners.ical_sync))
                .post(for_host(|owners| &owners.ical_sync)),
        )
        .service(resource("/admin/feeds").get(for_any_role(|owners| &owners.ical_sync)))
        .service(resource("/admin/feeds/preview").post(for_host(|owners| &owners.ical_sync)))
        .service(resource("/admin/feeds/sync").post(for_any_role(|owners| &owners.ical_sync)))
        .service(
            resource("/admin/feeds/{id}")
                .get(for_any_role(|owners| &owners.ical_sync))
                .put(for_host(|owners| &owners.ical_sync))
                .delete(for_host(|owners| &owners.ical_sync)),
        )
        .service(
            resource("/admin/feeds/{id}/{action:sync|pause|resume|release}")
                .post(for_any_role(|owners| &owners.ical_sync)),
        )
        .service(
            resource("/admin/accommodations/{id}/export-tokens")
                .get(for_host(|owners| &owners.ical_sync))
                .post(for_host(|owners| &owners.ical_sync)),
        )
        .service(
            resource("/admin/export-tokens/{id}/{action:rotate|revoke}")
                .post(for_host(|owners| &owners.ical_sync)),
        )
        .service(resource("/admin/conflicts").get(for_any_role(|owners| &owners.ical_sync)))
        .service(resource("/admin/conflicts/{id}/resolve").post(for_any_role(|owners| &owners.ical_sync)));
}
