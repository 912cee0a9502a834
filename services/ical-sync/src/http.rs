//! The routes, all behind the service-to-service token. Which staff may call what, the gateway has looked at.

mod conflicts;
mod error;
mod export;
mod feeds;
mod shown;
mod tokens;

use actix_web::web::ServiceConfig;
use secrecy::SecretString;
use service::http::resource;

pub(crate) fn routes(config: &mut ServiceConfig, token: Option<SecretString>) {
    let scope = service::internal::scope(token)
        .service(resource("/ical/export/{accommodation_id}/{token}.ics").get(export::show))
        .service(
            resource("/admin/accommodations/{id}/feeds")
                .get(feeds::of_accommodation)
                .post(feeds::add),
        )
        .service(resource("/admin/feeds").get(feeds::all))
        .service(resource("/admin/feeds/sync").post(feeds::sync_all))
        .service(resource("/admin/feeds/preview").post(feeds::preview))
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
        .service(resource("/accommodations/{id}/feeds/recheck").post(feeds::recheck))
        .service(
            resource("/admin/accommodations/{id}/export-tokens")
                .get(tokens::list)
                .post(tokens::create),
        )
        .service(resource("/admin/export-tokens/{id}/rotate").post(tokens::rotate))
        .service(resource("/admin/export-tokens/{id}/revoke").post(tokens::revoke))
        .service(resource("/admin/conflicts").get(conflicts::list))
        .service(resource("/admin/conflicts/{id}/resolve").post(conflicts::resolve));
    config.service(scope);
}
