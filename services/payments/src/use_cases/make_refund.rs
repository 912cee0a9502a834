//! A stored refund is made at the provider, always with its own id as the key, and followed until it ends.

use diesel_async::AsyncConnection;
use domain::payment::ParkReason;
use mercadopago::error::CallError;
use mercadopago::id::Id;
use mercadopago::refund::{Refund, RefundState as ProviderState};
use storage::StoreFailure;
use storage::payments::{self, FoundBy, StoredPayment};
use storage::refunds::{self, RefundProgress, RefundState, StoredRefund};
use storage::timeline;
use time::Duration;

use super::poll::take_by_id;
use crate::state::AppState;

/// How many are worked on in one run.
const MOST_AT_ONCE: usize = 50;

/// For how long one replica has a refund for itself; longer than any call.
const LEASE: Duration = Duration::seconds(60);

/// How long the provider's own work on a refund may go unlooked-at.
const LONGEST_LOOK: Duration = Duration::minutes(30);

/// The longest wait after a failed try.
const LONGEST_WAIT: Duration = Duration::minutes(10);

/// A conflict, or a payment that is not there, is for a person after so many tries.
const MOST_TRIES: i32 = 6;

/// Works on every refund that is due, and tells how many.
pub(crate) async fn make_due(state: &AppState) -> Result<usize, StoreFailure> {
    if state.provider.is_none() {
        return Ok(0);
    }
    let mut worked_on = 0;
    while worked_on < MOST_AT_ONCE {
        // One by one: a lease must not run out behind the others.
        let now = state.clock.now();
        let due = {
            let mut conn = state.database.get().await?;
            refunds::claim_due(&mut conn, now, now + LEASE, 1).await?
        };
        let Some(refund) = due.first() else {
            break;
        };
        make(state, refund).await?;
        worked_on += 1;
    }
    Ok(worked_on)
}

/// One try: ask, understand, store.
async fn make(state: &AppState, refund: &StoredRefund) -> Result<(), StoreFailure> {
    let payment = {
        let mut conn = state.database.get().await?;
        payments::find(&mut conn, refund.payment).await?
    };
    let Some(payment) = payment else {
        return Ok(());
    };
    let Ok(provider_id) = payment.provider_payment_id.parse::<Id>() else {
        return refuse(
            state,
            refund,
            "the provider's id of the payment is unusable".to_owned(),
        )
        .await;
    };
    match ask(state, refund, &payment, &provider_id).await {
        Ok(answer) => answered(state, refund, &provider_id, &answer).await,
        Err(error) => failed(state, refund, &payment, &provider_id, &error).await,
    }
}

/// A refund that the provider has is read; any other is asked for, with the same key and the same body every time.
async fn ask(
    state: &AppState,
    refund: &StoredRefund,
    payment: &StoredPayment,
    provider_id: &Id,
) -> Result<Refund, CallError> {
    let Some(provider) = &state.provider else {
        return Err(CallError::CircuitOpen);
    };
    let known = refund
        .provider_refund_id
        .as_deref()
        .and_then(|id| id.parse::<Id>().ok());
    if let Some(known) = known {
        return provider.refund(provider_id, &known).await;
    }
    let whole = refund.amount.minor() == payment.amount_minor;
    provider
        .create_refund(refund.id, provider_id, (!whole).then_some(refund.amount))
        .await
}

async fn answered(
    state: &AppState,
    refund: &StoredRefund,
    provider_id: &Id,
    answer: &Refund,
) -> Result<(), StoreFailure> {
    let provider_refund_id = Some(answer.id.to_string());
    match answer.state() {
        ProviderState::Approved => {
            // Done only when the payment itself shows it, so that everybody hears of it.
            let read = take_by_id(state, provider_id, FoundBy::Poll).await;
            let done = read.is_ok();
            let progress = RefundProgress {
                state: if done {
                    RefundState::Done
                } else {
                    RefundState::InProcess
                },
                provider_refund_id,
                next_attempt_at: (!done).then(|| state.clock.now() + wait(refund.attempts, LONGEST_LOOK)),
                failure: None,
            };
            store(state, refund, &progress).await
        }
        ProviderState::InProcess | ProviderState::Unknown => {
            let progress = RefundProgress {
                state: RefundState::InProcess,
                provider_refund_id,
                next_attempt_at: Some(state.clock.now() + wait(refund.attempts, LONGEST_LOOK)),
                failure: None,
            };
            store(state, refund, &progress).await
        }
        ProviderState::Rejected => refuse(state, refund, "the provider rejected the refund".to_owned()).await,
    }
}

/// The table of the contract, section 8.
async fn failed(
    state: &AppState,
    refund: &StoredRefund,
    payment: &StoredPayment,
    provider_id: &Id,
    error: &CallError,
) -> Result<(), StoreFailure> {
    let cause = telemetry::trace::chain(error);
    match error {
        CallError::Conflict(_) | CallError::Refused(_) => {
            // What we want may have happened: the payment knows.
            if take_by_id(state, provider_id, FoundBy::Poll).await.is_ok()
                && has_gone(state, refund, payment).await?
            {
                let progress = RefundProgress {
                    state: RefundState::Done,
                    provider_refund_id: None,
                    next_attempt_at: None,
                    failure: None,
                };
                return store(state, refund, &progress).await;
            }
            if matches!(error, CallError::Conflict(_)) && refund.attempts < MOST_TRIES {
                return again(state, refund, wait(refund.attempts, LONGEST_WAIT), cause).await;
            }
            refuse(state, refund, cause).await
        }
        CallError::NotFound if refund.attempts < MOST_TRIES => {
            again(state, refund, wait(refund.attempts, LONGEST_WAIT), cause).await
        }
        CallError::NotFound | CallError::Request(_) => refuse(state, refund, cause).await,
        CallError::Unauthorized(_) => {
            tracing::error!(refund.id = %refund.id, cause, "the provider does not let us make a refund");
            again(state, refund, LONGEST_WAIT, cause).await
        }
        CallError::RateLimited { retry_after } => {
            let asked = retry_after
                .and_then(|asked| Duration::try_from(asked).ok())
                .unwrap_or(Duration::ZERO);
            again(
                state,
                refund,
                wait(refund.attempts, LONGEST_WAIT).max(asked),
                cause,
            )
            .await
        }
        CallError::Locked(_)
        | CallError::Unavailable(_)
        | CallError::CircuitOpen
        | CallError::Malformed(_) => again(state, refund, wait(refund.attempts, LONGEST_WAIT), cause).await,
    }
}

/// Whether the payment shows that all of our refunds up to this one have gone back.
async fn has_gone(
    state: &AppState,
    refund: &StoredRefund,
    before: &StoredPayment,
) -> Result<bool, StoreFailure> {
    let mut conn = state.database.get().await?;
    let Some(now) = payments::find(&mut conn, refund.payment).await? else {
        return Ok(false);
    };
    let done: i64 = refunds::of_payment(&mut conn, refund.payment)
        .await?
        .iter()
        .filter(|other| other.state == RefundState::Done)
        .map(|other| other.amount.minor())
        .sum();
    let whole = now.refunded_minor == now.amount_minor && 0 < before.amount_minor;
    Ok(whole || done + refund.amount.minor() <= now.refunded_minor)
}

async fn again(
    state: &AppState,
    refund: &StoredRefund,
    wait: Duration,
    failure: String,
) -> Result<(), StoreFailure> {
    tracing::warn!(refund.id = %refund.id, attempts = refund.attempts, cause = failure, "a refund is tried again later");
    let progress = RefundProgress {
        state: refund.state,
        provider_refund_id: refund.provider_refund_id.clone(),
        next_attempt_at: Some(state.clock.now() + wait),
        failure: Some(failure),
    };
    store(state, refund, &progress).await
}

/// It will not go back by itself: a person must look.
async fn refuse(state: &AppState, refund: &StoredRefund, failure: String) -> Result<(), StoreFailure> {
    let context = state.context();
    let progress = RefundProgress {
        state: RefundState::Refused,
        provider_refund_id: refund.provider_refund_id.clone(),
        next_attempt_at: None,
        failure: Some(failure.clone()),
    };
    let mut conn = state.database.get().await?;
    let stored = conn
        .transaction(async |conn| {
            if !refunds::progress(conn, refund.id, &progress, context.now).await? {
                return Ok(false);
            }
            payments::park(conn, refund.payment, ParkReason::RefundRefused, context.now).await?;
            if let Some(reservation) = refund.reservation {
                let detail = serde_json::json!({
                    "refund_id": refund.id, "payment_id": refund.payment, "amount": refund.amount.decimal(),
                });
                timeline::append(conn, &context, reservation, "refund_refused", detail).await?;
            }
            Ok::<_, diesel::result::Error>(true)
        })
        .await?;
    if stored {
        state.metrics.refund(RefundState::Refused);
        state.metrics.parked(ParkReason::RefundRefused);
        tracing::error!(refund.id = %refund.id, cause = failure, "a refund is refused and waits for a person");
    }
    Ok(())
}

async fn store(
    state: &AppState,
    refund: &StoredRefund,
    progress: &RefundProgress,
) -> Result<(), StoreFailure> {
    let mut conn = state.database.get().await?;
    let stored = refunds::progress(&mut conn, refund.id, progress, state.clock.now()).await?;
    if stored && refund.state != progress.state {
        state.metrics.refund(progress.state);
        tracing::info!(refund.id = %refund.id, state = progress.state.as_str(), "a refund is {}", progress.state.as_str());
    }
    Ok(())
}

/// 4 s after the first try, then twice as long each time, at most `longest`.
fn wait(attempts: i32, longest: Duration) -> Duration {
    let doublings = u32::try_from(attempts).unwrap_or(1).clamp(1, 12);
    (Duration::seconds(2) * 2_i32.saturating_pow(doublings)).min(longest)
}
