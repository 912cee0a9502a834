//! What the service counts.

use domain::reservation::Channel;
use std::time::Duration;
use telemetry::metrics::{Counter, Histogram};
use time::OffsetDateTime;

use crate::use_cases::settle_payment::Settled;

const CHANNELS: &[&str] = &["web", "whatsapp", "staff"];
const LATE: &[&str] = &["revived", "refunded"];

/// The service's counters; clones count into the same series.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    created: Counter,
    confirmed: Counter,
    cancelled: Counter,
    expired: Counter,
    date_overlap: Counter,
    lock_failed: Counter,
    late_resolutions: Counter,
    confirmation_delay: Histogram,
    redis_errors: Counter,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let by_channel = |name, help| Counter::new(name, help, &[("channel", CHANNELS)]);
        Self {
            created: by_channel("reservations_created_total", "Holds made."),
            confirmed: by_channel("reservations_confirmed_total", "Stays confirmed."),
            cancelled: by_channel("reservations_cancelled_total", "Reservations called off."),
            expired: by_channel("reservations_expired_total", "Holds that ran out."),
            date_overlap: by_channel(
                "reservations_date_overlap_total",
                "Holds refused because a night is taken.",
            ),
            lock_failed: by_channel(
                "reservations_lock_failed_total",
                "Holds that met a stay lock of somebody else in Redis.",
            ),
            late_resolutions: Counter::new(
                "payment_late_resolutions_total",
                "Money that came after its hold had ended, by what became of it.",
                &[("resolution", LATE)],
            ),
            confirmation_delay: Histogram::seconds(
                "payment_confirmation_delay_seconds",
                "From the provider's approval to the confirmed stay.",
                &[],
            ),
            redis_errors: Counter::new(
                "redis_errors_total",
                "Failures of Redis that were gone around.",
                &[],
            ),
        }
    }

    pub(crate) fn created(&self, channel: Channel) {
        self.created.increment(&[("channel", channel.as_str())]);
    }

    pub(crate) fn confirmed(&self, channel: Channel) {
        self.confirmed.increment(&[("channel", channel.as_str())]);
    }

    pub(crate) fn cancelled(&self, channel: Channel) {
        self.cancelled.increment(&[("channel", channel.as_str())]);
    }

    pub(crate) fn expired(&self, channel: Channel) {
        self.expired.increment(&[("channel", channel.as_str())]);
    }

    pub(crate) fn overlap(&self, channel: Channel) {
        self.date_overlap.increment(&[("channel", channel.as_str())]);
    }

    pub(crate) fn lock_failed(&self, channel: Channel) {
        self.lock_failed.increment(&[("channel", channel.as_str())]);
    }

    pub(crate) fn redis_error(&self) {
        self.redis_errors.increment(&[]);
    }

    pub(crate) fn settled(&self, settled: &Settled, now: OffsetDateTime) {
        match settled {
            Settled::Confirmed {
                reservation,
                revived,
                approved_at,
            } => {
                self.confirmed(reservation.channel);
                if *revived {
                    self.late_resolutions.increment(&[("resolution", "revived")]);
                }
                if let Some(approved_at) = approved_at {
                    let delay = Duration::try_from(now - *approved_at).unwrap_or_default();
                    self.confirmation_delay.observe(delay, &[]);
                }
            }
            Settled::Refunding { late: true, .. } => {
                self.late_resolutions.increment(&[("resolution", "refunded")]);
            }
            Settled::Refunding { late: false, .. }
            | Settled::Credited
            | Settled::PartiallyPaid
            | Settled::Parked
            | Settled::Nothing => {}
        }
    }
}
