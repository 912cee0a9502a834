//! How a suspicious feed is believed in the end: when several fetches over some time agree.

use time::{Duration, OffsetDateTime};

use crate::Suspicion;

/// How long to wait for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldPolicy {
    /// How many fetches must agree: 3.
    pub fetches: u32,
    /// How far apart the first and the last of them must be: 2 hours.
    pub over: Duration,
}

impl Default for HoldPolicy {
    fn default() -> Self {
        Self {
            fetches: 3,
            over: Duration::hours(2),
        }
    }
}

/// A hold as it is stored with its feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The first of the fetches that agree.
    pub since: OffsetDateTime,
    /// How many agree so far, that first one included.
    pub agreeing: u32,
    /// What they agree on: [`Parsed::fingerprint`](crate::Parsed::fingerprint).
    pub fingerprint: String,
}

/// What to do with a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Do it, and forget any hold.
    Apply,
    /// Do only what closes nights, and store this hold.
    Hold(Hold),
}

/// Decides about a fetch (also one answered by 304, which says the same again) at the instant `now`.
#[must_use]
pub fn decide(
    before: Option<&Hold>,
    suspicion: Option<Suspicion>,
    fingerprint: &str,
    now: OffsetDateTime,
    policy: HoldPolicy,
) -> Decision {
    if suspicion.is_none() {
        return Decision::Apply;
    }
    let hold = match before.filter(|hold| hold.fingerprint == fingerprint) {
        Some(hold) => Hold {
            agreeing: hold.agreeing.saturating_add(1),
            ..hold.clone()
        },
        None => Hold {
            since: now,
            agreeing: 1,
            fingerprint: fingerprint.to_owned(),
        },
    };
    if policy.fetches <= hold.agreeing && policy.over <= now - hold.since {
        return Decision::Apply;
    }
    Decision::Hold(hold)
}
