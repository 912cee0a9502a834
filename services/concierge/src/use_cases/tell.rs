//! Queueing what a guest is told: one row a fact, whoever comes first.

use diesel_async::AsyncPgConnection;
use serde_json::json;
use storage::messages::{self, Booking, NewOutgoing};
use storage::{Context, conversations, outbox, timeline};
use uuid::Uuid;
use whatsapp::number;

use crate::news::News;

/// Why a guest cannot be told anything.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TellError {
    /// The event is about a stay that is none of ours.
    #[error("there is no such reservation")]
    NoReservation,
    /// The message cannot be written as JSON.
    #[error("write the message")]
    Letter(#[from] serde_json::Error),
    /// A statement failed.
    #[error("queue a message")]
    Query(#[from] diesel::result::Error),
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// It will be sent.
    Queued,
    /// The fact was queued before.
    Before,
    /// The guest left no telephone; that is noted.
    NoPhone,
}

/// Queues `news` about `reservation` in the caller's transaction.
pub(crate) async fn tell(
    conn: &mut AsyncPgConnection,
    context: &Context,
    reservation: Uuid,
    news: &News,
) -> Result<Told, TellError> {
    let booking = messages::booking(conn, reservation)
        .await?
        .ok_or(TellError::NoReservation)?;
    let letter = news.letter(&booking).stored()?;
    let fact = news.fact(&booking.code);
    let recipient = recipient(conn, &booking).await?;
    let message = NewOutgoing {
        id: outbox::new_id(context.now),
        fact: &fact,
        recipient: recipient.as_deref().unwrap_or_default(),
        content: &letter,
        reservation,
        correlation_id: &booking.code,
        traceparent: context.traceparent.as_deref(),
    };
    if recipient.is_some() {
        let queued = messages::queue(conn, &message, context.now).await?;
        return Ok(if queued { Told::Queued } else { Told::Before });
    }
    if !messages::refuse(conn, &message, "no_phone", context.now).await? {
        return Ok(Told::Before);
    }
    let detail = json!({ "message": news.subject().as_str(), "cause": "no_phone" });
    timeline::append(conn, context, reservation, "guest_not_told", detail).await?;
    Ok(Told::NoPhone)
}

/// The WhatsApp id under which the guest has written, otherwise the telephone as it was given.
async fn recipient(conn: &mut AsyncPgConnection, booking: &Booking) -> Result<Option<String>, TellError> {
    let Some(phone) = &booking.phone else {
        return Ok(None);
    };
    let digits = phone.trim_start_matches('+');
    let known = conversations::known_wa_id(conn, &number::possible_wa_ids(digits)).await?;
    Ok(Some(known.unwrap_or_else(|| digits.to_owned())))
}
