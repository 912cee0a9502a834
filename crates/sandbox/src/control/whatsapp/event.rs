//! Webhooks on order: batches, copies, any sequence, any bytes.

use actix_web::{HttpResponse, web::Json};
use futures_util::future;
use rand::seq::SliceRandom;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    control::sequence::Sequence,
    state::{App, lock},
    whatsapp::{Event, Forgery, Item, deliver_now, dispatch, escape, record, send_body},
};

/// `GET /_control/whatsapp/events`: oldest first.
pub(crate) async fn list(app: App) -> HttpResponse {
    HttpResponse::Ok().json(&lock(&app.whatsapp).events)
}

/// An account field.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Account {
    field: String,
    value: Value,
}

/// `POST /_control/whatsapp/account` → event number.
pub(crate) async fn account(app: App, account: Json<Account>) -> HttpResponse {
    let Account { field, value } = account.into_inner();
    let event = record(&app, Item::Account { field, value });
    dispatch(&app, event);
    HttpResponse::Created().json(json!({ "event": event }))
}

/// Which events, in which bodies.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Batches {
    /// Their numbers; all if absent.
    events: Option<Vec<u64>>,
    /// How many events share a body, at most.
    #[serde(default = "one")]
    batch: usize,
    /// Over how many entries a body is spread.
    #[serde(default = "one")]
    entries: usize,
    /// How often each event is sent; the copies are cut into other bodies.
    #[serde(default = "one")]
    copies: usize,
    #[serde(default)]
    order: Sequence,
    #[serde(default)]
    at_once: bool,
    #[serde(default)]
    forgery: Forgery,
}

fn one() -> usize {
    1
}

/// `POST /_control/whatsapp/send`: without retries → every answer.
pub(crate) async fn send(app: App, batches: Json<Batches>) -> HttpResponse {
    let mut events: Vec<Event> = {
        let world = lock(&app.whatsapp);
        match &batches.events {
            None => world.events.iter().cloned().collect(),
            Some(numbers) => {
                let find = |number: &u64| world.events.iter().find(|event| event.number == *number).cloned();
                numbers.iter().filter_map(find).collect()
            }
        }
    };
    match batches.order {
        Sequence::Given => {}
        Sequence::Reversed => events.reverse(),
        Sequence::Shuffled => events.shuffle(&mut rand::rng()),
    }
    let mut bodies: Vec<Vec<Event>> = Vec::new();
    for copy in 0..batches.copies.max(1) {
        // Each copy begins its cuts elsewhere, as Meta's retries do.
        let (first, rest) = events.split_at(events.len().min(copy % batches.batch.max(1)));
        bodies.extend(
            [first]
                .into_iter()
                .filter(|part| !part.is_empty())
                .map(<[Event]>::to_vec),
        );
        bodies.extend(rest.chunks(batches.batch.max(1)).map(<[Event]>::to_vec));
    }
    let sent = bodies
        .iter()
        .map(|body| deliver_now(&app, body, batches.entries, batches.forgery));
    let attempts = if batches.at_once {
        future::join_all(sent).await
    } else {
        let mut attempts = Vec::new();
        for sending in sent {
            attempts.push(sending.await);
        }
        attempts
    };
    HttpResponse::Ok().json(json!({ "attempts": attempts }))
}

/// Any text as a body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    /// Text is sent as it is; any other JSON is written escaped.
    body: Value,
    #[serde(default)]
    forgery: Forgery,
}

/// `POST /_control/whatsapp/raw`: signed and sent once → the answer.
pub(crate) async fn raw(app: App, raw: Json<Raw>) -> HttpResponse {
    let raw = raw.into_inner();
    let body = match raw.body {
        Value::String(text) => text,
        other => escape(&other.to_string()),
    };
    HttpResponse::Ok().json(send_body(&app, body, raw.forgery).await)
}
