//! `/_control/faults`: trouble on order.

use actix_web::{HttpResponse, web::Json};

use crate::{faults::Fault, state::App};

/// `GET /_control/faults`: what is still to happen.
pub(crate) async fn list(app: App) -> HttpResponse {
    HttpResponse::Ok().json(app.faults.list())
}

/// `POST /_control/faults`.
pub(crate) async fn add(app: App, fault: Json<Fault>) -> HttpResponse {
    app.faults.add(fault.into_inner());
    HttpResponse::NoContent().finish()
}

/// `DELETE /_control/faults`.
pub(crate) async fn clear(app: App) -> HttpResponse {
    app.faults.clear();
    HttpResponse::NoContent().finish()
}
