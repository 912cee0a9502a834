//! `/_control/…`: how tests script the world. `docs/SANDBOX.md` documents every endpoint.

mod channels;
mod clock;
mod delivered;
mod fault;
mod mercadopago;
mod problem;
mod received;
mod sequence;
mod whatsapp;

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde_json::json;

pub(crate) use mercadopago::{dispute, refund_at_provider};

use crate::state::App;

/// Everything under `/_control`.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(
        web::scope("/_control")
            .service(web::resource("/health").get(health))
            .service(web::resource("/reset").post(reset))
            .service(web::resource("/clock").get(clock::read).post(clock::change))
            .service(
                web::resource("/faults")
                    .get(fault::list)
                    .post(fault::add)
                    .delete(fault::clear),
            )
            .service(
                web::resource("/received")
                    .get(received::list)
                    .delete(received::clear),
            )
            .service(
                web::resource("/deliveries")
                    .get(delivered::list)
                    .delete(delivered::clear),
            )
            .configure(mercadopago::routes)
            .configure(whatsapp::routes)
            .configure(channels::routes)
            .default_service(web::route().to(problem::unknown_path)),
    );
}

/// `GET /_control/health`.
async fn health() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "healthy" }))
}

/// `POST /_control/reset`: everything is forgotten, the clock is real again.
async fn reset(app: App) -> HttpResponse {
    app.reset();
    HttpResponse::NoContent().finish()
}
