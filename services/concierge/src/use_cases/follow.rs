//! How far a message of ours has come, by Meta's word.

use diesel_async::AsyncPgConnection;
use serde_json::json;
use storage::messages::{self, Tracked};
use storage::{Context, timeline};
use uuid::Uuid;
use whatsapp::action::Action;
use whatsapp::status::{Effect, Status, effect};
use whatsapp::webhook::DeliveryUpdate;

use super::judge::{UNKNOWN_CODE_TRIES, guest_wait, wait};
use crate::letter::Letter;

/// What a status changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Followed {
    /// The message stands there now.
    Applied,
    /// It failed for good, for this cause.
    Failed(&'static str),
    /// It failed and is sent once more.
    SentAgain,
    /// Old news, or a word that we do not know.
    Recorded,
    /// It says that a message failed which had arrived.
    Contradicts,
    /// The message is none of ours.
    NotOurs,
}

impl Followed {
    /// The label.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Applied | Self::Failed(_) => "applied",
            Self::SentAgain => "sent_again",
            Self::Recorded => "recorded",
            Self::Contradicts => "contradicts",
            Self::NotOurs => "not_ours",
        }
    }
}

/// Applies one status in the caller's transaction, and gives the message's subject with what changed.
pub(crate) async fn follow(
    conn: &mut AsyncPgConnection,
    context: &Context,
    update: &DeliveryUpdate,
) -> diesel::QueryResult<(Option<&'static str>, Followed)> {
    let callback: Option<Uuid> = update.callback.as_deref().and_then(|id| id.parse().ok());
    let Some(tracked) = messages::lock_tracked(conn, &update.message_id, callback).await? else {
        return Ok((None, Followed::NotOurs));
    };
    let Ok(letter) = Letter::read(&tracked.content) else {
        return Ok((None, Followed::Recorded));
    };
    let subject = Some(letter.subject.as_str());
    let (Some(status), false) = (update.status, is_of_the_past(update, &tracked, &letter)) else {
        return Ok((subject, Followed::Recorded));
    };
    let followed = match effect(current(&tracked.state), status) {
        Effect::Recorded => Followed::Recorded,
        Effect::Contradicts => Followed::Contradicts,
        Effect::Applied if status == Status::Failed => {
            failed(conn, context, update, &tracked, letter).await?
        }
        Effect::Applied => {
            let (id, wamid) = (tracked.id, &update.message_id);
            messages::set_state(conn, id, status.as_str(), wamid, None, context.now).await?;
            // The answer to our call never came, or comes later.
            if matches!(tracked.state.as_str(), "queued" | "sending" | "unknown")
                && let Some(reservation) = tracked.reservation_id
            {
                let detail = json!({ "message": subject, "by": "status" });
                timeline::append(conn, context, reservation, "guest_told", detail).await?;
            }
            Followed::Applied
        }
    };
    Ok((subject, followed))
}

/// Whether the status is about an earlier sending of the message than the one that counts.
fn is_of_the_past(update: &DeliveryUpdate, tracked: &Tracked, letter: &Letter) -> bool {
    let other = tracked
        .wamid
        .as_ref()
        .is_some_and(|wamid| *wamid != update.message_id);
    letter.earlier.contains(&update.message_id) || (other && update.status == Some(Status::Failed))
}

/// Our word for a state as the lattice has it.
fn current(state: &str) -> Status {
    let known = Status::ALL.into_iter().find(|status| status.as_str() == state);
    known.unwrap_or(Status::Queued)
}

async fn failed(
    conn: &mut AsyncPgConnection,
    context: &Context,
    update: &DeliveryUpdate,
    tracked: &Tracked,
    mut letter: Letter,
) -> diesel::QueryResult<Followed> {
    let action = update.failures.first().map(whatsapp::webhook::Failure::action);
    let action = action.unwrap_or(Action::Unknown { transient: false });
    let attempts = u32::try_from(tracked.attempts).unwrap_or(1);
    let again = match action {
        Action::NeedsTemplate if !letter.template_only => Some(time::Duration::ZERO),
        Action::PairRate => Some(guest_wait(attempts)),
        action if action.may_pass() => Some(wait(attempts)),
        _ => None,
    };
    let again = again.filter(|_| attempts < UNKNOWN_CODE_TRIES);
    let subject = letter.subject.as_str();
    if let Some(wait) = again {
        letter.template_only |= action == Action::NeedsTemplate;
        letter.earlier.push(update.message_id.clone());
        if let Ok(stored) = letter.stored() {
            let until = context.now + wait;
            messages::requeue(conn, tracked.id, &stored, until, context.now).await?;
            return Ok(Followed::SentAgain);
        }
    }
    let cause = action.as_str();
    let (id, wamid) = (tracked.id, &update.message_id);
    messages::set_state(conn, id, "failed", wamid, Some(cause), context.now).await?;
    if let Some(reservation) = tracked.reservation_id {
        let detail = json!({ "message": subject, "cause": cause });
        timeline::append(conn, context, reservation, "guest_not_told", detail).await?;
    }
    Ok(Followed::Failed(cause))
}
