//! `/whatsapp`: the guests' telephones.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::{Form, Path},
};
use maud::{PreEscaped, html};
use serde::Deserialize;

use super::{
    bubble, dispatch,
    guest::{self, GuestMessage},
    number::wa_id,
};
use crate::{
    pages,
    state::{App, lock},
};

/// Fetches the bubbles anew every second, so that what a person is typing stays.
const REFRESH: &str = "const chat=document.querySelector('.chat');let last=chat.innerHTML;\
setInterval(async()=>{try{const answer=await fetch(location.pathname+'/bubbles');if(!answer.ok)return;\
const html=await answer.text();if(html!==last){last=html;chat.innerHTML=html;scrollTo(0,document.body.scrollHeight)}}\
catch{}},1000);scrollTo(0,document.body.scrollHeight);";

/// `GET /whatsapp`: the chats, and a form for a new one.
pub(crate) async fn list(app: App) -> HttpResponse {
    let world = lock(&app.whatsapp);
    let page = html! {
        h1 { "WhatsApp" }
        section.card {
            h2 { "Chats" }
            @if world.chats.is_empty() { p.small { "Todavía no hay chats. Escribí como un huésped." } }
            table {
                @for chat in world.chats.values() {
                    tr {
                        td { a href=(format!("/whatsapp/{}", chat.guest)) { b { (chat.name) } } br; span.small { (chat.guest) } }
                        td.right { (chat.messages.len()) " mensajes" }
                        td.right.small { @if let Some(last) = chat.messages.last() { (pages::instant(last.at)) } }
                    }
                }
            }
            form method="post" action="/whatsapp" {
                label { "Teléfono del huésped" input name="phone" required value="+54 9 11 2345-6789"; }
                label { "Nombre" input name="name" required value="Lucía"; }
                button.good { "Abrir chat" }
            }
        }
    };
    pages::answer(StatusCode::OK, "WhatsApp", &page)
}

/// The form for a new chat.
#[derive(Deserialize)]
pub(crate) struct Opening {
    phone: String,
    name: String,
}

/// `POST /whatsapp`.
pub(crate) async fn open(app: App, opening: Form<Opening>) -> HttpResponse {
    let guest = wa_id(&opening.phone);
    if guest.len() < 8 {
        return unknown();
    }
    lock(&app.whatsapp).chat(&guest).name.clone_from(&opening.name);
    to_chat(&guest)
}

/// `GET /whatsapp/{guest}`.
pub(crate) async fn show(app: App, guest: Path<String>) -> HttpResponse {
    let world = lock(&app.whatsapp);
    let Some(chat) = world.chats.get(guest.as_str()) else {
        return unknown();
    };
    let page = html! {
        h1 { (chat.name) " " span.small { (chat.guest) } }
        div.chat { (bubble::bubbles(chat)) }
        form method="post" {
            input name="text" required autofocus autocomplete="off" maxlength="4096" placeholder="Mensaje" size="48";
            button.good { "Enviar" }
        }
        p.small {
            "Escribís como el huésped; la casa recibe un webhook firmado."
            @if !chat.takes_free_text(app.clock.now()) { " La ventana de 24 horas está cerrada: la casa sólo puede mandar plantillas." }
        }
        script { (PreEscaped(REFRESH)) }
    };
    pages::answer(StatusCode::OK, &chat.name, &page)
}

/// `GET /whatsapp/{guest}/bubbles`: only the messages.
pub(crate) async fn bubbles(app: App, guest: Path<String>) -> HttpResponse {
    let world = lock(&app.whatsapp);
    let Some(chat) = world.chats.get(guest.as_str()) else {
        return unknown();
    };
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(bubble::bubbles(chat).into_string())
}

/// What a person typed.
#[derive(Deserialize)]
pub(crate) struct Typed {
    text: String,
}

/// `POST /whatsapp/{guest}`.
pub(crate) async fn write_text(app: App, guest: Path<String>, typed: Form<Typed>) -> HttpResponse {
    let message = GuestMessage {
        text: Some(typed.into_inner().text),
        ..from(&guest)
    };
    send(&app, &guest, message)
}

/// What a person tapped.
#[derive(Deserialize)]
pub(crate) struct Tapped {
    choice: String,
}

/// `POST /whatsapp/{guest}/tap`.
pub(crate) async fn tap(app: App, guest: Path<String>, tapped: Form<Tapped>) -> HttpResponse {
    let message = GuestMessage {
        tap: Some(tapped.into_inner().choice),
        ..from(&guest)
    };
    send(&app, &guest, message)
}

/// The guest as number or as business-scoped user id.
fn from(guest: &str) -> GuestMessage {
    if guest.contains('.') {
        return GuestMessage {
            user_id: Some(guest.to_owned()),
            ..GuestMessage::default()
        };
    }
    GuestMessage {
        from: Some(guest.to_owned()),
        ..GuestMessage::default()
    }
}

fn send(app: &App, guest: &str, message: GuestMessage) -> HttpResponse {
    match guest::write(app, message) {
        Ok((_, event)) => {
            dispatch(app, event);
            to_chat(guest)
        }
        Err(error) => {
            let page = html! { section.card.narrow { h1 { "No se pudo enviar" } p { (error) } } };
            pages::answer(StatusCode::BAD_REQUEST, "WhatsApp", &page)
        }
    }
}

fn to_chat(guest: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, format!("/whatsapp/{guest}")))
        .finish()
}

fn unknown() -> HttpResponse {
    let page = html! { section.card.narrow { h1 { "No hay tal chat" } p { a href="/whatsapp" { "Ver los chats" } } } };
    pages::answer(StatusCode::NOT_FOUND, "WhatsApp", &page)
}
