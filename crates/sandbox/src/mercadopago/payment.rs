//! A payment: its fields, how it may be changed, and how the API shows it.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use url::Url;

use super::{
    amount::Amount,
    refund::{Refund, RefundStatus},
    timestamp,
};

/// A payment as it stands. Status and detail are text, since tests make up unknown ones.
#[derive(Debug, Clone)]
pub(crate) struct Payment {
    pub(crate) id: u64,
    pub(crate) status: String,
    pub(crate) detail: String,
    pub(crate) external_reference: Option<String>,
    pub(crate) amount: Decimal,
    pub(crate) currency: String,
    pub(crate) collector: u64,
    pub(crate) operation_type: String,
    pub(crate) method: String,
    pub(crate) method_type: String,
    pub(crate) created: OffsetDateTime,
    pub(crate) approved: Option<OffsetDateTime>,
    pub(crate) updated: OffsetDateTime,
    pub(crate) expires: Option<OffsetDateTime>,
    pub(crate) preference: Option<String>,
    pub(crate) order: Option<u64>,
    pub(crate) description: Option<String>,
    pub(crate) payer_email: Option<String>,
    pub(crate) metadata: Value,
    pub(crate) notification_url: Option<Url>,
    pub(crate) refunds: Vec<Refund>,
}

/// A change at the provider's side; what is absent stays as it is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PaymentChange {
    pub(crate) status: Option<String>,
    pub(crate) status_detail: Option<String>,
    pub(crate) transaction_amount: Option<Amount>,
    pub(crate) currency_id: Option<String>,
    pub(crate) collector_id: Option<u64>,
    pub(crate) operation_type: Option<String>,
    pub(crate) external_reference: Option<String>,
    pub(crate) payment_method_id: Option<String>,
    pub(crate) payment_type_id: Option<String>,
    pub(crate) notification_url: Option<Url>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub(crate) date_created: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub(crate) date_approved: Option<OffsetDateTime>,
    /// By default the time of the change.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub(crate) date_last_updated: Option<OffsetDateTime>,
}

impl Payment {
    /// What approved refunds gave back.
    pub(crate) fn refunded(&self) -> Decimal {
        let given = |refund: &&Refund| refund.status == RefundStatus::Approved;
        self.refunds
            .iter()
            .filter(given)
            .map(|refund| refund.amount)
            .sum()
    }

    /// What may still be refunded: refunds underway count as gone.
    pub(crate) fn refundable(&self) -> Decimal {
        let failed = [RefundStatus::Rejected, RefundStatus::Cancelled];
        let taken = self
            .refunds
            .iter()
            .filter(|refund| !failed.contains(&refund.status));
        self.amount - taken.map(|refund| refund.amount).sum::<Decimal>()
    }

    /// Sets status and detail; the first approval has its time.
    pub(crate) fn become_(&mut self, status: &str, detail: &str, now: OffsetDateTime) {
        status.clone_into(&mut self.status);
        detail.clone_into(&mut self.detail);
        self.updated = now;
        if status == "approved" && self.approved.is_none() {
            self.approved = Some(now);
        }
    }

    /// Applies a change ordered by a test.
    pub(crate) fn apply(&mut self, change: PaymentChange, now: OffsetDateTime) {
        if let Some(status) = change.status {
            let detail = change
                .status_detail
                .unwrap_or_else(|| usual_detail(&status).to_owned());
            self.become_(&status, &detail, now);
        } else if let Some(detail) = change.status_detail {
            self.detail = detail;
        }
        if let Some(amount) = change.transaction_amount {
            self.amount = amount.0;
        }
        set(&mut self.currency, change.currency_id);
        set(&mut self.collector, change.collector_id);
        set(&mut self.operation_type, change.operation_type);
        set(&mut self.method, change.payment_method_id);
        set(&mut self.method_type, change.payment_type_id);
        set(&mut self.created, change.date_created);
        self.external_reference = change
            .external_reference
            .or_else(|| self.external_reference.take());
        self.notification_url = change.notification_url.or_else(|| self.notification_url.take());
        self.approved = change.date_approved.or(self.approved);
        self.updated = change.date_last_updated.unwrap_or(now);
    }

    /// The payment as the API shows it.
    pub(crate) fn view(&self) -> Value {
        let instant = |at: Option<OffsetDateTime>| at.map(timestamp::write);
        let paid = if self.approved.is_some() {
            self.amount
        } else {
            Decimal::ZERO
        };
        let order = self
            .order
            .map(|id| json!({ "id": id.to_string(), "type": "mercadopago" }));
        let refunds: Vec<_> = self.refunds.iter().map(|refund| refund.view(self.id)).collect();
        json!({
            "id": self.id,
            "status": self.status,
            "status_detail": self.detail,
            "external_reference": self.external_reference,
            "transaction_amount": Amount(self.amount),
            "transaction_amount_refunded": Amount(self.refunded()),
            "currency_id": self.currency,
            "live_mode": true,
            "collector_id": self.collector,
            "date_created": timestamp::write(self.created),
            "date_approved": instant(self.approved),
            "date_last_updated": timestamp::write(self.updated),
            "date_of_expiration": instant(self.expires),
            "money_release_date": instant(self.approved.map(|at| at + Duration::days(14))),
            "operation_type": self.operation_type,
            "payment_method_id": self.method,
            "payment_type_id": self.method_type,
            "order": order.unwrap_or_else(|| json!({})),
            "metadata": self.metadata,
            "payer": {
                "id": "987654321",
                "email": self.payer_email,
                "identification": { "type": "DNI", "number": "11111111" },
            },
            "refunds": refunds,
            "fee_details": [],
            "transaction_details": {
                "net_received_amount": Amount(paid),
                "total_paid_amount": Amount(self.amount),
                "overpaid_amount": 0,
            },
            "captured": true,
            "binary_mode": false,
            "installments": 1,
            "description": self.description,
            "notification_url": self.notification_url,
        })
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// The detail that most often goes with a status.
pub(crate) fn usual_detail(status: &str) -> &'static str {
    match status {
        "approved" => "accredited",
        "authorized" => "pending_capture",
        "in_process" => "pending_contingency",
        "pending" => "pending_waiting_transfer",
        "rejected" => "cc_rejected_other_reason",
        "cancelled" => "by_collector",
        "refunded" => "refunded",
        "charged_back" => "in_process",
        _ => "",
    }
}
