//! Payment links, payments, refunds and the parking lot.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Money;

/// Where a guest pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentLink {
    /// The payment page.
    pub url: String,
    /// Until when it can be paid by: the end of the hold.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// How much is asked for.
    pub amount: Money,
}

/// A payment as last read from the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Payment {
    /// Our id.
    pub id: Uuid,
    /// The provider's.
    pub provider_payment_id: String,
    /// The reference that it carries: a reservation's code.
    pub reference: Option<String>,
    /// The reservation it is for.
    pub reservation_id: Option<Uuid>,
    /// `approved`, `pending`, `in_process`, `rejected`, `refunded`, `charged_back`, …
    pub state: String,
    /// Why, in the provider's words.
    pub state_detail: String,
    /// What was to be paid.
    pub amount: Money,
    /// What of it has gone back.
    pub refunded: Money,
    /// `webhook`, `poll` or `person`.
    pub found_by: String,
    /// What became of approved money: `confirmed`, `revived`, `partially_paid`, `refunded`, `parked`, `dismissed`.
    pub resolution: Option<String>,
    /// Whether it waits for a person.
    pub parked: bool,
    /// What may be decided on it now: nothing unless it is parked.
    #[serde(default)]
    pub possible_decisions: Vec<ParkedDecision>,
    /// Why it does, or did.
    pub park_reason: Option<String>,
    /// Since when.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub parked_at: Option<OffsetDateTime>,
    /// When the provider approved it.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub approved_at: Option<OffsetDateTime>,
    /// The provider's clock of changes.
    #[serde(with = "time::serde::rfc3339")]
    pub provider_updated_at: OffsetDateTime,
    /// When we first read it.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

/// Money on its way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Refund {
    /// Its id, which is also its key at the provider.
    pub id: Uuid,
    /// Of which payment.
    pub payment_id: Uuid,
    /// How much.
    pub amount: Money,
    /// Why.
    pub reason: String,
    /// Who wanted it.
    pub actor: String,
    /// `requested`, `in_process`, `done` or `refused`.
    pub state: String,
    /// How often the provider was asked.
    pub attempts: i32,
    /// Why it was refused, or the latest try failed.
    pub failure: Option<String>,
    /// When it was wanted.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it last changed.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// A payment with its refunds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentDetail {
    /// The payment.
    pub payment: Payment,
    /// Its refunds, oldest first.
    pub refunds: Vec<Refund>,
    /// What people decided while it was parked, oldest first.
    #[serde(default)]
    pub decisions: Vec<Decided>,
}

/// What a person decided on parked money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Decided {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Who.
    pub actor: String,
    /// `credit`, `refund` or `dismiss`.
    pub decision: String,
    /// Why.
    pub reason: String,
    /// What the payment waited for.
    pub was_parked_for: String,
    /// The reservation that was credited.
    pub reservation_id: Option<Uuid>,
}

/// Gives money back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundRequest {
    /// How much; without it, all that is left.
    #[serde(default)]
    pub amount: Option<Money>,
    /// Why, for the timeline.
    pub reason: String,
}

/// What can be decided on parked money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParkedDecision {
    /// It pays for its reservation, or for the one named.
    Credit,
    /// What is left of it goes back.
    Refund,
    /// There is nothing to do.
    Dismiss,
}

/// A decision on parked money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveRequest {
    /// What.
    pub decision: ParkedDecision,
    /// Why, for the timeline.
    pub reason: String,
    /// The reservation to credit, if the payment's reference names none.
    #[serde(default)]
    pub reservation_code: Option<String>,
}

/// Compares the payments that changed since then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReconcileRequest {
    /// From when on.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
}

/// What a comparison with the provider found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reconciliation {
    /// How many payments were compared.
    pub compared: u32,
    /// What was missing or stale here, and is right now.
    pub repaired: Vec<ReconciliationDifference>,
    /// What a person must look at.
    pub parked: Vec<ReconciliationDifference>,
    /// The provider's ids of payments that could not be read.
    pub failed: Vec<String>,
}

/// A payment that was not here as the provider has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReconciliationDifference {
    /// The provider's id.
    pub provider_payment_id: String,
    /// Whether it was not known here at all.
    pub missing: bool,
    /// The state it has now, or why it is parked.
    pub now: String,
}
