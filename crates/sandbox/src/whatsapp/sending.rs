//! `POST /{version}/{phone}/messages`: the house writes to a guest, or marks a guest's message as read.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Path},
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{
    chat::Message,
    failure::Failure,
    limits,
    number::{wa_id, wamid},
    statuses::{self, Sent},
};
use crate::state::{App, lock};

/// Takes a message, or refuses it as Meta would.
pub(crate) async fn send(
    app: App,
    request: HttpRequest,
    path: Path<(String, String)>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let (_version, phone) = path.into_inner();
    authorize(&app, &request, &phone)?;
    let body: Value = serde_json::from_slice(&body).map_err(|error| Failure::new(100, error.to_string()))?;
    if text(&body, "messaging_product") != Some("whatsapp") {
        return Err(Failure::new(100, "The parameter messaging_product is required."));
    }
    if text(&body, "status") == Some("read") {
        return mark_read(&app, &body);
    }
    let (sent, input) = take(&app, &body)?;
    let (id, guest) = (sent.id.clone(), sent.guest.clone());
    statuses::play(&app, sent).await;
    let contact = if guest.contains('.') {
        json!({ "input": input, "user_id": guest })
    } else {
        json!({ "input": input, "wa_id": guest })
    };
    Ok(HttpResponse::Ok().json(json!({
        "messaging_product": "whatsapp",
        "contacts": [contact],
        "messages": [{ "id": id, "message_status": "accepted" }],
    })))
}

/// `GET /{version}/{phone}`: the house's own number.
pub(crate) async fn phone_number(
    app: App,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Failure> {
    let (_version, phone) = path.into_inner();
    authorize(&app, &request, &phone)?;
    Ok(HttpResponse::Ok().json(json!({
        "id": phone,
        "display_phone_number": app.options.whatsapp.display_phone_number,
        "verified_name": "Alojamientos",
        "quality_rating": "GREEN",
    })))
}

fn authorize(app: &App, request: &HttpRequest, phone: &str) -> Result<(), Failure> {
    let options = &app.options.whatsapp;
    let given = request
        .headers()
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    let given = given
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    let right = options
        .access_token
        .as_ref()
        .is_none_or(|token| token.expose_secret() == given);
    if given.is_empty() || !right {
        return Err(Failure::new(
            190,
            "Invalid OAuth access token - Cannot parse access token",
        ));
    }
    if options
        .phone_number_id
        .as_deref()
        .is_some_and(|known| known != phone)
    {
        return Err(Failure::unknown_object(phone));
    }
    Ok(())
}

/// Puts the message into the guest's chat.
fn take(app: &App, body: &Value) -> Result<(Sent, String), Failure> {
    let input = text(body, "to").or_else(|| text(body, "recipient"));
    let input = input
        .ok_or_else(|| Failure::new(131_008, "Parameter to is required"))?
        .to_owned();
    let guest = if text(body, "to").is_some() {
        wa_id(&input)
    } else {
        input.clone()
    };
    if guest.len() < 8 {
        return Err(Failure::new(131_009, "to is not a valid phone number"));
    }
    let kind = text(body, "type").unwrap_or("text");
    limits::check(kind, body)?;

    let now = app.clock.now();
    let mut world = lock(&app.whatsapp);
    if let Some(allowed) = &world.settings.allow_list {
        let digits: String = input.chars().filter(char::is_ascii_digit).collect();
        if !allowed.contains(&digits) {
            return Err(Failure::new(
                131_030,
                "Recipient phone number not in allowed list",
            ));
        }
    }
    let is_free = kind != "template" && !world.settings.window_open;
    let known = world.chats.get(&guest);
    if is_free && !known.is_some_and(|chat| chat.takes_free_text(now)) {
        return Err(Failure::window_closed());
    }
    let sent = Sent {
        id: wamid(),
        guest: guest.clone(),
        callback_data: text(body, "biz_opaque_callback_data").map(str::to_owned),
    };
    let chat = world.chat(&guest);
    chat.house_is_typing = false;
    chat.messages.push(Message {
        id: sent.id.clone(),
        from_guest: false,
        at: now,
        content: body.clone(),
        status: "accepted".to_owned(),
        callback_data: sent.callback_data.clone(),
    });
    Ok((sent, input))
}

fn mark_read(app: &App, body: &Value) -> Result<HttpResponse, Failure> {
    let id = text(body, "message_id").ok_or_else(|| Failure::new(131_008, "message_id is required"))?;
    let types = body.get("typing_indicator").is_some();
    let mut world = lock(&app.whatsapp);
    let unknown = || Failure::new(131_009, "Unable to read messages: message_id does not exist");
    let has_it = |message: &Message| message.from_guest && message.id == id;
    let chat = world
        .chats
        .values_mut()
        .find(|chat| chat.messages.iter().any(has_it))
        .ok_or_else(unknown)?;
    chat.house_is_typing = types;
    for message in chat.messages.iter_mut().filter(|message| message.from_guest) {
        "read".clone_into(&mut message.status);
        if message.id == id {
            break;
        }
    }
    Ok(HttpResponse::Ok().json(json!({ "success": true })))
}

fn text<'a>(body: &'a Value, name: &str) -> Option<&'a str> {
    body.get(name)?.as_str()
}
