//! A notification is a reason to look: what it is about is read from the provider, and only that is believed.

use std::collections::BTreeSet;

use diesel_async::AsyncPgConnection;
use mercadopago::Client;
use mercadopago::error::CallError;
use mercadopago::id::Id;
use mercadopago::payment::Payment;
use storage::webhook_deliveries;
use uuid::Uuid;

use crate::metrics::Metrics;

/// What a notification is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    Payment,
    MerchantOrder,
    Chargeback,
    Claim,
    FraudAlert,
}

impl Topic {
    /// The topic of that name, as `webhooks` stores it or as the provider says it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "payment" => Some(Self::Payment),
            "merchant_order" | "topic_merchant_order_wh" => Some(Self::MerchantOrder),
            "chargeback" | "chargebacks" | "topic_chargebacks_wh" => Some(Self::Chargeback),
            "claim" | "topic_claims_integration_wh" => Some(Self::Claim),
            "fraud_alert" | "stop_delivery_op_wh" => Some(Self::FraudAlert),
            _ => None,
        }
    }

    /// The name of what alarms a person.
    fn alarm(self) -> Option<&'static str> {
        match self {
            Self::Payment | Self::MerchantOrder => None,
            Self::Chargeback => Some("chargeback"),
            Self::Claim => Some("claim"),
            Self::FraudAlert => Some("fraud_alert"),
        }
    }
}

/// Reads every payment that a notification is about. Never inside a transaction.
pub(crate) async fn look(
    provider: &Client,
    metrics: &Metrics,
    topic: Topic,
    resource: &Id,
    hint: Option<Id>,
) -> Result<Vec<Payment>, CallError> {
    if let Some(kind) = topic.alarm() {
        metrics.dispute(kind);
        tracing::error!(kind, resource.id = %resource, "the provider tells of a {kind}");
    }
    let mut payments = Vec::new();
    for id in payment_ids(provider, topic, resource, hint).await? {
        payments.push(provider.payment(&id).await?);
    }
    Ok(payments)
}

async fn payment_ids(
    provider: &Client,
    topic: Topic,
    resource: &Id,
    hint: Option<Id>,
) -> Result<BTreeSet<Id>, CallError> {
    let named = match topic {
        Topic::Payment => return Ok(BTreeSet::from([resource.clone()])),
        Topic::FraudAlert => return Ok(BTreeSet::from([hint.unwrap_or_else(|| resource.clone())])),
        Topic::MerchantOrder => {
            let order = provider.merchant_order(resource).await?;
            return Ok(order.payment_ids().cloned().collect());
        }
        Topic::Chargeback => provider
            .chargeback(resource)
            .await
            .map(|chargeback| chargeback.payments.unwrap_or_default().into_iter().collect()),
        Topic::Claim => {
            let claim = provider.claim(resource).await;
            claim.map(|claim| claim.payment_id().cloned().into_iter().collect())
        }
    };
    match (named, hint) {
        (Ok(ids), None) => Ok(ids),
        (Ok(ids), Some(hint)) => Ok(ids.into_iter().chain([hint]).collect()),
        // The dispute cannot be read; the payment that the body names can, and shows whether it is disputed.
        (Err(error), Some(hint)) if !error.is_transient() => {
            let cause = telemetry::trace::chain(&error);
            tracing::warn!(cause, "a dispute cannot be read: its payment is");
            Ok(BTreeSet::from([hint]))
        }
        (Err(error), _) => Err(error),
    }
}

/// The payment that a stored delivery's body names beside its resource: unsigned, so only a reason to read it.
pub(crate) async fn payment_hint(
    conn: &mut AsyncPgConnection,
    delivery: Uuid,
) -> diesel::QueryResult<Option<Id>> {
    let Some(stored) = webhook_deliveries::find(conn, delivery).await? else {
        return Ok(None);
    };
    let body: serde_json::Value = serde_json::from_slice(&stored.body).unwrap_or_default();
    let text = match body.pointer("/data/payment_id") {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(serde_json::Value::Number(number)) => number.to_string(),
        _ => return Ok(None),
    };
    Ok(text.parse().ok())
}
