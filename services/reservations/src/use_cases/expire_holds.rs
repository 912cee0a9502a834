//! Ending holds that ran out unpaid. Any number of replicas may do it at once.

use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::accommodation::AccommodationId;
use domain::payment::RefundReason;
use domain::reservation::{Status, has_expired};
use events::v1::{ReservationExpired, ReservationRefundRequested};
use serde_json::json;
use storage::payments::{self, ExpiryVerdict, expiry_verdict};
use storage::reservations::{self, Reservation};
use storage::{Context, accommodations, outbox, timeline};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use crate::settings::Policy;

/// How many lodgings are looked at in one go.
const BATCH: i64 = 200;

/// What became of a hold that ran out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It ended; its nights are free.
    Expired(Box<Reservation>),
    /// Part of its deposit is paid: it lasts longer, once.
    Extended,
    /// Its money is still on the way, or may be: it stays for now.
    Kept,
    /// It has not run out, or is no hold any more.
    Gone,
}

/// Ends the holds that ran out by `context.now` and announces `reservation.expired.v1` for each; gives those that ended.
///
/// A lodging whose row somebody else has locked is left for the next time: another replica, or a guest who is booking.
///
/// # Errors
///
/// The store's failure.
pub async fn expire_holds(
    conn: &mut AsyncPgConnection,
    context: &Context,
    policy: &Policy,
) -> QueryResult<Vec<Reservation>> {
    let mut expired = Vec::new();
    let mut after = AccommodationId(i64::MIN);
    loop {
        // Holds that are kept stay due, so that every page must be turned.
        let lodgings = reservations::lodgings_with_due_holds(conn, context.now, after, BATCH).await?;
        let Some(last) = lodgings.last() else {
            return Ok(expired);
        };
        after = *last;
        for lodging in lodgings {
            expired.extend(expire_holds_of(conn, context, policy, lodging).await?);
        }
    }
}

async fn expire_holds_of(
    conn: &mut AsyncPgConnection,
    context: &Context,
    policy: &Policy,
    lodging: AccommodationId,
) -> QueryResult<Vec<Reservation>> {
    conn.transaction(async |conn| {
        let mut ended = Vec::new();
        if accommodations::try_lock(conn, lodging).await?.is_none() {
            return Ok(ended);
        }
        for id in reservations::due_holds_of(conn, lodging, context.now).await? {
            if let Fate::Expired(hold) = end_if_run_out(conn, context, policy, id).await? {
                ended.push(*hold);
            }
        }
        Ok(ended)
    })
    .await
}

/// Ends one hold if it ran out and no money is on its way; call it under the lodging's lock.
///
/// # Errors
///
/// The store's failure.
pub async fn end_if_run_out(
    conn: &mut AsyncPgConnection,
    context: &Context,
    policy: &Policy,
    id: Uuid,
) -> QueryResult<Fate> {
    let Some((_, hold)) = reservations::lock(conn, id).await? else {
        return Ok(Fate::Gone);
    };
    let Some(expires_at) = hold.expires_at else {
        return Ok(Fate::Gone);
    };
    if !has_expired(hold.status, hold.expires_at, context.now) {
        return Ok(Fate::Gone);
    }
    let verdict = expiry_verdict(conn, id, expires_at).await?;
    if waits(verdict, expires_at, context.now, policy) {
        return Ok(Fate::Kept);
    }
    // Whatever else is disputed: what is here has either time for its rest or goes back.
    if !hold.paid.is_zero() {
        if hold.extended_at.is_none() {
            extend(conn, context, policy, &hold).await?;
            return Ok(Fate::Extended);
        }
        give_back(conn, context, &hold).await?;
    }
    if !reservations::end(conn, id, Status::PreReserved, Status::Expired, context.now).await? {
        return Ok(Fate::Gone);
    }
    payments::reopen_disputed(conn, id, context.now).await?;
    let event = ReservationExpired {
        reservation: Some(hold.facts()),
    };
    timeline::append(conn, context, id, "expired", json!({})).await?;
    outbox::append(conn, context, &event).await?;
    let ended = Reservation {
        status: Status::Expired,
        ..hold
    };
    Ok(Fate::Expired(Box::new(ended)))
}

/// Whether a hold that ran out at `expires_at` is kept for its money, which is bounded unless the money is there.
fn waits(verdict: ExpiryVerdict, expires_at: OffsetDateTime, now: OffsetDateTime, policy: &Policy) -> bool {
    match verdict {
        ExpiryVerdict::MayEnd => false,
        ExpiryVerdict::MoneyFound => true,
        ExpiryVerdict::NotAsked => now < expires_at + policy.payment_grace,
        ExpiryVerdict::InProcess => now < expires_at + policy.payment_in_process,
    }
}

async fn extend(
    conn: &mut AsyncPgConnection,
    context: &Context,
    policy: &Policy,
    hold: &Reservation,
) -> QueryResult<()> {
    let until = context.now + policy.partial_payment;
    reservations::extend(conn, hold.id, until, context.now).await?;
    let detail = json!({
        "until": until.format(&Rfc3339).unwrap_or_default(),
        "paid_minor": hold.paid.minor(),
        "deposit_minor": hold.deposit.minor(),
    });
    timeline::append(conn, context, hold.id, "extended", detail).await
}

/// The rest of the deposit never came: what was paid goes back.
async fn give_back(conn: &mut AsyncPgConnection, context: &Context, hold: &Reservation) -> QueryResult<()> {
    let reason = RefundReason::DepositIncomplete;
    let event = ReservationRefundRequested {
        reservation: Some(hold.facts()),
        payment_id: String::new(),
        amount: Some(hold.paid.into()),
        reason: reason.as_str().to_owned(),
    };
    let detail = json!({ "reason": reason.as_str(), "amount_minor": hold.paid.minor() });
    timeline::append(conn, context, hold.id, "refund_requested", detail).await?;
    outbox::append(conn, context, &event).await?;
    Ok(())
}
