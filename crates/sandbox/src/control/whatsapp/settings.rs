//! How the played WhatsApp behaves, and what becomes of the next messages.

use actix_web::{HttpResponse, web::Json};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    control::problem::Problem,
    state::{App, lock},
    whatsapp::{Outcome, Settings},
};

/// `GET /_control/whatsapp/settings`.
pub(crate) async fn read(app: App) -> HttpResponse {
    HttpResponse::Ok().json(&lock(&app.whatsapp).settings)
}

/// `POST /_control/whatsapp/settings`: the given fields change, the others stay.
pub(crate) async fn change(app: App, change: Json<Map<String, Value>>) -> Result<HttpResponse, Problem> {
    let mut world = lock(&app.whatsapp);
    let invalid = |error: serde_json::Error| Problem::Invalid(error.to_string());
    let mut merged = serde_json::to_value(&world.settings).map_err(invalid)?;
    if let Value::Object(merged) = &mut merged {
        merged.extend(change.into_inner());
    }
    world.settings = Settings::deserialize(merged).map_err(invalid)?;
    Ok(HttpResponse::Ok().json(&world.settings))
}

/// What becomes of the next messages.
#[derive(Deserialize)]
pub(crate) struct Script {
    #[serde(default = "once")]
    times: u32,
    #[serde(flatten)]
    outcome: Outcome,
}

fn once() -> u32 {
    1
}

/// `POST /_control/whatsapp/outcomes`.
pub(crate) async fn script(app: App, script: Json<Script>) -> HttpResponse {
    let mut world = lock(&app.whatsapp);
    for _time in 0..script.times {
        world.outcomes.push_back(script.outcome.clone());
    }
    HttpResponse::NoContent().finish()
}
