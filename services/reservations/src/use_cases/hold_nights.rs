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
use under_lock::Stop;
pub(crate) use under_lock::hold_life;
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
    let asked = Asked {
        state,
        context,
        wish: &wish,
        once,
    };
    let result = asked.decide(&code, hint).await;
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

/// What was asked, and when.
struct Asked<'a> {
    state: &'a AppState,
    context: &'a Context,
    wish: &'a Wish,
    once: &'a Once,
}

impl Asked<'_> {
    /// Attempts until one ends: a code that is another's is drawn again.
    async fn decide(&self, code: &ReservationCode, hint: Hint) -> Result<Outcome, HoldNightsError> {
        let mut conn = self.state.database.get().await?;
        let mut code = code.clone();
        for _ in 0..DRAWS {
            let attempt = conn
                .transaction(async |conn| self.attempt(conn, &code, hint).await)
                .await;
            match attempt {
                Ok(outcome) => return Ok(outcome),
                Err(Stop::Refused(refusal, by)) => {
                    if refusal == Refusal::NightsTaken {
                        refused_overlap(self.wish, by);
                    }
                    return self.refuse(&mut conn, refusal).await;
                }
                Err(Stop::CodeTaken) => code = draw(self.context),
                Err(Stop::Failed(error)) => return Err(error),
            }
        }
        Err(HoldNightsError::NoCode)
    }

    /// The one transaction of a hold and its answer.
    async fn attempt(
        &self,
        conn: &mut AsyncPgConnection,
        code: &ReservationCode,
        hint: Hint,
    ) -> Result<Outcome, Stop> {
        // The two go to the database together; what the lodging asks counts only if the key is fresh.
        let (known, offer) = tokio::join!(self.known(conn), self.offer(conn));
        if let Some(known) = known? {
            return Ok(known);
        }
        let offer = offer?;
        let wish = self.wish;
        let by = Contactable {
            keys: wish.contact.keys(),
            contact: wish.contact.clone(),
            client_address: wish.client_address.clone(),
        };
        if hint == Hint::Somebodys {
            let now = self.context.now;
            let seen = reservations::check(conn, wish.accommodation, wish.stay, &by, now).await?;
            if seen.taken || seen.blocked {
                return Err(Stop::Refused(Refusal::NightsTaken, "check"));
            }
        }
        self.hold_under_lock(conn, &offer, by, code).await
    }

    /// Keeps a refusal as the answer. The attempt's transaction is over and has given the lodging's lock back: a crowd
    /// of losers does not wait for each other's commits.
    async fn refuse(
        &self,
        conn: &mut AsyncPgConnection,
        refusal: Refusal,
    ) -> Result<Outcome, HoldNightsError> {
        conn.transaction(async |conn| {
            if let Some(known) = self.known(conn).await? {
                return Ok(known);
            }
            let refused = Outcome::Refused(refusal);
            let Once {
                scope, fingerprint, ..
            } = self.once;
            let answer = (self.once.answer)(&refused);
            idempotency::store(conn, scope, fingerprint, &answer, self.context.now).await?;
            Ok(refused)
        })
        .await
    }

    /// The answer that the request had before; `None` if it is for this transaction to find one.
    async fn known(&self, conn: &AsyncPgConnection) -> Result<Option<Outcome>, HoldNightsError> {
        let Once {
            scope, fingerprint, ..
        } = self.once;
        match idempotency::claim(conn, scope, fingerprint, self.context.now).await? {
            Claim::Fresh => Ok(None),
            Claim::Answered(answer) => Ok(Some(Outcome::Answered(answer))),
            Claim::Running => Err(HoldNightsError::StillRunning),
            Claim::Reused => Err(HoldNightsError::KeyReused),
        }
    }

    /// What the lodging asks.
    async fn offer(&self, conn: &AsyncPgConnection) -> Result<Offer, HoldNightsError> {
        let Wish {
            accommodation,
            stay,
            guests,
            ..
        } = *self.wish;
        let horizon = self.state.policy.horizon;
        offer(conn, accommodation, stay, guests, self.context.now, horizon).await
    }
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
