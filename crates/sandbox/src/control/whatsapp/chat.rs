//! Chats: read them, write as a guest, let a status happen.

use actix_web::{
    HttpResponse,
    web::{Json, Path},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    control::problem::Problem,
    state::{App, lock},
    whatsapp::{Chat, GuestError, GuestMessage, Sent, dispatch, happen, write},
};

/// `GET /_control/whatsapp/chats`.
pub(crate) async fn list(app: App) -> HttpResponse {
    HttpResponse::Ok().json(lock(&app.whatsapp).chats.values().collect::<Vec<&Chat>>())
}

/// `GET /_control/whatsapp/chats/{guest}`.
pub(crate) async fn read(app: App, guest: Path<String>) -> Result<HttpResponse, Problem> {
    let world = lock(&app.whatsapp);
    let chat = world
        .chats
        .get(guest.as_str())
        .ok_or_else(|| Problem::Unknown(format!("chat {guest}")))?;
    Ok(HttpResponse::Ok().json(chat))
}

/// What a guest sends, and whether the webhook leaves now.
#[derive(Deserialize)]
pub(crate) struct Order {
    /// `false` only keeps the event; `POST /_control/whatsapp/send` sends it later.
    #[serde(default = "yes")]
    deliver: bool,
    #[serde(flatten)]
    message: Map<String, Value>,
}

fn yes() -> bool {
    true
}

/// `POST /_control/whatsapp/guest` → wamid and event number.
pub(crate) async fn write_as_guest(app: App, order: Json<Order>) -> Result<HttpResponse, Problem> {
    let order = order.into_inner();
    let message = GuestMessage::deserialize(Value::Object(order.message));
    let message = message.map_err(|error| Problem::Invalid(error.to_string()))?;
    let (id, event) = write(&app, message).map_err(|error| match error {
        GuestError::NoSuchChoice(_) => Problem::Conflict(error.to_string()),
        GuestError::Nobody | GuestError::Nothing => Problem::Invalid(error.to_string()),
    })?;
    if order.deliver {
        dispatch(&app, event);
    }
    Ok(HttpResponse::Created().json(json!({ "id": id, "event": event })))
}

/// Which status happens.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Happening {
    status: String,
    /// The code of a `failed`.
    #[serde(default = "undeliverable")]
    code: i64,
    #[serde(default = "yes")]
    deliver: bool,
}

fn undeliverable() -> i64 {
    131_026
}

/// `POST /_control/whatsapp/messages/{wamid}/status` → event number.
pub(crate) async fn status(
    app: App,
    id: Path<String>,
    happening: Json<Happening>,
) -> Result<HttpResponse, Problem> {
    let sent = {
        let world = lock(&app.whatsapp);
        let found = world.chats.values().find_map(|chat| {
            let message = chat
                .messages
                .iter()
                .find(|message| message.id == *id && !message.from_guest)?;
            let callback_data = message.callback_data.clone();
            Some(Sent {
                id: message.id.clone(),
                guest: chat.guest.clone(),
                callback_data,
            })
        });
        found.ok_or_else(|| Problem::Unknown(format!("message {id}")))?
    };
    let event = happen(&app, &sent, &happening.status, happening.code);
    if happening.deliver {
        dispatch(&app, event);
    }
    Ok(HttpResponse::Created().json(json!({ "event": event })))
}
