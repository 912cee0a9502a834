//! Refunds, as a payment lists them and as their own endpoint gives them.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::amount::Amount;
use crate::id::Id;
use crate::timestamp::lenient;

/// A refund in a payment's own list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundLine {
    /// The refund's id.
    pub id: Id,
    /// How much goes back.
    #[serde(default)]
    pub amount: Option<Amount>,
    /// The provider's word.
    #[serde(default)]
    pub status: Option<String>,
    /// When it was asked for.
    #[serde(default, with = "lenient")]
    pub date_created: Option<OffsetDateTime>,
}

/// A refund as `…/payments/{id}/refunds` gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The refund's id.
    pub id: Id,
    /// Of which payment.
    #[serde(default)]
    pub payment_id: Option<Id>,
    /// How much goes back.
    #[serde(default)]
    pub amount: Option<Amount>,
    /// The provider's word; [`Refund::state`] classifies it.
    #[serde(default)]
    pub status: Option<String>,
    /// `standard`, usually.
    #[serde(default)]
    pub refund_mode: Option<String>,
    /// What the payer gets of it.
    #[serde(default)]
    pub amount_refunded_to_payer: Option<Amount>,
    /// When it was asked for.
    #[serde(default, with = "lenient")]
    pub date_created: Option<OffsetDateTime>,
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefundState {
    /// The money has gone back.
    Approved,
    /// It is on its way: to be read again until it ends.
    InProcess,
    /// It will not go back; for a person.
    Rejected,
    /// A word that we do not know, or none: read again, then for a person. Never taken for done.
    Unknown,
}

impl Refund {
    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> RefundState {
        match self.status.as_deref() {
            Some("approved") => RefundState::Approved,
            Some("in_process" | "pending" | "authorized") => RefundState::InProcess,
            Some("rejected" | "cancelled") => RefundState::Rejected,
            Some(_) | None => RefundState::Unknown,
        }
    }
}

/// The body of a refund: without an amount, all that is left goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundBody {
    /// How much of the payment goes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
}

#[cfg(test)]
mod tests {
    use domain::money::{Currency, Money};

    use super::{Refund, RefundBody, RefundState};

    #[test]
    fn the_example_of_the_contract_is_read() {
        let json = r#"{"id":1,"payment_id":5,"amount":10.5,"source":{"id":"x","name":"y","type":"collector"},
            "date_created":"2026-12-01T11:30:00.000-03:00","status":"approved","refund_mode":"standard",
            "adjustment_amount":0,"amount_refunded_to_payer":10.5}"#;
        let refund: Refund = serde_json::from_str(json).unwrap();
        assert_eq!(refund.state(), RefundState::Approved);
        assert_eq!(
            refund.amount.unwrap().money(Currency::ARS).unwrap().minor(),
            1_050
        );
    }

    #[test]
    fn an_unknown_or_absent_status_is_never_done() {
        for (status, expected) in [
            (r#""in_process""#, RefundState::InProcess),
            (r#""rejected""#, RefundState::Rejected),
            (r#""new_word""#, RefundState::Unknown),
            ("null", RefundState::Unknown),
        ] {
            let refund: Refund = serde_json::from_str(&format!(r#"{{"id":1,"status":{status}}}"#)).unwrap();
            assert_eq!(refund.state(), expected);
        }
    }

    #[test]
    fn the_whole_is_an_empty_object_and_a_part_is_a_number() {
        let part = Money::new(1_050, Currency::ARS).unwrap();
        let json = |amount| serde_json::to_string(&RefundBody { amount }).unwrap();
        assert_eq!(json(None), "{}");
        assert_eq!(json(Some(part.into())), r#"{"amount":10.50}"#);
    }
}
