//! What can be set from the environment.

use secrecy::SecretString;
use serde::Deserialize;
use time::Duration;

/// The settings of `reservations`; `HTTP_*` and `INTERNAL_API_TOKEN` are read by `service`.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// `DATABASE_URL`.
    pub database_url: SecretString,
    /// `DATABASE_CONNECTIONS`: the most connections that this process opens.
    #[serde(default = "database_connections")]
    pub database_connections: usize,
    /// `REDIS_URL`.
    pub redis_url: SecretString,
    /// `AMQP_URL`.
    pub amqp_url: SecretString,
    /// `GUEST_TOKEN_SECRET`: what guests' access tokens are derived from; the same in every service that needs one.
    pub guest_token_secret: SecretString,
    /// `ICAL_SYNC_URL`: who reads other channels' calendars; without it they are not looked at before a sale.
    pub ical_sync_url: Option<String>,
    /// `CALENDAR_PATIENCE_MILLISECONDS`: how long a sale waits for them.
    #[serde(default = "calendar_patience_milliseconds")]
    pub calendar_patience_milliseconds: u64,
    /// `HOLD_MINUTES`: how long an unpaid hold blocks its nights.
    #[serde(default = "hold_minutes")]
    pub hold_minutes: u32,
    /// `MAX_UNPAID_HOLDS`: how many unpaid holds one contact may have.
    #[serde(default = "max_unpaid_holds")]
    pub max_unpaid_holds: u32,
    /// `MAX_UNPAID_HOLDS_PER_ADDRESS`: how many unpaid holds may come from one address in the net.
    #[serde(default = "max_unpaid_holds_per_address")]
    pub max_unpaid_holds_per_address: u32,
    /// `BOOKING_HORIZON_DAYS`: how many days ahead a stay may end.
    #[serde(default = "booking_horizon_days")]
    pub booking_horizon_days: u32,
    /// `REMINDER_MINUTES`: how long before the end of a hold its guest is reminded.
    #[serde(default = "reminder_minutes")]
    pub reminder_minutes: u32,
    /// `PARTIAL_PAYMENT_HOURS`: how much longer a hold lasts, once, if part of its deposit is paid.
    #[serde(default = "partial_payment_hours")]
    pub partial_payment_hours: u32,
    /// `PAYMENT_GRACE_MINUTES`: how long a hold with a link is kept past its end while the provider does not answer.
    #[serde(default = "payment_grace_minutes")]
    pub payment_grace_minutes: u32,
    /// `PAYMENT_IN_PROCESS_HOURS`: how long a hold is kept past its end while the provider looks at its payment.
    #[serde(default = "payment_in_process_hours")]
    pub payment_in_process_hours: u32,
    /// `EXPIRER_SECONDS`: how often holds that ran out are looked for.
    #[serde(default = "expirer_seconds")]
    pub expirer_seconds: u64,
    /// `SWEEP_SECONDS`: how often work is looked for that a lost event should have caused.
    #[serde(default = "sweep_seconds")]
    pub sweep_seconds: u64,
}

/// The house's numbers, as use cases take them.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// How long an unpaid hold blocks its nights.
    pub hold: Duration,
    /// How many unpaid holds one contact may have.
    pub max_unpaid_holds: u32,
    /// How many unpaid holds may come from one address.
    pub max_unpaid_holds_per_address: u32,
    /// How far ahead a stay may end.
    pub horizon: Duration,
    /// How long before the end of a hold its guest is reminded.
    pub reminder: Duration,
    /// How much longer a partly paid hold lasts, once.
    pub partial_payment: Duration,
    /// How long a hold waits for an answer of the provider.
    pub payment_grace: Duration,
    /// How long a hold waits for a payment that the provider looks at.
    pub payment_in_process: Duration,
}

impl Settings {
    /// The house's numbers.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let minutes = |count: u32| Duration::minutes(i64::from(count));
        let hours = |count: u32| Duration::hours(i64::from(count));
        Policy {
            hold: minutes(self.hold_minutes),
            max_unpaid_holds: self.max_unpaid_holds,
            max_unpaid_holds_per_address: self.max_unpaid_holds_per_address,
            horizon: Duration::days(i64::from(self.booking_horizon_days)),
            reminder: minutes(self.reminder_minutes),
            partial_payment: hours(self.partial_payment_hours),
            payment_grace: minutes(self.payment_grace_minutes),
            payment_in_process: hours(self.payment_in_process_hours),
        }
    }
}

fn database_connections() -> usize {
    10
}

fn calendar_patience_milliseconds() -> u64 {
    1_500
}

fn hold_minutes() -> u32 {
    30
}

fn max_unpaid_holds() -> u32 {
    3
}

fn max_unpaid_holds_per_address() -> u32 {
    50
}

fn booking_horizon_days() -> u32 {
    730
}

fn reminder_minutes() -> u32 {
    15
}

fn partial_payment_hours() -> u32 {
    24
}

fn payment_grace_minutes() -> u32 {
    10
}

fn payment_in_process_hours() -> u32 {
    48
}

fn expirer_seconds() -> u64 {
    5
}

fn sweep_seconds() -> u64 {
    10
}
