//! `/_control/received`: what the played providers were asked.

use actix_web::{HttpResponse, web::Query};
use serde::Deserialize;

use crate::{provider::Provider, state::App};

/// Which requests to list.
#[derive(Deserialize)]
pub(crate) struct Filter {
    provider: Option<Provider>,
    method: Option<String>,
    /// A part of the path.
    path: Option<String>,
    /// Only requests with a greater number.
    after: Option<u64>,
}

/// `GET /_control/received`: oldest first.
pub(crate) async fn list(app: App, filter: Query<Filter>) -> HttpResponse {
    let requests = app.received.select(|request| {
        filter
            .provider
            .is_none_or(|provider| provider == request.provider)
            && filter
                .method
                .as_deref()
                .is_none_or(|method| method.eq_ignore_ascii_case(&request.method))
            && filter
                .path
                .as_deref()
                .is_none_or(|path| request.path.contains(path))
            && filter.after.is_none_or(|after| after < request.number)
    });
    HttpResponse::Ok().json(requests)
}

/// `DELETE /_control/received`.
pub(crate) async fn clear(app: App) -> HttpResponse {
    app.received.clear();
    HttpResponse::NoContent().finish()
}
