//! A debt gets its one link: the intent first, the provider outside any transaction, then the answer and its event.

use std::time::Duration;

use calendar::Zone;
use diesel_async::AsyncConnection;
use domain::money::Money;
use events::v1;
use mercadopago::error::CallError;
use mercadopago::preference::{BackUrls, NewPreference, Preference};
use storage::payment_links::{self, Debtor, PaymentLink};
use storage::{DatabaseUnavailable, outbox};
use time::{OffsetDateTime, UtcOffset};
use url::Url;
use uuid::Uuid;

use super::plan_link::{NothingToPay, Plan, ReadyLink, plan_link};
use crate::state::{AppState, NotConfigured};

/// How often a waiter looks whether somebody else has made the link.
const LOOK: Duration = Duration::from_millis(150);

/// The longest wait before the provider is asked again for a link that it could not make.
const LONGEST_WAIT: time::Duration = time::Duration::minutes(1);

/// The wait after a refusal, which time alone does not mend.
const REFUSED_WAIT: time::Duration = time::Duration::minutes(5);

/// Why there is no link now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EnsureLinkError {
    /// The provider's credentials are not set.
    #[error(transparent)]
    NotConfigured(#[from] NotConfigured),
    /// There is nothing to pay.
    #[error(transparent)]
    NothingToPay(#[from] NothingToPay),
    /// Somebody else is asking the provider for it.
    #[error("somebody else is asking for the link")]
    InOtherHands,
    /// The provider did not make it; a job asks again.
    #[error("the provider made no link")]
    Provider(#[source] CallError),
    /// The hold ended, or its debt changed, while the provider was asked.
    #[error("the debt changed while its link was made")]
    Changed,
    /// No connection.
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    /// A statement failed.
    #[error("store a payment link")]
    Query(#[from] diesel::result::Error),
}

/// Gives the link of a hold's debt, making it if there is none.
pub(crate) async fn ensure_link(state: &AppState, reservation: Uuid) -> Result<ReadyLink, EnsureLinkError> {
    state.provider()?;
    let context = state.context();
    let plan = {
        let mut conn = state.database.get().await?;
        let planned = conn
            .transaction(async |conn| plan_link(conn, &context, reservation).await)
            .await;
        match planned {
            Ok(plan) => plan?,
            // Another one stored its intent between our look and our own.
            Err(error) if storage::error::violates(&error, "payment_links_one_live") => Plan::InOtherHands,
            Err(error) => return Err(error.into()),
        }
    };
    match plan {
        Plan::Ready(link) => {
            state.metrics.link("reused");
            Ok(link)
        }
        Plan::InOtherHands => Err(EnsureLinkError::InOtherHands),
        Plan::Ask {
            link,
            created_at,
            attempts,
            debtor,
            amount,
            expires_at,
            old,
        } => {
            if let Some(old) = old {
                end_old(state, &old, &debtor).await;
            }
            let preference = preference(state, &debtor, amount, (created_at, expires_at))?;
            match state.provider()?.create_preference(link, &preference).await {
                Ok(made) => finish(state, link, &debtor, amount, &made, expires_at).await,
                Err(error) => {
                    postpone(state, link, attempts, &error).await?;
                    Err(EnsureLinkError::Provider(error))
                }
            }
        }
    }
}

/// As [`ensure_link`], but waits for somebody else who is asking, at most `patience`.
pub(crate) async fn ensure_link_soon(
    state: &AppState,
    reservation: Uuid,
    patience: Duration,
) -> Result<ReadyLink, EnsureLinkError> {
    let deadline = tokio::time::Instant::now() + patience;
    loop {
        match ensure_link(state, reservation).await {
            Err(EnsureLinkError::InOtherHands) if tokio::time::Instant::now() + LOOK < deadline => {
                tokio::time::sleep(LOOK).await;
            }
            result => return result,
        }
    }
}

/// Stores the provider's answer and tells the guest's link.
async fn finish(
    state: &AppState,
    link: Uuid,
    debtor: &Debtor,
    amount: Money,
    made: &Preference,
    expires_at: OffsetDateTime,
) -> Result<ReadyLink, EnsureLinkError> {
    let context = state.context();
    let url = made.init_point.to_string();
    let event = v1::PaymentLinkReady {
        reservation_id: debtor.reservation.to_string(),
        reservation_code: debtor.code.to_string(),
        amount: Some(amount.into()),
        url: url.clone(),
        expires_at: rfc3339(expires_at),
    };
    let mut conn = state.database.get().await?;
    let stored = conn
        .transaction(async |conn| {
            let answer = (made.id.as_str(), url.as_str());
            if !payment_links::answered(conn, link, answer, context.now).await? {
                return Ok(false);
            }
            outbox::append(conn, &context, &event).await?;
            Ok::<_, diesel::result::Error>(true)
        })
        .await?;
    let ready = ReadyLink {
        url,
        amount,
        expires_at,
    };
    if !stored {
        // Whoever had the lease next asked with the same key, and was given the same link.
        let twin = payment_links::find(&mut conn, link).await?;
        if twin.is_some_and(|twin| twin.replaced_at.is_none() && twin.url.as_ref() == Some(&ready.url)) {
            return Ok(ready);
        }
        // Retired meanwhile: nobody has seen it, and nobody shall pay by it.
        drop(conn);
        end_preference(state, made.id.as_str(), offset(debtor, context.now), context.now).await;
        return Err(EnsureLinkError::Changed);
    }
    state.metrics.link("made");
    tracing::info!(reservation.code = %debtor.code, amount_minor = amount.minor(), "a payment link is ready");
    Ok(ready)
}

/// When the job asks again; what cannot help itself is asked for rarely and said aloud.
async fn postpone(
    state: &AppState,
    link: Uuid,
    attempts: i32,
    error: &CallError,
) -> Result<(), EnsureLinkError> {
    state.metrics.link("later");
    let doublings = u32::try_from(attempts).unwrap_or(1).clamp(1, 8);
    let usual = (time::Duration::seconds(2) * 2_i32.saturating_pow(doublings)).min(LONGEST_WAIT);
    let wait = match error {
        CallError::RateLimited {
            retry_after: Some(asked),
        } => usual.max(time::Duration::try_from(*asked).unwrap_or(usual)),
        CallError::Unauthorized(_) | CallError::Refused(_) | CallError::Request(_) => REFUSED_WAIT,
        _ => usual,
    };
    let cause = telemetry::trace::chain(error);
    if matches!(
        error,
        CallError::Unauthorized(_) | CallError::Refused(_) | CallError::Request(_)
    ) {
        tracing::error!(link.id = %link, cause, "the provider refuses to make a payment link");
    } else {
        tracing::warn!(link.id = %link, cause, "no payment link yet");
    }
    let now = state.clock.now();
    let mut conn = state.database.get().await?;
    payment_links::try_again_at(&mut conn, link, now + wait, now).await?;
    Ok(())
}

/// What the provider is told; the same for every try of one link, as one key must mean one request.
fn preference(
    state: &AppState,
    debtor: &Debtor,
    amount: Money,
    (valid_from, valid_until): (OffsetDateTime, OffsetDateTime),
) -> Result<NewPreference, EnsureLinkError> {
    let nights = debtor.stay.nights();
    let unit = if nights == 1 { "noche" } else { "noches" };
    let page = |path: &str| under(&state.public_base_url, path);
    let request = || -> Result<NewPreference, url::ParseError> {
        Ok(NewPreference {
            title: format!("{}, {nights} {unit}", debtor.lodging),
            amount,
            external_reference: debtor.code.to_string(),
            notification_url: page("api/v1/webhooks/mercadopago")?,
            back_urls: BackUrls {
                success: page("pago/aprobado")?,
                failure: page("pago/rechazado")?,
                pending: page("pago/pendiente")?,
            },
            valid_from,
            valid_until,
            offset: offset(debtor, valid_until),
            statement_descriptor: Some("ALOJAMIENTOS".to_owned()),
        })
    };
    request().map_err(|error| EnsureLinkError::Provider(CallError::Request(error.into())))
}

/// `path` below `base`, whether or not `base` ends in a slash.
fn under(base: &Url, path: &str) -> Result<Url, url::ParseError> {
    Url::parse(&format!("{}/{path}", base.as_str().trim_end_matches('/')))
}

fn offset(debtor: &Debtor, instant: OffsetDateTime) -> UtcOffset {
    Zone::named(&debtor.time_zone).map_or(UtcOffset::UTC, |zone| zone.offset_at(instant))
}

/// Ends what a new link replaces, so that no debt has two at the provider. A second payment is refunded anyway.
async fn end_old(state: &AppState, old: &PaymentLink, debtor: &Debtor) {
    let now = state.clock.now();
    if let Some(preference) = &old.preference_id
        && now < old.expires_at
    {
        end_preference(state, preference, offset(debtor, now), now).await;
    }
}

/// Asks the provider to let nobody pay by a link any more; what goes wrong is only said.
pub(super) async fn end_preference(
    state: &AppState,
    preference: &str,
    offset: UtcOffset,
    now: OffsetDateTime,
) {
    let (Ok(provider), Ok(id)) = (state.provider(), preference.parse()) else {
        return;
    };
    if let Err(error) = provider.end_preference(&id, now, offset).await {
        let cause = telemetry::trace::chain(&error);
        tracing::warn!(
            cause,
            "a retired payment link may still be payable until it ends by itself"
        );
    }
}

/// An instant as events carry it.
pub(super) fn rfc3339(instant: OffsetDateTime) -> String {
    instant
        .to_offset(UtcOffset::UTC)
        .format(&time::format_description::well_known::Rfc3339)
        .unwrap_or_default()
}

impl EnsureLinkError {
    /// Whether this is no failure at all: nothing is owed, or somebody else is at it.
    pub(crate) fn is_settled(&self) -> bool {
        matches!(
            self,
            Self::NothingToPay(_) | Self::InOtherHands | Self::Changed | Self::NotConfigured(_)
        )
    }
}
