//! `/_control/deliveries`: every webhook with its attempts, also those that were lost.

use actix_web::{HttpResponse, web::Query};
use serde::Deserialize;

use crate::{provider::Provider, state::App};

/// Which deliveries to list.
#[derive(Deserialize)]
pub(crate) struct Filter {
    provider: Option<Provider>,
    /// A part of what it tells of, such as a payment's id.
    about: Option<String>,
}

/// `GET /_control/deliveries`: oldest first.
pub(crate) async fn list(app: App, filter: Query<Filter>) -> HttpResponse {
    let deliveries = app.deliveries.select(|delivery| {
        filter
            .provider
            .is_none_or(|provider| provider == delivery.provider)
            && filter
                .about
                .as_deref()
                .is_none_or(|about| delivery.about.contains(about))
    });
    HttpResponse::Ok().json(deliveries)
}

/// `DELETE /_control/deliveries`.
pub(crate) async fn clear(app: App) -> HttpResponse {
    app.deliveries.clear();
    HttpResponse::NoContent().finish()
}
