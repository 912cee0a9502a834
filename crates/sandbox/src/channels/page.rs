//! `/channels`: the calendars, and a page to edit each.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::{Form, Path},
};
use maud::{Markup, html};
use serde::Deserialize;
use time::Date;
use uuid::Uuid;

use super::{
    calendar::{Calendar, CalendarChange, Kind, NewStay, Stay},
    dialect::Dialect,
    iso_date,
    world::is_name,
};
use crate::{
    pages,
    state::{App, lock},
};

/// `GET /channels`.
pub(crate) async fn list(app: App) -> HttpResponse {
    let world = lock(&app.channels);
    let page = html! {
        h1 { "Canales" }
        section.card {
            table {
                @for calendar in world.calendars.values() {
                    tr {
                        td { a href=(format!("/channels/{}", calendar.name)) { b { (calendar.name) } } }
                        td { (calendar.dialect.name()) }
                        td.right { (calendar.stays.len()) " estadías" }
                        td.small { @if !calendar.script.is_empty() { "con fallas programadas" } @if !calendar.echo.is_empty() { " · hace eco" } }
                    }
                }
            }
            form method="post" action="/channels" {
                label { "Nombre (minúsculas, números y guiones)" input name="name" required pattern="[a-z0-9\\-]{1,60}"; }
                label { "Dialecto" select name="dialect" {
                    @for dialect in Dialect::ALL { option value=(dialect.name()) { (dialect.name()) } } } }
                button.good { "Crear calendario" }
            }
        }
    };
    pages::answer(StatusCode::OK, "Canales", &page)
}

/// The form for a new calendar.
#[derive(Deserialize)]
pub(crate) struct Creation {
    name: String,
    dialect: Dialect,
}

/// `POST /channels`.
pub(crate) async fn create(app: App, creation: Form<Creation>) -> HttpResponse {
    if !is_name(&creation.name) {
        return refusal("El nombre lleva sólo minúsculas, números y guiones.");
    }
    let now = app.clock.now();
    let change = CalendarChange {
        dialect: Some(creation.dialect),
        ..CalendarChange::default()
    };
    match lock(&app.channels)
        .calendar(&creation.name, now)
        .apply(change, now)
    {
        Ok(()) => to_calendar(&creation.name),
        Err(error) => refusal(&error.to_string()),
    }
}

/// `GET /channels/{name}`.
pub(crate) async fn show(app: App, name: Path<String>) -> HttpResponse {
    let world = lock(&app.channels);
    let Some(calendar) = world.calendars.get(name.as_str()) else {
        return unknown();
    };
    let feed = format!("{}/channels/{}.ics", app.base_url, calendar.name);
    let page = html! {
        h1 { (calendar.name) " " span.small { (calendar.dialect.name()) } }
        section.card {
            p { "Calendario: " a href=(feed) { code { (feed) } } }
            table {
                @for stay in &calendar.stays { (row(calendar, stay)) }
                @for (_, events) in &calendar.imported { @for event in events {
                    tr { td { (event.start) " → " (event.end) } td colspan="3" { span.small { "eco de " (event.uid) } } } } }
            }
            @if calendar.stays.is_empty() { p.small { "Todavía no hay estadías." } }
            form method="post" action=(format!("/channels/{}/stays", calendar.name)) {
                label { "Entrada" input type="date" name="start" required; }
                label { "Salida" input type="date" name="end" required; }
                label { "Clase" select name="kind" {
                    option value="reservation" { "reserva" } option value="tentative" { "provisoria" }
                    option value="block" { "cierre" } option value="free" { "libre (Google)" } } }
                label { "Huésped" input name="guest" value="Ana Pérez"; }
                button.good { "Agregar" }
            }
        }
    };
    pages::answer(StatusCode::OK, &calendar.name, &page)
}

fn row(calendar: &Calendar, stay: &Stay) -> Markup {
    let kind = match stay.kind {
        Kind::Reservation => "reserva",
        Kind::Tentative => "provisoria",
        Kind::Block => "cierre",
        Kind::Free => "libre",
    };
    html! {
        tr {
            td { (stay.start) " → " (stay.end) }
            td { (kind) }
            td { (stay.guest) }
            td {
                form.inline method="post" action=(format!("/channels/{}/stays/{}", calendar.name, stay.key)) {
                    input type="date" name="start" value=(stay.start) required;
                    input type="date" name="end" value=(stay.end) required;
                    button name="action" value="move" { "Mover" }
                    button.bad name="action" value="remove" { "Quitar" }
                }
            }
        }
    }
}

/// `POST /channels/{name}/stays`.
pub(crate) async fn add(app: App, name: Path<String>, stay: Form<NewStay>) -> HttpResponse {
    let now = app.clock.now();
    let mut world = lock(&app.channels);
    let Some(calendar) = world.calendars.get_mut(name.as_str()) else {
        return unknown();
    };
    match calendar.add(stay.into_inner(), now) {
        Ok(_key) => to_calendar(&name),
        Err(_backwards) => refusal("La salida tiene que ser después de la entrada."),
    }
}

/// A press on a button of a stay's row.
#[derive(Deserialize)]
pub(crate) struct Press {
    action: String,
    #[serde(with = "iso_date")]
    start: Date,
    #[serde(with = "iso_date")]
    end: Date,
}

/// `POST /channels/{name}/stays/{key}`.
pub(crate) async fn change(app: App, path: Path<(String, Uuid)>, press: Form<Press>) -> HttpResponse {
    let (name, key) = path.into_inner();
    let now = app.clock.now();
    let mut world = lock(&app.channels);
    let Some(calendar) = world.calendars.get_mut(&name) else {
        return unknown();
    };
    let changed = match press.action.as_str() {
        "remove" => calendar.remove(key, now),
        _ => calendar.move_to(key, press.start, press.end, now),
    };
    match changed {
        Ok(()) => to_calendar(&name),
        Err(error) => refusal(&error.to_string()),
    }
}

fn to_calendar(name: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, format!("/channels/{name}")))
        .finish()
}

fn refusal(words: &str) -> HttpResponse {
    let page = html! { section.card.narrow { h1 { "No se pudo" } p { (words) } } };
    pages::answer(StatusCode::BAD_REQUEST, "Canales", &page)
}

fn unknown() -> HttpResponse {
    let page = html! { section.card.narrow { h1 { "No hay tal calendario" } p { a href="/channels" { "Ver los calendarios" } } } };
    pages::answer(StatusCode::NOT_FOUND, "Canales", &page)
}
