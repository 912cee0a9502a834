//! `/_control/channels/…`: calendars, their stays, and what goes wrong with them.

use actix_web::{
    HttpResponse,
    web::{self, Json, Path, ServiceConfig},
};
use serde_json::json;
use uuid::Uuid;

use super::problem::Problem;
use crate::{
    channels::{Calendar, CalendarChange, NewStay, Scripted, StayError, is_name},
    state::{App, lock},
};

/// Everything under `/_control/channels`.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(
        web::scope("/channels")
            .service(web::resource("").get(list))
            .service(web::resource("/{name}").get(read).post(change).delete(remove))
            .service(web::resource("/{name}/stays").post(add_stay))
            .service(
                web::resource("/{name}/stays/{key}")
                    .post(move_stay)
                    .delete(remove_stay),
            )
            .service(web::resource("/{name}/script").post(script).delete(end_script)),
    );
}

/// `GET /_control/channels`.
async fn list(app: App) -> HttpResponse {
    HttpResponse::Ok().json(lock(&app.channels).calendars.values().collect::<Vec<&Calendar>>())
}

/// `GET /_control/channels/{name}`.
async fn read(app: App, name: Path<String>) -> Result<HttpResponse, Problem> {
    let world = lock(&app.channels);
    let calendar = world.calendars.get(name.as_str()).ok_or_else(|| unknown(&name))?;
    Ok(HttpResponse::Ok().json(calendar))
}

/// `POST /_control/channels/{name}`: makes it if it is new; the given fields change.
async fn change(app: App, name: Path<String>, change: Json<CalendarChange>) -> Result<HttpResponse, Problem> {
    if !is_name(&name) {
        return Err(Problem::Invalid(
            "a name has lower-case letters, digits and hyphens".to_owned(),
        ));
    }
    let now = app.clock.now();
    let mut world = lock(&app.channels);
    let calendar = world.calendar(&name, now);
    calendar.apply(change.into_inner(), now)?;
    Ok(HttpResponse::Ok().json(&*calendar))
}

/// `DELETE /_control/channels/{name}`.
async fn remove(app: App, name: Path<String>) -> Result<HttpResponse, Problem> {
    let removed = lock(&app.channels).calendars.remove(name.as_str());
    removed
        .map(|_| HttpResponse::NoContent().finish())
        .ok_or_else(|| unknown(&name))
}

/// `POST /_control/channels/{name}/stays` → its key.
async fn add_stay(app: App, name: Path<String>, stay: Json<NewStay>) -> Result<HttpResponse, Problem> {
    let now = app.clock.now();
    let key = with(&app, &name, |calendar| calendar.add(stay.into_inner(), now))?;
    Ok(HttpResponse::Created().json(json!({ "key": key })))
}

/// `POST /_control/channels/{name}/stays/{key}`: new dates.
async fn move_stay(
    app: App,
    path: Path<(String, Uuid)>,
    stay: Json<NewStay>,
) -> Result<HttpResponse, Problem> {
    let (name, key) = path.into_inner();
    let now = app.clock.now();
    with(&app, &name, |calendar| {
        calendar.move_to(key, stay.start, stay.end, now)
    })?;
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /_control/channels/{name}/stays/{key}`.
async fn remove_stay(app: App, path: Path<(String, Uuid)>) -> Result<HttpResponse, Problem> {
    let (name, key) = path.into_inner();
    let now = app.clock.now();
    with(&app, &name, |calendar| calendar.remove(key, now))?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /_control/channels/{name}/script`: these answers come next, after those already on order.
async fn script(app: App, name: Path<String>, answers: Json<Vec<Scripted>>) -> Result<HttpResponse, Problem> {
    with(&app, &name, |calendar| {
        calendar.script.extend(answers.into_inner());
        Ok(())
    })?;
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /_control/channels/{name}/script`.
async fn end_script(app: App, name: Path<String>) -> Result<HttpResponse, Problem> {
    with(&app, &name, |calendar| {
        calendar.script.clear();
        Ok(())
    })?;
    Ok(HttpResponse::NoContent().finish())
}

fn with<T>(
    app: &App,
    name: &str,
    change: impl FnOnce(&mut Calendar) -> Result<T, StayError>,
) -> Result<T, Problem> {
    let mut world = lock(&app.channels);
    let calendar = world.calendars.get_mut(name).ok_or_else(|| unknown(name))?;
    Ok(change(calendar)?)
}

fn unknown(name: &str) -> Problem {
    Problem::Unknown(format!("calendar {name}"))
}

impl From<StayError> for Problem {
    fn from(error: StayError) -> Self {
        match error {
            StayError::Backwards => Self::Invalid(error.to_string()),
            StayError::Unknown => Self::Unknown("such stay".to_owned()),
        }
    }
}
