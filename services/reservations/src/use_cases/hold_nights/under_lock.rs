//! The part of a hold that happens under the locks of contact and lodging.

use diesel::result::Error as DieselError;
use diesel_async::AsyncPgConnection;
use domain::code::ReservationCode;
use events::v1::ReservationHeld;
use serde_json::json;
use service::guest_token;
use storage::reservations::{self, Contactable, InsertHoldError, NewHold, Reservation};
use storage::{Context, accommodations, outbox, timeline};
use time::Duration;
use time::format_description::well_known::Rfc3339;

use super::{HoldNightsError, Offer, Refusal, Wish, offer_for};
use crate::state::AppState;
use crate::use_cases::expire_holds::{Fate, end_if_run_out};

/// Why an attempt ended without a hold; its savepoint is rolled back.
#[derive(Debug)]
pub(super) enum Stop {
    /// By the state of the house, as told by a check or by a constraint.
    Refused(Refusal, &'static str),
    /// The code is another's.
    CodeTaken,
    /// Not by the house.
    Failed(HoldNightsError),
}

impl From<DieselError> for Stop {
    fn from(error: DieselError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<InsertHoldError> for Stop {
    fn from(error: InsertHoldError) -> Self {
        match error {
            InsertHoldError::NightsTaken(_) | InsertHoldError::NightsBlocked(_) => {
                Self::Refused(Refusal::NightsTaken, "constraint")
            }
            InsertHoldError::CodeTaken => Self::CodeTaken,
            InsertHoldError::Query(error) => error.into(),
        }
    }
}

/// How long a stay lock lives.
pub(crate) fn hold_life(hold: Duration) -> std::time::Duration {
    std::time::Duration::try_from(hold).unwrap_or_default()
}

pub(super) async fn hold_under_lock(
    conn: &mut AsyncPgConnection,
    state: &AppState,
    context: &Context,
    wish: &Wish,
    seen: &Offer,
    by: &Contactable,
    code: &ReservationCode,
) -> Result<Reservation, Stop> {
    let now = context.now;
    reservations::lock_contacts(conn, &by.keys).await?;
    let unknown = Stop::Failed(HoldNightsError::UnknownAccommodation);
    let lodging = accommodations::lock(conn, wish.accommodation)
        .await?
        .ok_or(unknown)?;
    let quote = if lodging.active && lodging.updated_at == seen.accommodation.updated_at {
        seen.quote.clone()
    } else {
        let fresh = offer_for(conn, state, context, wish).await;
        fresh.map_err(Stop::Failed)?.quote
    };
    check(conn, state, context, wish, by).await?;

    let id = outbox::new_id(now);
    let new = NewHold {
        id,
        code: code.clone(),
        accommodation: wish.accommodation,
        stay: wish.stay,
        guests: wish.guests,
        channel: wish.channel,
        contact: by.clone(),
        quote,
        expires_at: now + state.policy.hold,
        access_token_hash: guest_token::hash(&state.tokens.of(id)),
    };
    reservations::insert_hold(conn, &new, now).await?;
    let reservation = new.stored(now);
    let expires_at = reservation
        .expires_at
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_default();
    let event = ReservationHeld {
        reservation: Some(reservation.facts()),
        expires_at: expires_at.clone(),
    };
    let detail = json!({
        "channel": wish.channel.as_str(),
        "expires_at": expires_at,
        "total_minor": reservation.total.minor(),
        "deposit_minor": reservation.deposit.minor(),
        "currency": reservation.total.currency().code(),
    });
    let written = timeline::append(conn, context, id, "held", detail);
    tokio::try_join!(written, outbox::append(conn, context, &event))?;
    Ok(reservation)
}

async fn check(
    conn: &mut AsyncPgConnection,
    state: &AppState,
    context: &Context,
    wish: &Wish,
    by: &Contactable,
) -> Result<(), Stop> {
    let checks = reservations::check(conn, wish.accommodation, wish.stay, by, context.now).await?;
    if checks.taken || checks.blocked {
        return Err(Stop::Refused(Refusal::NightsTaken, "check"));
    }
    let limit = state.policy.max_unpaid_holds;
    if i64::from(limit) <= checks.holds_of_contact() {
        return Err(Stop::Refused(Refusal::TooManyHolds { limit }, "check"));
    }
    let limit = state.policy.max_unpaid_holds_per_address;
    if i64::from(limit) <= checks.holds_of_address() {
        return Err(Stop::Refused(Refusal::TooManyHoldsFromAddress { limit }, "check"));
    }
    if !checks.run_out {
        return Ok(());
    }
    // Nights of a hold that ran out are sellable at once, not only when the job comes by.
    for id in reservations::due_holds_over(conn, wish.accommodation, wish.stay, context.now).await? {
        match end_if_run_out(conn, &state.own_context(), &state.policy, id).await? {
            Fate::Expired(_) | Fate::Gone => {}
            Fate::Extended | Fate::Kept => return Err(Stop::Refused(Refusal::NightsTaken, "check")),
        }
    }
    Ok(())
}
