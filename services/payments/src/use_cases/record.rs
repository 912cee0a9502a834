//! A reading of a payment becomes what we know: under the row's lock, on its lattice, through the guard, with its events.

mod announce;
mod consequence;

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use domain::code::ReservationCode;
use domain::payment::{ParkReason, PaymentState, advances};
use mercadopago::payment::Payment;
use storage::payment_links::{self, Debtor};
use storage::payments::{self, FoundBy, NewPayment, StoredPayment};
use storage::{Context, outbox};
use uuid::Uuid;

pub(crate) use announce::approved;

use super::reading::judge;
use crate::metrics::Metrics;
use consequence::{Consequence, Situation, consequence};

/// What a reading did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// It is what we knew, or older.
    Nothing,
    /// It was stored, and whoever must know is told.
    Advanced {
        /// Whether we had not known the payment.
        new: bool,
        /// Where it stands.
        state: PaymentState,
    },
    /// It was stored, and a person must look at it.
    Parked {
        /// Whether we had not known the payment.
        new: bool,
        /// Why.
        reason: ParkReason,
    },
}

/// Stores `payment` as read from the provider, inside the caller's transaction.
///
/// Notifications may come twice, late and in any order: only what is newer by the provider's clock changes anything.
///
/// # Errors
///
/// The store's failure.
pub async fn record(
    conn: &mut AsyncPgConnection,
    context: &Context,
    collector: Option<&str>,
    found_by: FoundBy,
    payment: &Payment,
) -> QueryResult<Recorded> {
    let debtor = debtor(conn, payment).await?;
    let judged = judge(
        payment,
        debtor.as_ref().map(|debtor| debtor.reservation),
        context.now,
    );
    let new = NewPayment {
        id: outbox::new_id(context.now),
        provider_payment_id: payment.id.to_string(),
        found_by,
        reading: judged.reading.clone(),
    };
    let known = match payments::lock_by_provider_id(conn, &new.provider_payment_id).await? {
        Some(known) => Some(known),
        None if payments::insert(conn, &new, context.now).await? => None,
        // Somebody else was faster; his transaction has ended, since the insert waited for it.
        None => payments::lock_by_provider_id(conn, &new.provider_payment_id).await?,
    };
    if let Some(known) = &known {
        let found = domain::payment::Version {
            updated_at: judged.reading.provider_updated_at,
            state: judged.reading.state.clone(),
            refunded: domain::money::Money::new(
                judged.reading.refunded_minor,
                known.version().refunded.currency(),
            )
            .unwrap_or(known.version().refunded),
        };
        if !advances(&known.version(), &found) {
            return Ok(Recorded::Nothing);
        }
        payments::advance(conn, known.id, &judged.reading, context.now).await?;
    }
    let id = known.as_ref().map_or(new.id, |known| known.id);
    let Some(stored) = payments::find(conn, id).await? else {
        return Err(diesel::result::Error::NotFound);
    };
    let debtor = attached(conn, debtor, &stored).await?;
    let situation = Situation {
        known: known.as_ref(),
        stored: &stored,
        debtor: debtor.as_ref(),
        collector,
    };
    let consequence = match judged.incomplete {
        Some(reason) => Consequence::Park(reason),
        None => consequence(&situation),
    };
    let parked = announce::carry_out(conn, context, &situation, consequence).await?;
    let new = known.is_none();
    Ok(match parked {
        Some(reason) => Recorded::Parked { new, reason },
        None => Recorded::Advanced {
            new,
            state: stored.state,
        },
    })
}

/// Counts what a committed reading did, and says aloud what a person must see.
pub(crate) fn tell(metrics: &Metrics, found_by: FoundBy, provider_id: &str, recorded: &Recorded) {
    let (new, state) = match recorded {
        Recorded::Nothing => return,
        Recorded::Advanced { new, state } => (*new, Some(state)),
        Recorded::Parked { new, reason } => {
            metrics.parked(*reason);
            tracing::error!(
                payment.provider_id = provider_id,
                reason = reason.as_str(),
                "a payment waits for a person: {}",
                reason.as_str()
            );
            (*new, None)
        }
    };
    if let Some(state) = state {
        metrics.payment(state);
        if matches!(state, PaymentState::ChargedBack | PaymentState::InMediation) {
            tracing::error!(
                payment.provider_id = provider_id,
                state = state.as_str(),
                "a payment is disputed"
            );
        } else {
            tracing::info!(
                payment.provider_id = provider_id,
                state = state.as_str(),
                "a payment is {}",
                state.as_str()
            );
        }
    }
    if new {
        metrics.found(found_by);
        if found_by == FoundBy::Poll {
            tracing::warn!(
                payment.provider_id = provider_id,
                "a payment was found by asking, not by a notification"
            );
        }
    }
}

/// The reservation that the payment's reference names.
async fn debtor(conn: &mut AsyncPgConnection, payment: &Payment) -> QueryResult<Option<Debtor>> {
    let reference = payment.external_reference.as_deref().unwrap_or_default();
    match reference.parse::<ReservationCode>() {
        Ok(code) => payment_links::debtor_of(conn, &code).await,
        Err(_) => Ok(None),
    }
}

/// The reservation that a person has attached the payment to, if the reference names none.
async fn attached(
    conn: &mut AsyncPgConnection,
    debtor: Option<Debtor>,
    stored: &StoredPayment,
) -> QueryResult<Option<Debtor>> {
    let reservation: Option<Uuid> = stored.reservation;
    match (debtor, reservation) {
        (Some(debtor), Some(reservation)) if debtor.reservation == reservation => Ok(Some(debtor)),
        (_, Some(reservation)) => payment_links::debtor(conn, reservation).await,
        (debtor, None) => Ok(debtor),
    }
}
