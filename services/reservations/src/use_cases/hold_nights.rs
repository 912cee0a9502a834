//! Holding nights for an unpaid guest.

mod under_lock;
mod validate;

use diesel::result::Error as DieselError;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::accommodation::AccommodationId;
use domain::code::ReservationCode;
use domain::contact::Contact;
use domain::pricing::QuoteError;
use domain::reservation::Channel;
use domain::stay::Stay;
use storage::idempotency::{self, Answer, Claim, Scope};
use storage::reservations::{self, Contactable, Reservation};
use storage::{Context, DatabaseUnavailable};

use crate::state::AppState;
use crate::stay_hints::Hint;
pub(crate) use under_lock::hold_life;
use under_lock::{Stop, hold_under_lock};
pub(crate) use validate::{Offer, offer};

/// How often a code is drawn before giving up; two are the same once in 700 million.
const DRAWS: usize = 3;

/// What a guest wants.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) accommodation: AccommodationId,
    pub(crate) stay: Stay,
    pub(crate) guests: u16,
    pub(crate) channel: Channel,
    pub(crate) contact: Contact,
    pub(crate) client_address: Option<String>,
}

/// How a request that may come again is told from others, and what its answer looks like on the wire.
pub(crate) struct Once {
    pub(crate) scope: Scope,
    pub(crate) fingerprint: Vec<u8>,
    pub(crate) answer: fn(&Outcome) -> Answer,
}

/// What became of a wish.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The nights are held.
    Held(Box<Reservation>),
    /// They are not, and asking again with the same key gives the same answer.
    Refused(Refusal),
    /// It was asked before: this was the answer.
    Answered(Answer),
}

/// Why nights are not held, by the state of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// One of them is held, sold or closed by another channel.
    NightsTaken,
    /// The contact has as many unpaid holds as are allowed.
    TooManyHolds { limit: u32 },
    /// As many unpaid holds as are allowed came from the address.
    TooManyHoldsFromAddress { limit: u32 },
}

/// Why a wish could not be judged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HoldNightsError {
    #[error("there is no such lodging")]
    UnknownAccommodation,
    #[error("check-in {0} is past")]
    PastCheckIn(time::Date),
    #[error("a stay may end by {0}")]
    TooFarAhead(time::Date),
    #[error("the lodging does not sell such a stay")]
    Quote(#[source] QuoteError),
    #[error("a request with the same key is running")]
    StillRunning,
    #[error("the key belongs to another request")]
    KeyReused,
    #[error("no free code was drawn")]
    NoCode,
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    #[error("hold nights")]
    Store(#[from] DieselError),
}

/// Holds the nights of `wish` and announces `reservation.held.v1`: both or neither.
///
/// Redis only says whether it is worth waiting in line; the lodging's lock and the database decide.
pub(crate) async fn hold_nights(
    state: &AppState,
    context: &Context,
    wish: Wish,
    once: &Once,
) -> Result<Outcome, HoldNightsError> {
    let code = draw(context);
    let life = hold_life(state.policy.hold);
    let hint = state
        .hints
        .claim(wish.accommodation, wish.stay, &code, life)
        .await;
    if hint == Hint::Somebodys {
        state.metrics.lock_failed(wish.channel);
    }
    let result = decide(state, context, &wish, once, &code, hint).await;
    match &result {
        Ok(Outcome::Held(held)) => {
            state.metrics.created(wish.channel);
            if hint == Hint::Somebodys || held.code != code {
                state
                    .hints
                    .take(wish.accommodation, wish.stay, &held.code, life)
                    .await;
            }
        }
        Ok(Outcome::Refused(_) | Outcome::Answered(_)) | Err(_) => {
            if hint == Hint::Ours {
                state.hints.release(wish.accommodation, wish.stay, &code).await;
            }
        }
    }
    if let Ok(Outcome::Refused(Refusal::NightsTaken)) = result {
        state.metrics.overlap(wish.channel);
    }
    result
}

/// The one transaction. The attempt is a savepoint in it: a refusal gives the lodging's lock back at once, before its
/// answer is stored, so that a crowd of losers does not wait for each other's commits.
async fn decide(
    state: &AppState,
    context: &Context,
    wish: &Wish,
    once: &Once,
    code: &ReservationCode,
    hint: Hint,
) -> Result<Outcome, HoldNightsError> {
    let mut conn = state.database.get().await?;
    conn.transaction(async |conn| {
        // The two go to the database together; what the lodging asks counts only if the key is fresh.
        let claim = idempotency::claim(conn, &once.scope, &once.fingerprint, context.now);
        let (claim, offer) = tokio::join!(claim, offer_for(conn, state, context, wish));
        match claim? {
            Claim::Fresh => {}
            Claim::Answered(answer) => return Ok(Outcome::Answered(answer)),
            Claim::Running => return Err(HoldNightsError::StillRunning),
            Claim::Reused => return Err(HoldNightsError::KeyReused),
        }
        let outcome = attempt(conn, state, context, wish, &offer?, code, hint).await?;
        let answer = (once.answer)(&outcome);
        idempotency::store(conn, &once.scope, &once.fingerprint, &answer, context.now).await?;
        Ok(outcome)
    })
    .await
}

async fn attempt(
    conn: &mut AsyncPgConnection,
    state: &AppState,
    context: &Context,
    wish: &Wish,
    offer: &Offer,
    code: &ReservationCode,
    hint: Hint,
) -> Result<Outcome, HoldNightsError> {
    let by = Contactable {
        keys: wish.contact.keys(),
        contact: wish.contact.clone(),
        client_address: wish.client_address.clone(),
    };
    if hint == Hint::Somebodys {
        let seen = reservations::check(conn, wish.accommodation, wish.stay, &by, context.now).await?;
        if seen.taken || seen.blocked {
            refused_overlap(wish, "check");
            return Ok(Outcome::Refused(Refusal::NightsTaken));
        }
    }
    let mut code = code.clone();
    for _ in 0..DRAWS {
        let held = conn
            .transaction(async |conn| hold_under_lock(conn, state, context, wish, offer, &by, &code).await)
            .await;
        match held {
            Ok(held) => return Ok(Outcome::Held(Box::new(held))),
            Err(Stop::Refused(refusal, by)) => {
                if refusal == Refusal::NightsTaken {
                    refused_overlap(wish, by);
                }
                return Ok(Outcome::Refused(refusal));
            }
            Err(Stop::CodeTaken) => code = draw(context),
            Err(Stop::Failed(error)) => return Err(error),
        }
    }
    Err(HoldNightsError::NoCode)
}

/// What the lodging asks for `wish`.
async fn offer_for(
    conn: &AsyncPgConnection,
    state: &AppState,
    context: &Context,
    wish: &Wish,
) -> Result<Offer, HoldNightsError> {
    let horizon = state.policy.horizon;
    offer(
        conn,
        wish.accommodation,
        wish.stay,
        wish.guests,
        context.now,
        horizon,
    )
    .await
}

/// The line that on-call looks for when guests complain of taken nights.
fn refused_overlap(wish: &Wish, refused_by: &'static str) {
    tracing::warn!(
        accommodation.id = wish.accommodation.0,
        stay.check_in = %wish.stay.check_in(),
        stay.check_out = %wish.stay.check_out(),
        refused_by,
        "IntegrityError: an overlap was refused, the nights are taken"
    );
}

fn draw(context: &Context) -> ReservationCode {
    ReservationCode::new(context.now.date(), rand::random())
}
