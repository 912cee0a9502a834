//! Who hears what: a queue for each listener of each event.

/// One service's interest in one event: a queue of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subscription {
    /// The service that hears the event: `payments`.
    pub consumer: &'static str,
    /// The event's name, which is its routing key: `reservation.held.v1`.
    pub event: &'static str,
}

/// Every subscription of every service, from the catalogue of events.
///
/// A service handles (or expressly ignores) exactly its own rows, or it does not start: no queue fills unread.
#[must_use]
pub fn all() -> Vec<Subscription> {
    let rows = events::ALL.iter().flat_map(|event| {
        event.heard_by.iter().map(|consumer| Subscription {
            consumer,
            event: event.name,
        })
    });
    rows.collect()
}

impl Subscription {
    /// The queue: `payments.reservation-held`. Version 1 is left out; `reservation.held.v2` is `…-held-v2`.
    #[must_use]
    pub fn queue(&self) -> String {
        let name = self.event.strip_suffix(".v1").unwrap_or(self.event);
        format!("{}.{}", self.consumer, name.replace(['.', '_'], "-"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const fn hears(consumer: &'static str, event: &'static str) -> Subscription {
        Subscription { consumer, event }
    }

    #[test]
    fn a_queue_is_named_after_consumer_and_event() {
        assert_eq!(
            hears("payments", "reservation.held.v1").queue(),
            "payments.reservation-held"
        );
        assert_eq!(
            hears("concierge", "payment.link_ready.v1").queue(),
            "concierge.payment-link-ready"
        );
        assert_eq!(
            hears("payments", "reservation.held.v2").queue(),
            "payments.reservation-held-v2"
        );
    }

    #[test]
    fn no_two_subscriptions_share_a_queue() {
        let queues: HashSet<_> = all().iter().map(Subscription::queue).collect();
        assert_eq!(queues.len(), all().len());
    }
}
