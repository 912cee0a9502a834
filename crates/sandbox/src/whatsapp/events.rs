//! What there is to tell the house: kept, sent when it happens, and sent again on order.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::{
    settings::{Forgery, Settings},
    webhook::{self, House},
};
use crate::{
    delivery::{self, Attempt, Outgoing, Standing},
    provider::Provider,
    state::{App, lock},
};

/// How many events are kept.
const KEPT: usize = 20_000;

/// One thing to tell.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Event {
    pub(crate) number: u64,
    /// The wamid, or the name of the account field.
    pub(crate) about: String,
    pub(crate) item: Item,
}

/// The three kinds of things that webhooks tell.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Item {
    /// A guest wrote.
    Message {
        /// Absent for system messages.
        contact: Option<Value>,
        message: Value,
    },
    /// Something became of a message of the house.
    Status(Value),
    /// Something about the account.
    Account { field: String, value: Value },
}

impl Item {
    /// Whether both may share one `value`; account fields stand alone.
    pub(crate) fn is_kind_of(&self, other: &Self) -> bool {
        matches!(
            (self, other),
            (Self::Message { .. }, Self::Message { .. }) | (Self::Status(_), Self::Status(_))
        )
    }

    fn about(&self) -> String {
        let id = |value: &Value| {
            value
                .get("id")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        match self {
            Self::Message { message, .. } => id(message),
            Self::Status(status) => id(status),
            Self::Account { field, .. } => field.clone(),
        }
    }
}

/// Keeps an event for sending, now or later, and returns its number.
pub(crate) fn record(app: &App, item: Item) -> u64 {
    let mut world = lock(&app.whatsapp);
    world.last_event += 1;
    let number = world.last_event;
    if world.events.len() == KEPT {
        world.events.pop_front();
    }
    world.events.push_back(Event {
        number,
        about: item.about(),
        item,
    });
    number
}

/// Sends an event in the background, unless webhooks are kept.
pub(crate) fn dispatch(app: &App, number: u64) {
    let (settings, event) = {
        let world = lock(&app.whatsapp);
        let event = world
            .events
            .iter()
            .rev()
            .find(|event| event.number == number)
            .cloned();
        (world.settings.clone(), event)
    };
    let Some(event) = event.filter(|_| settings.automatic) else {
        return;
    };
    for _copy in 0..settings.copies {
        app.runtime.spawn(deliver(app.clone(), event.clone()));
    }
}

/// Attempts until a 200.
async fn deliver(app: App, event: Event) {
    let epoch = app.epoch();
    let settings = lock(&app.whatsapp).settings.clone();
    let url = app.options.whatsapp.callback_url.as_ref();
    let number = app
        .deliveries
        .open(Provider::WhatsApp, &event.about, "webhook", url);
    if url.is_none() {
        return;
    }
    let body = write_body(&app, &[event.item], 1, &settings);
    for wait in std::iter::once(0).chain(settings.retry_after_ms) {
        if !delivery::pause(&app, epoch, Duration::from_millis(wait)).await {
            return;
        }
        let attempt = send_body(&app, body.clone(), settings.forgery).await;
        let done = attempt.succeeded(Provider::WhatsApp);
        app.deliveries.record(number, attempt);
        if done {
            return;
        }
    }
    app.deliveries.settle(number, Standing::GivenUp);
}

/// Sends events in one body, once, now.
pub(crate) async fn deliver_now(app: &App, events: &[Event], entries: usize, forgery: Forgery) -> Attempt {
    let settings = lock(&app.whatsapp).settings.clone();
    let about: Vec<_> = events.iter().map(|event| event.about.as_str()).collect();
    let url = app.options.whatsapp.callback_url.as_ref();
    let number = app
        .deliveries
        .open(Provider::WhatsApp, &about.join(" "), "webhook", url);
    let items: Vec<_> = events.iter().map(|event| event.item.clone()).collect();
    let attempt = send_body(app, write_body(app, &items, entries, &settings), forgery).await;
    app.deliveries.settle(number, Standing::GivenUp);
    app.deliveries.record(number, attempt.clone());
    attempt
}

fn write_body(app: &App, items: &[Item], entries: usize, settings: &Settings) -> String {
    let options = &app.options.whatsapp;
    let house = House {
        display_phone_number: &options.display_phone_number,
        phone_number_id: options.phone_number_id.as_deref().unwrap_or("106540352242922"),
    };
    let body = webhook::body(&house, items, entries, app.clock.now().unix_timestamp()).to_string();
    if settings.raw_utf8 {
        body
    } else {
        webhook::escape(&body)
    }
}

/// Signs any text and sends it to the callback, once.
pub(crate) async fn send_body(app: &App, body: String, forgery: Forgery) -> Attempt {
    let options = &app.options.whatsapp;
    let headers = webhook::headers(options.app_secret.as_ref(), &body, forgery);
    let body = if forgery == Forgery::Tampered {
        body + " "
    } else {
        body
    };
    match options.callback_url.clone() {
        Some(url) => delivery::send(app, &Outgoing { url, headers, body }).await,
        None => Attempt::nowhere(app.clock.now(), headers, body),
    }
}
