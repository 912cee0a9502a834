//! Which link a debt has, or whether one must be made: decided in one transaction, before the provider is asked.

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use domain::money::Money;
use domain::reservation::Status;
use storage::payment_links::{self, Debtor, PaymentLink};
use storage::{Context, outbox};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// For how long whoever asks the provider has an intent for himself; longer than any call.
pub(super) const LEASE: Duration = Duration::seconds(25);

/// A link that a guest can pay by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReadyLink {
    pub(crate) url: String,
    pub(crate) amount: Money,
    pub(crate) expires_at: OffsetDateTime,
}

/// Why a reservation has nothing to pay now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NothingToPay {
    /// There is no such reservation.
    #[error("there is no such reservation")]
    Unknown,
    /// It is no hold any more.
    #[error("the reservation is {}", .0.as_str())]
    NotHeld(Status),
    /// Its hold has run out.
    #[error("the hold has run out")]
    HoldEnded,
    /// Its deposit is paid.
    #[error("the deposit is paid")]
    Paid,
}

/// What to do about a debt's link.
pub(super) enum Plan {
    /// It is there.
    Ready(ReadyLink),
    /// Ask the provider for this one; `old` is what it replaces, perhaps still payable at the provider.
    Ask {
        link: Uuid,
        created_at: OffsetDateTime,
        attempts: i32,
        debtor: Box<Debtor>,
        amount: Money,
        expires_at: OffsetDateTime,
        old: Option<Box<PaymentLink>>,
    },
    /// Somebody else is asking for it, or a job will soon.
    InOtherHands,
}

/// Decides, inside the caller's transaction.
pub(super) async fn plan_link(
    conn: &mut AsyncPgConnection,
    context: &Context,
    reservation: Uuid,
) -> QueryResult<Result<Plan, NothingToPay>> {
    let now = context.now;
    let Some(debtor) = payment_links::debtor(conn, reservation).await? else {
        return Ok(Err(NothingToPay::Unknown));
    };
    let (amount, expires_at) = match owed(&debtor, now) {
        Ok(owed) => owed,
        Err(nothing) => return Ok(Err(nothing)),
    };
    let live = payment_links::lock_live(conn, reservation).await?;
    let (fitting, old) = match live {
        Some(link) if link.amount == amount && link.expires_at == expires_at => (Some(link), None),
        other => (None, other),
    };
    let leased_until = now + LEASE;
    if let Some(link) = fitting {
        if let Some(url) = link.url {
            return Ok(Ok(Plan::Ready(ReadyLink {
                url,
                amount,
                expires_at,
            })));
        }
        // Somebody is asking, or has just failed to: whoever comes waits for the next try.
        if link.next_attempt_at.is_some_and(|until| now < until) && link.preference_id.is_none() {
            return Ok(Ok(Plan::InOtherHands));
        }
        payment_links::lease(conn, link.id, now, leased_until).await?;
        let (link, created_at, attempts) = (link.id, link.created_at, link.attempts + 1);
        let debtor = Box::new(debtor);
        return Ok(Ok(Plan::Ask {
            link,
            created_at,
            attempts,
            debtor,
            amount,
            expires_at,
            old: None,
        }));
    }
    if old.is_some() {
        payment_links::retire(conn, reservation, now).await?;
    }
    let link = outbox::new_id(now);
    payment_links::insert_intent(conn, link, &debtor, (amount, expires_at), (now, leased_until)).await?;
    let debtor = Box::new(debtor);
    let old = old.map(Box::new);
    Ok(Ok(Plan::Ask {
        link,
        created_at: now,
        attempts: 1,
        debtor,
        amount,
        expires_at,
        old,
    }))
}

/// What a reservation owes, and until when it can be paid.
fn owed(debtor: &Debtor, now: OffsetDateTime) -> Result<(Money, OffsetDateTime), NothingToPay> {
    if debtor.status != Status::PreReserved {
        return Err(NothingToPay::NotHeld(debtor.status));
    }
    let amount = debtor.owes();
    if amount.is_zero() {
        return Err(NothingToPay::Paid);
    }
    match debtor.expires_at {
        Some(expires_at) if now < expires_at => Ok((amount, expires_at)),
        _ => Err(NothingToPay::HoldEnded),
    }
}
