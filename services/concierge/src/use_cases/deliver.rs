//! One claimed message on its way: written, sent, and what came of it.

use diesel_async::AsyncPgConnection;
use secrecy::ExposeSecret;
use storage::messages::{self, Due};
use storage::webhook_deliveries::{self, Source};
use storage::{DatabaseUnavailable, conversations};
use time::{Duration, OffsetDateTime};
use tracing::{Instrument, info_span};
use whatsapp::Client;
use whatsapp::client::Outgoing;
use whatsapp::message::{LimitError, Message, Template, Text};
use whatsapp::recipient::Recipient;
use whatsapp::window;

use super::judge::{Sending, Verdict, judge};
use super::settle::settle;
use crate::letter::{Letter, Parameter};
use crate::state::AppState;

/// How long statuses that have come, but are not worked on, keep a message from being sent again.
const STATUSES_MAY_TAKE: Duration = Duration::minutes(10);

/// The pause before the next look at them.
const STATUSES_PAUSE: Duration = Duration::seconds(10);

/// Why a message could not be made ready.
#[derive(Debug, thiserror::Error)]
enum PrepareError {
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    #[error("read what a message needs")]
    Query(#[from] diesel::result::Error),
    #[error("the message is beyond WhatsApp's limits")]
    Limit(#[from] LimitError),
    #[error("the message's content is none of ours")]
    Letter(#[from] serde_json::Error),
    #[error("the message is for nobody")]
    Recipient(#[from] whatsapp::recipient::RecipientError),
}

/// What to do with a claimed message.
enum Prepared {
    Send(Recipient, Message),
    Not(Verdict),
}

/// Sends a message that was claimed at `claimed_at`, and stores what came of it.
pub(crate) async fn deliver(state: &AppState, client: &Client, due: &Due, claimed_at: OffsetDateTime) {
    let span = info_span!(
        "send message",
        otel.name = "send message",
        message.id = %due.id,
        reservation.code = due.correlation_id,
        attempt = due.attempts,
        trace_id = tracing::field::Empty,
    );
    telemetry::trace::adopt_text(&span, due.traceparent.as_deref());
    send(state, client, due, claimed_at).instrument(span).await;
}

async fn send(state: &AppState, client: &Client, due: &Due, claimed_at: OffsetDateTime) {
    let letter = Letter::read(&due.content);
    let prepared = match &letter {
        Ok(letter) => prepare(state, due, letter).await,
        Err(_) => Ok(Prepared::Not(Verdict::GiveUp { cause: "unreadable" })),
    };
    let (recipient, message) = match prepared {
        Ok(Prepared::Send(recipient, message)) => (recipient, message),
        Ok(Prepared::Not(verdict)) => return settle(state, due, letter.ok(), "none", verdict).await,
        Err(error @ (PrepareError::Unavailable(_) | PrepareError::Query(_))) => {
            // It was not sent, but nothing can be written either: the lease ends by itself.
            let cause = telemetry::trace::chain(&error);
            return tracing::warn!(cause, "a message could not be made ready; it waits");
        }
        Err(error) => {
            let cause = telemetry::trace::chain(&error);
            tracing::error!(cause, "a message cannot be sent");
            return settle(
                state,
                due,
                letter.ok(),
                "none",
                Verdict::GiveUp { cause: "unreadable" },
            )
            .await;
        }
    };
    // A process that slept for so long is no longer the one that may send it.
    if claimed_at + state.sending.grace <= state.clock.now() {
        return tracing::warn!("a message was claimed too long ago; it waits for the end of its lease");
    }
    let callback = due.id.to_string();
    let outgoing = Outgoing {
        to: &recipient,
        message: &message,
        reply_to: None,
        callback: Some(&callback),
    };
    let result = client.send(&outgoing).await;
    let now = state.clock.now();
    state.gate.note(&result, now);
    let sending = Sending {
        attempts: u32::try_from(due.attempts).unwrap_or(1),
        age: now - due.created_at,
        grace: state.sending.grace,
        as_template: message.is_template(),
    };
    settle(state, due, letter.ok(), message.kind(), judge(result, sending)).await;
}

/// The message as it goes out now, or why it does not.
async fn prepare(state: &AppState, due: &Due, letter: &Letter) -> Result<Prepared, PrepareError> {
    let now = state.clock.now();
    let mut conn = state.database.get().await?;
    if letter.until.is_some_and(|until| until <= now) {
        return Ok(Prepared::Not(Verdict::GiveUp { cause: "too_late" }));
    }
    let link = match due.reservation_id {
        None => None,
        Some(reservation) => match messages::booking(&mut conn, reservation).await? {
            Some(booking) if letter.subject.fits(booking.status) => {
                Some(state.manage_link(reservation, &booking.code))
            }
            _ => return Ok(Prepared::Not(Verdict::GiveUp { cause: "obsolete" })),
        },
    };
    if due.may_have_been_sent && statuses_wait(&mut conn, now).await? {
        return Ok(Prepared::Not(Verdict::MaybeSent {
            cause: "statuses_pending",
            wait: STATUSES_PAUSE,
        }));
    }
    let last_heard = conversations::last_heard(&mut conn, &due.recipient).await?;
    let fill = |parameter: &Parameter| match (parameter, &link) {
        (Parameter::Text(text), _) => text.clone(),
        (Parameter::ManageLink, Some(link)) => link.expose_secret().to_owned(),
        (Parameter::ManageLink, None) => String::new(),
    };
    let parameters: Vec<String> = letter.parameters.iter().map(fill).collect();
    let template = letter.subject.template();
    let is_open = window::is_open(last_heard, now, state.sending.window_margin);
    let message = if is_open && !letter.template_only {
        Message::from(Text::new(&template.filled(&parameters))?)
    } else {
        let mut filled = Template::new(template.name, &state.sending.template_language)?;
        for parameter in &parameters {
            filled = filled.parameter(parameter)?;
        }
        Message::from(filled)
    };
    Ok(Prepared::Send(due.recipient.parse()?, message))
}

/// Whether a status that has come, but is not worked on, may prove that a message went out before.
async fn statuses_wait(conn: &mut AsyncPgConnection, now: OffsetDateTime) -> diesel::QueryResult<bool> {
    webhook_deliveries::any_unprocessed(conn, Source::Whatsapp, now - STATUSES_MAY_TAKE).await
}
