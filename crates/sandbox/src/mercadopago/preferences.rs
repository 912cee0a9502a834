//! `/checkout/preferences`: create, read, change and search payment links.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Bytes, Path, Query},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    bearer::Bearer,
    failure::Failure,
    idempotency,
    preference::{Preference, Terms},
};
use crate::state::{App, lock};

const OPERATION: &str = "preferences";

/// `POST /checkout/preferences` → 201.
pub(crate) async fn create(
    _bearer: Bearer,
    app: App,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let asked = object(&body)?;
    let options = &app.options.mercadopago;
    let key = idempotency::key(&request);
    let mut world = lock(&app.mercadopago);
    if let Some(key) = key
        && let Some(stored) = world
            .answers
            .replay(OPERATION, key, &Value::Object(asked.clone()))?
    {
        return Ok(stored);
    }
    let terms = Terms::read(&asked, &options.currency)?;
    let now = app.clock.now();
    let id = format!("{}-{}", options.collector_id, Uuid::new_v4());
    let preference = Preference {
        id: id.clone(),
        created: now,
        updated: now,
        request: asked.clone(),
        terms,
    };
    let view = preference.view(&app.base_url, options.collector_id);
    world.preferences.insert(id, preference);
    if let Some(key) = key {
        world.answers.store(
            OPERATION,
            key,
            Value::Object(asked),
            StatusCode::CREATED,
            view.clone(),
        );
    }
    Ok(HttpResponse::Created().json(view))
}

/// `GET /checkout/preferences/{id}`.
pub(crate) async fn read(_bearer: Bearer, app: App, id: Path<String>) -> Result<HttpResponse, Failure> {
    let world = lock(&app.mercadopago);
    let preference = world.preferences.get(id.as_str()).ok_or_else(|| unknown(&id))?;
    Ok(HttpResponse::Ok().json(preference.view(&app.base_url, app.options.mercadopago.collector_id)))
}

/// `PUT /checkout/preferences/{id}`: the given fields replace the stored ones.
pub(crate) async fn change(
    _bearer: Bearer,
    app: App,
    id: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let asked = object(&body)?;
    let options = &app.options.mercadopago;
    let mut world = lock(&app.mercadopago);
    let preference = world
        .preferences
        .get_mut(id.as_str())
        .ok_or_else(|| unknown(&id))?;
    let mut merged = preference.request.clone();
    merged.extend(asked);
    preference.terms = Terms::read(&merged, &options.currency)?;
    preference.request = merged;
    preference.updated = app.clock.now();
    Ok(HttpResponse::Ok().json(preference.view(&app.base_url, options.collector_id)))
}

/// What a search may ask for.
#[derive(Deserialize)]
pub(crate) struct Search {
    external_reference: Option<String>,
    limit: Option<usize>,
    offset: Option<usize>,
}

/// `GET /checkout/preferences/search?external_reference=…`.
pub(crate) async fn search(
    _bearer: Bearer,
    app: App,
    search: Query<Search>,
) -> Result<HttpResponse, Failure> {
    let world = lock(&app.mercadopago);
    let wanted = search.external_reference.as_deref();
    let found: Vec<_> = world
        .preferences
        .values()
        .filter(|preference| wanted.is_none() || preference.terms.external_reference.as_deref() == wanted)
        .map(|preference| preference.view(&app.base_url, app.options.mercadopago.collector_id))
        .collect();
    let offset = search.offset.unwrap_or(0);
    let total = found.len();
    let elements: Vec<_> = found
        .into_iter()
        .skip(offset)
        .take(search.limit.unwrap_or(50))
        .collect();
    let next = offset + elements.len();
    Ok(HttpResponse::Ok().json(json!({ "elements": elements, "next_offset": next, "total": total })))
}

/// The body as a JSON object.
pub(crate) fn object(body: &Bytes) -> Result<Map<String, Value>, Failure> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    let refused =
        |error: serde_json::Error| Failure::bad_request("bad_request", format!("invalid json: {error}"));
    serde_json::from_slice(body).map_err(refused)
}

fn unknown(id: &str) -> Failure {
    Failure::not_found(format!("preference {id} not found"))
}
