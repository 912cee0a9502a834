//! `webhook.whatsapp_received.v1` → what guests wrote is kept, and our messages move on.
//!
//! Each item of a batch has a transaction of its own, so that a bad one fails alone; doing one twice changes nothing.

use diesel_async::{AsyncConnection, AsyncPgConnection};
use events::v1;
use messaging::{Delivery, Outcome};
use storage::{Context, inbox, webhook_deliveries};
use uuid::Uuid;
use whatsapp::webhook::{self, Item};

use super::failed;
use crate::state::AppState;
use crate::use_cases::follow::{Followed, follow};
use crate::use_cases::hear::hear;

/// How often a batch is worked on before its bad items are left to a person.
const TRIES: u32 = 4;

/// Why a delivery, or a part of it, needs a person.
#[derive(Debug, thiserror::Error)]
enum BadDelivery {
    #[error("the event names no delivery")]
    NoDelivery,
    #[error("the delivery cannot be read")]
    NotJson(#[source] webhook::NotJson),
    #[error("{0} items of the delivery cannot be read")]
    Unreadable(usize),
    #[error("{count} items of the delivery fail")]
    Items {
        count: usize,
        #[source]
        last: diesel::result::Error,
    },
}

/// What became of the items.
#[derive(Default)]
struct Tally {
    done: usize,
    unreadable: usize,
    failed: usize,
    last: Option<diesel::result::Error>,
}

pub(super) async fn whatsapp_received(
    state: &AppState,
    delivery: Delivery<v1::WebhookWhatsappReceived>,
) -> Outcome {
    let Ok(stored) = delivery.event.delivery_id.parse::<Uuid>() else {
        return Outcome::Reject(BadDelivery::NoDelivery.into());
    };
    let mut conn = match state.database.get().await {
        Ok(conn) => conn,
        Err(error) => return Outcome::Postpone(error.into()),
    };
    let body = match webhook_deliveries::find(&mut conn, stored).await {
        Ok(Some(found)) => found.body,
        Ok(None) => return Outcome::Reject(BadDelivery::NoDelivery.into()),
        Err(error) => return failed(error),
    };
    let context = state.context();
    let tally = match webhook::parse(&body) {
        Ok(items) => match work_through(state, &mut conn, &context, &items).await {
            Ok(tally) => tally,
            Err(error) => return failed(error),
        },
        Err(error) => {
            let outcome = end(&mut conn, &context, &delivery, stored, "not_json").await;
            return outcome.unwrap_or_else(|| Outcome::Reject(BadDelivery::NotJson(error).into()));
        }
    };
    settle(&mut conn, &context, &delivery, stored, tally).await
}

/// Works on every item; an error means that the database is away.
async fn work_through(
    state: &AppState,
    conn: &mut AsyncPgConnection,
    context: &Context,
    items: &[Item],
) -> Result<Tally, diesel::result::Error> {
    let mut tally = Tally::default();
    for item in items {
        match work_on(state, conn, context, item).await {
            Ok(true) => tally.done += 1,
            Ok(false) => tally.unreadable += usize::from(matches!(item, Item::Unreadable(_))),
            Err(error) if storage::error::is_unavailable(&error) => return Err(error),
            Err(error) => {
                let cause = telemetry::trace::chain(&error);
                tracing::warn!(cause, "an item of a delivery fails");
                tally.failed += 1;
                tally.last = Some(error);
            }
        }
    }
    Ok(tally)
}

/// Whether there was anything to do.
async fn work_on(
    state: &AppState,
    conn: &mut AsyncPgConnection,
    context: &Context,
    item: &Item,
) -> Result<bool, diesel::result::Error> {
    let ours = |number: &Option<String>| match (number, &state.phone_number_id) {
        (Some(number), Some(ours)) => number == ours,
        _ => true,
    };
    match item {
        Item::Message(message) if ours(&message.phone_number_id) => {
            let is_new = conn
                .transaction(async |conn| hear(conn, context, message).await)
                .await?;
            if is_new {
                state.metrics.received(&message.content);
            }
            Ok(true)
        }
        Item::Delivery(update) if ours(&update.phone_number_id) => {
            let (subject, followed) = conn
                .transaction(async |conn| follow(conn, context, update).await)
                .await?;
            state.metrics.status(&update.word, followed.as_str());
            tell_of(state, subject.unwrap_or("other"), followed);
            Ok(true)
        }
        Item::Message(_) | Item::Delivery(_) => {
            tracing::warn!("a delivery is for a phone number that is not ours");
            Ok(false)
        }
        Item::Account(update) => {
            state.metrics.account_update();
            tracing::warn!(
                field = update.field,
                event = update.event,
                "Meta changed something about our WhatsApp account: look at Meta's panel"
            );
            Ok(true)
        }
        Item::Unreadable(_) => Ok(false),
    }
}

fn tell_of(state: &AppState, subject: &str, followed: Followed) {
    match followed {
        Followed::Failed(cause) => {
            state.metrics.failed(subject, cause);
            tracing::error!(subject, cause, "a message to a guest did not arrive");
        }
        Followed::SentAgain => {
            state.due.nudge();
            tracing::warn!(subject, "a message to a guest did not arrive and is sent again");
        }
        Followed::Contradicts => {
            tracing::warn!(subject, "a message that had arrived is said to have failed");
        }
        Followed::Applied | Followed::Recorded | Followed::NotOurs => {}
    }
}

async fn settle(
    conn: &mut AsyncPgConnection,
    context: &Context,
    delivery: &Delivery<v1::WebhookWhatsappReceived>,
    stored: Uuid,
    tally: Tally,
) -> Outcome {
    if let Some(last) = tally.last {
        let error = BadDelivery::Items {
            count: tally.failed,
            last,
        };
        if delivery.attempt < TRIES {
            return Outcome::Retry(error.into());
        }
        let outcome = end(conn, context, delivery, stored, "items_failed").await;
        return outcome.unwrap_or_else(|| Outcome::Reject(error.into()));
    }
    if 0 < tally.unreadable {
        let error = BadDelivery::Unreadable(tally.unreadable);
        let outcome = end(conn, context, delivery, stored, "items_unreadable").await;
        return outcome.unwrap_or_else(|| Outcome::Reject(error.into()));
    }
    let word = if tally.done == 0 { "ignored" } else { "done" };
    let outcome = end(conn, context, delivery, stored, word).await;
    outcome.unwrap_or(Outcome::Done)
}

/// Marks the delivery and its event as worked on; gives an outcome only if that fails.
async fn end(
    conn: &mut AsyncPgConnection,
    context: &Context,
    delivery: &Delivery<v1::WebhookWhatsappReceived>,
    stored: Uuid,
    word: &str,
) -> Option<Outcome> {
    let marked = conn
        .transaction(async |conn| {
            inbox::first_time(conn, &delivery.consumer, delivery.event_id, context.now).await?;
            webhook_deliveries::mark_processed(conn, stored, word, context.now).await
        })
        .await;
    marked.err().map(failed)
}
