//! What becomes of a message of the house after it was taken.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    chat::Message,
    events::{self, Item, dispatch, record},
    failure::late_errors,
    settings::{Forgery, Outcome},
};
use crate::{
    delivery,
    state::{App, lock},
};

/// A message on its way to a guest.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) id: String,
    pub(crate) guest: String,
    pub(crate) callback_data: Option<String>,
}

/// Plays the statuses of a message; the first before the answer if so set, the rest in the background.
pub(crate) async fn play(app: &App, sent: Sent) {
    let (outcome, after, first_now) = {
        let mut world = lock(&app.whatsapp);
        let usual = Outcome {
            statuses: world.settings.statuses.clone(),
            code: 131_026,
        };
        let outcome = world.outcomes.pop_front().unwrap_or(usual);
        (
            outcome,
            world.settings.status_after_ms,
            world.settings.status_before_answer,
        )
    };
    let mut statuses = outcome.statuses.clone().into_iter();
    if first_now && let Some(first) = statuses.next() {
        let number = happen(app, &sent, &first, outcome.code);
        let event = lock(&app.whatsapp)
            .events
            .iter()
            .rev()
            .find(|event| event.number == number)
            .cloned();
        if let Some(event) = event {
            events::deliver_now(app, &[event], 1, Forgery::None).await;
        }
    }
    let (app, epoch) = (app.clone(), app.epoch());
    let runtime = app.runtime.clone();
    runtime.spawn(async move {
        for status in statuses {
            if !delivery::pause(&app, epoch, Duration::from_millis(after)).await {
                return;
            }
            let number = happen(&app, &sent, &status, outcome.code);
            dispatch(&app, number);
        }
    });
}

/// Lets a status happen and returns the number of its event.
pub(crate) fn happen(app: &App, sent: &Sent, status: &str, code: i64) -> u64 {
    if let Some(message) = lock(&app.whatsapp).message(&sent.id) {
        advance(message, status);
    }
    record(
        app,
        Item::Status(view(sent, status, code, app.clock.now().unix_timestamp())),
    )
}

/// A lower status arriving late changes nothing on the guest's telephone.
fn advance(message: &mut Message, status: &str) {
    let rank = |status: &str| {
        ["accepted", "sent", "delivered", "read", "played", "failed"]
            .iter()
            .position(|s| *s == status)
    };
    if rank(&message.status) < rank(status) {
        status.clone_into(&mut message.status);
    }
}

fn view(sent: &Sent, status: &str, code: i64, unix_time: i64) -> Value {
    let mut view = json!({
        "id": sent.id,
        "status": status,
        "timestamp": unix_time.to_string(),
        "recipient_id": sent.guest,
    });
    let Value::Object(fields) = &mut view else {
        return view;
    };
    if let Some(data) = &sent.callback_data {
        fields.insert("biz_opaque_callback_data".to_owned(), json!(data));
    }
    match status {
        "failed" => {
            fields.insert("errors".to_owned(), late_errors(code));
        }
        "sent" => {
            let conversation = json!({
                "id": format!("c{}", sent.guest),
                "expiration_timestamp": (unix_time + 86_400).to_string(),
                "origin": { "type": "service" },
            });
            let pricing = json!({ "billable": true, "pricing_model": "PMP", "category": "service" });
            fields.insert("conversation".to_owned(), conversation);
            fields.insert("pricing".to_owned(), pricing);
        }
        _ => {}
    }
    view
}
