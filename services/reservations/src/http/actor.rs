//! Who calls, in the words of the house.

use domain::reservation::Actor;
use service::internal;

use super::error::ApiError;

/// The services that call this one.
const SERVICES: [&str; 8] = [
    "gateway",
    "reservations",
    "webhooks",
    "payments",
    "ical-sync",
    "concierge",
    "sandbox",
    "alojactl",
];

/// The actor as timelines name it.
pub(super) fn actor(caller: &internal::Actor) -> Actor {
    match caller {
        internal::Actor::Guest => Actor::Guest,
        internal::Actor::Staff(email) => Actor::Staff(email.clone()),
        internal::Actor::System(name) => {
            let known = SERVICES.into_iter().find(|service| service == name);
            Actor::System(known.unwrap_or("other"))
        }
    }
}

/// The actor of a request that only the staff makes; which roles may, the gateway has looked at.
pub(super) fn staff(caller: &internal::Actor) -> Result<Actor, ApiError> {
    match caller {
        internal::Actor::Guest => Err(ApiError::Forbidden),
        internal::Actor::Staff(_) | internal::Actor::System(_) => Ok(actor(caller)),
    }
}
