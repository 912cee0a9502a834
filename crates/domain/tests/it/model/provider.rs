//! Payments as the provider has them, with every reading that it ever gave.

use std::collections::HashMap;

use domain::payment::PaymentState;
use rand::Rng;
use time::{Duration, OffsetDateTime};

/// What one look at a payment shows.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) stay: usize,
    pub(super) at: OffsetDateTime,
    pub(super) state: PaymentState,
    pub(super) amount: i64,
    pub(super) refunded: i64,
    pub(super) collector: &'static str,
    pub(super) operation: &'static str,
}

impl Reading {
    /// What the provider holds for us of it, disputed or not.
    pub(super) fn held(&self) -> i64 {
        match self.state {
            PaymentState::Approved => self.amount - self.refunded,
            _ => 0,
        }
    }
}

#[derive(Debug)]
pub(super) struct Provider {
    pub(super) now: OffsetDateTime,
    payments: Vec<Vec<Reading>>,
    /// The answers to our refunds, by their keys.
    refunds: HashMap<usize, bool>,
}

impl Default for Provider {
    fn default() -> Self {
        Self {
            now: OffsetDateTime::UNIX_EPOCH,
            payments: Vec::new(),
            refunds: HashMap::new(),
        }
    }
}

impl Provider {
    pub(super) fn any(&self, random: &mut impl Rng) -> Option<usize> {
        (!self.payments.is_empty()).then(|| random.random_range(0..self.payments.len()))
    }

    /// Somebody pays; a `mark` of 0 or 1 is money that is not ours to credit.
    pub(super) fn pay(&mut self, stay: usize, amount: i64, state: PaymentState, mark: u32) -> String {
        let reading = Reading {
            stay,
            at: self.tick(),
            state,
            amount,
            refunded: 0,
            collector: if mark == 0 { "somebody" } else { "us" },
            operation: if mark == 1 {
                "card_validation"
            } else {
                "regular_payment"
            },
        };
        let words = format!("payment {} {reading:?}", self.payments.len());
        self.payments.push(vec![reading]);
        words
    }

    /// The provider's own next step with a payment.
    pub(super) fn move_on(&mut self, random: &mut impl Rng, payment: usize) -> PaymentState {
        use PaymentState::{
            Approved, Cancelled, ChargedBack, InMediation, InProcess, Pending, Rejected, Unknown,
        };
        let newest = self.newest(payment);
        let next = match newest.state {
            Pending => vec![Approved, Cancelled, InProcess, Unknown("dancing".to_owned())],
            InProcess | Unknown(_) => vec![Approved, Rejected],
            Approved => vec![ChargedBack, InMediation],
            ChargedBack | InMediation => vec![Approved],
            ref end => vec![end.clone()],
        };
        let state = next[random.random_range(0..next.len())].clone();
        if state != newest.state {
            let at = self.tick();
            self.payments[payment].push(Reading {
                at,
                state: state.clone(),
                ..newest
            });
        }
        state
    }

    /// What can be decided is decided: nothing stays pending for ever.
    pub(super) fn decide_all(&mut self) {
        for payment in 0..self.payments.len() {
            let newest = self.newest(payment);
            let open = matches!(newest.state, PaymentState::Pending | PaymentState::InProcess);
            if open {
                let at = self.tick();
                self.payments[payment].push(Reading {
                    at,
                    state: PaymentState::Cancelled,
                    ..newest
                });
            }
        }
    }

    /// A refund in the provider's panel.
    pub(super) fn refund_there(&mut self, payment: usize, amount: i64) -> bool {
        self.give_back(payment, amount)
    }

    /// A refund of ours; the same key is the same refund.
    pub(super) fn refund(&mut self, key: usize, payment: usize, amount: i64) -> bool {
        if let Some(answer) = self.refunds.get(&key) {
            return *answer;
        }
        let answer = self.give_back(payment, amount);
        self.refunds.insert(key, answer);
        answer
    }

    fn give_back(&mut self, payment: usize, amount: i64) -> bool {
        let newest = self.newest(payment);
        let takes = newest.state == PaymentState::Approved && amount <= newest.amount - newest.refunded;
        if takes {
            let refunded = newest.refunded + amount;
            let whole = refunded == newest.amount;
            let state = if whole {
                PaymentState::Refunded
            } else {
                PaymentState::Approved
            };
            let at = self.tick();
            self.payments[payment].push(Reading {
                at,
                state,
                refunded,
                ..newest
            });
        }
        takes
    }

    pub(super) fn newest(&self, payment: usize) -> Reading {
        self.payments[payment].last().unwrap().clone()
    }

    pub(super) fn readings(&self, payment: usize) -> &[Reading] {
        &self.payments[payment]
    }

    pub(super) fn count(&self) -> usize {
        self.payments.len()
    }

    fn tick(&mut self) -> OffsetDateTime {
        self.now += Duration::MILLISECOND;
        self.now
    }
}
