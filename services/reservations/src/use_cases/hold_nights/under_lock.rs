//! The part of a hold that happens under the locks of contact and lodging.

use diesel::result::Error as DieselError;
use diesel_async::AsyncPgConnection;
use domain::code::ReservationCode;
use events::v1::ReservationHeld;
use serde_json::json;
use service::guest_token;
use storage::reservations::{self, Checks, Contactable, InsertHoldError, NewHold};
use storage::{idempotency, outbox, timeline};
use time::Duration;
use time::format_description::well_known::Rfc3339;

use super::{Asked, HoldNightsError, Offer, Outcome, Refusal};
use crate::use_cases::expire_holds::{Fate, end_if_run_out};

/// Why an attempt ended without a hold; its transaction is rolled back.
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

impl From<HoldNightsError> for Stop {
    fn from(error: HoldNightsError) -> Self {
        Self::Failed(error)
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

impl Asked<'_> {
    pub(super) async fn hold_under_lock(
        &self,
        conn: &mut AsyncPgConnection,
        seen: &Offer,
        by: Contactable,
        code: &ReservationCode,
    ) -> Result<Outcome, Stop> {
        let Self {
            state,
            context,
            wish,
            once,
        } = *self;
        let now = context.now;
        let found = reservations::lock_and_check(conn, wish.accommodation, wish.stay, &by, now).await?;
        let (lodging, checks) = found.ok_or(HoldNightsError::UnknownAccommodation)?;
        let quote = if lodging.active && lodging.updated_at == seen.accommodation.updated_at {
            seen.quote.clone()
        } else {
            self.offer(conn).await?.quote
        };
        self.judge(conn, checks).await?;

        let id = outbox::new_id(now);
        let new = NewHold {
            id,
            code: code.clone(),
            accommodation: wish.accommodation,
            stay: wish.stay,
            guests: wish.guests,
            channel: wish.channel,
            contact: by,
            quote,
            expires_at: now + state.policy.hold,
            access_token_hash: guest_token::hash(&state.tokens.of(id)),
        };
        let reservation = new.clone().stored(now);
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
        let held = Outcome::Held(Box::new(reservation));
        let answer = (once.answer)(&held);
        let rows = vec![
            reservations::insert_hold(&new, now),
            timeline::entry(context, id, "held", detail),
            outbox::announcement(context, &event, outbox::new_id(now)),
            idempotency::kept(&once.scope, &once.fingerprint, &answer, now),
        ];
        storage::together(conn, rows)
            .await
            .map_err(InsertHoldError::from)?;
        Ok(held)
    }

    async fn judge(&self, conn: &mut AsyncPgConnection, checks: Checks) -> Result<(), Stop> {
        let Self {
            state, context, wish, ..
        } = *self;
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
}
