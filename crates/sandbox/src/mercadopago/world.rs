//! What the played Mercado Pago remembers.

use std::collections::{BTreeMap, VecDeque};

use time::OffsetDateTime;

use super::{
    dispute::Dispute, idempotency::Answers, notifications::NotificationSettings, order::Order,
    payment::Payment, preference::Preference, refund::RefundOutcome,
};
use crate::options::MercadoPagoOptions;

/// Everything the played Mercado Pago knows.
pub(crate) struct World {
    last_id: u64,
    pub(crate) preferences: BTreeMap<String, Preference>,
    pub(crate) payments: BTreeMap<u64, Payment>,
    /// By id; a preference has one from its first payment on.
    pub(crate) orders: BTreeMap<u64, Order>,
    /// Chargebacks and claims, by id.
    pub(crate) disputes: BTreeMap<u64, Dispute>,
    pub(crate) answers: Answers,
    pub(crate) notifications: NotificationSettings,
    /// Payments that still answer 404, and how many times.
    pub(crate) hidden: BTreeMap<u64, u32>,
    /// How the next refunds turn out, before the usual "approved".
    pub(crate) refund_outcomes: VecDeque<RefundOutcome>,
}

impl World {
    pub(crate) fn new(options: &MercadoPagoOptions) -> Self {
        Self {
            last_id: first_id(),
            preferences: BTreeMap::new(),
            payments: BTreeMap::new(),
            orders: BTreeMap::new(),
            disputes: BTreeMap::new(),
            answers: Answers::default(),
            notifications: NotificationSettings::new(options),
            hidden: BTreeMap::new(),
            refund_outcomes: VecDeque::new(),
        }
    }

    /// Forgets all but the ids that were given out.
    pub(crate) fn reset(&mut self, options: &MercadoPagoOptions) {
        *self = Self {
            last_id: self.last_id,
            ..Self::new(options)
        };
    }

    /// A number never given out before.
    pub(crate) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Whether a read of this payment is still answered with 404; counts the read.
    pub(crate) fn hides(&mut self, payment: u64) -> bool {
        match self.hidden.get_mut(&payment) {
            None | Some(0) => false,
            Some(reads) => {
                *reads -= 1;
                true
            }
        }
    }

    /// The order of a preference, made at its first payment.
    pub(crate) fn order_of(&mut self, preference: &str, now: OffsetDateTime) -> u64 {
        let known = self.orders.values().find(|order| order.preference == preference);
        if let Some(order) = known {
            return order.id;
        }
        let id = self.next_id();
        self.orders.insert(
            id,
            Order {
                id,
                preference: preference.to_owned(),
                created: now,
            },
        );
        id
    }
}

/// Where the ids of this run begin: eleven digits, and beyond those of earlier runs, since the services
/// remember ids for longer than the sandbox does.
fn first_id() -> u64 {
    let epoch = std::time::UNIX_EPOCH
        .elapsed()
        .map_or(0, |elapsed| elapsed.as_secs());
    epoch.saturating_sub(1_700_000_000) * 1_000
}
