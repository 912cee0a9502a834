//! The routes of the public API. Who may call each is in the type of its handler's argument: [`call::Call`] is anyone,
//! [`call::StaffCall`] a member of staff with a role.

mod admin;
pub(crate) mod call;
mod docs;
pub(crate) mod error;
pub(crate) mod health;
pub(crate) mod limit;
mod pages;
mod public;

use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use service::http::resource;

use crate::app::Gateway;

/// Registers every route.
pub(crate) fn routes(config: &mut ServiceConfig, gateway: &web::Data<Gateway>) {
    let api = web::scope("/api/v1")
        .wrap(from_fn(limit::limit))
        .configure(public::routes)
        .configure(admin::routes)
        .service(resource("/healthz").get(health::health))
        .service(resource("/readyz").get(health::ready))
        .default_service(web::to(service::http::errors::not_found));
    config
        .app_data(gateway.clone())
        .configure(docs::routes)
        .configure(pages::routes)
        .service(api);
}
