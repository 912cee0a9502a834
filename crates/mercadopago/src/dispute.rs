//! Chargebacks and claims: somebody is told, and the payments are read again.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::amount::Amount;
use crate::id::Id;
use crate::timestamp::lenient;

/// What `GET /v1/chargebacks/{id}` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chargeback {
    /// The chargeback's id, often above 2⁵³.
    pub id: Id,
    /// The payments that it takes back.
    #[serde(default)]
    pub payments: Option<Vec<Id>>,
    /// How much is disputed.
    #[serde(default)]
    pub amount: Option<Amount>,
    /// ISO 4217.
    #[serde(default)]
    pub currency: Option<String>,
    /// Whether papers of ours are asked for, in the provider's words.
    #[serde(default)]
    pub documentation_status: Option<String>,
    /// Until when papers are taken.
    #[serde(default, with = "lenient")]
    pub date_documentation_deadline: Option<OffsetDateTime>,
}

/// What `GET /post-purchase/v1/claims/{id}` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The claim's id.
    pub id: Id,
    /// `payment`, when [`Claim::resource_id`] is one.
    #[serde(default)]
    pub resource: Option<String>,
    /// What it is about.
    #[serde(default)]
    pub resource_id: Option<Id>,
    /// The provider's word for how far it has come.
    #[serde(default)]
    pub stage: Option<String>,
    /// `opened` or `closed`.
    #[serde(default)]
    pub status: Option<String>,
}

impl Claim {
    /// The payment to read again, if it is about one.
    #[must_use]
    pub fn payment_id(&self) -> Option<&Id> {
        self.resource_id
            .as_ref()
            .filter(|_| self.resource.as_deref() == Some("payment"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Chargeback, Claim};

    #[test]
    fn large_ids_keep_every_digit() {
        let json = r#"{"id":233000061680860001,"payments":[1234567890123456789],"amount":10.5,"currency":"ARS",
            "date_documentation_deadline":"tomorrow"}"#;
        let chargeback: Chargeback = serde_json::from_str(json).unwrap();
        assert_eq!(chargeback.id.as_str(), "233000061680860001");
        assert_eq!(chargeback.payments.unwrap()[0].as_str(), "1234567890123456789");
        assert_eq!(chargeback.date_documentation_deadline, None);
    }

    #[test]
    fn only_a_claim_about_a_payment_names_one() {
        let read = |json| serde_json::from_str::<Claim>(json).unwrap();
        let payment = read(r#"{"id":5,"resource":"payment","resource_id":"77"}"#);
        assert_eq!(payment.payment_id().unwrap().as_str(), "77");
        assert_eq!(
            read(r#"{"id":5,"resource":"order","resource_id":"77"}"#).payment_id(),
            None
        );
    }
}
