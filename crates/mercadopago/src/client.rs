//! The client: one method per call that we make.

mod transport;

use std::sync::Arc;
use std::time::Duration;

use domain::money::Money;
use reqwest::Method;
use secrecy::SecretString;
use serde::de::IgnoredAny;
use serde_json::json;
use time::{OffsetDateTime, UtcOffset};
use url::Url;
use uuid::Uuid;

use self::transport::{Call, Transport};
use crate::circuit::Circuit;
use crate::dispute::{Chargeback, Claim};
use crate::error::{CallError, Outcome};
use crate::id::Id;
use crate::merchant_order::MerchantOrder;
use crate::payment::Payment;
use crate::preference::{NewPreference, Preference};
use crate::refund::{Refund, RefundBody};
use crate::search::{Page, Search};
use crate::timestamp;

/// No search is followed beyond this many pages.
const MOST_PAGES: usize = 200;

/// Where and how to call.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Such as `https://api.mercadopago.com`.
    pub base_url: Url,
    /// Whose account.
    pub access_token: SecretString,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// How long one attempt may take.
    pub attempt_timeout: Duration,
    /// How long a call may take in all, its waits and repetitions included.
    pub call_timeout: Duration,
    /// How often a call is repeated at most.
    pub repetitions: usize,
    /// The wait before the first repetition; it doubles, with jitter.
    pub first_wait: Duration,
    /// After how many failures in a row the provider is left alone.
    pub failures_to_open: u32,
    /// For how long.
    pub open_for: Duration,
}

impl Settings {
    /// The usual limits: 2 s to connect, 8 s an attempt, 20 s and 3 repetitions a call; the circuit opens
    /// after 5 failures in a row, for 30 s.
    #[must_use]
    pub fn new(base_url: Url, access_token: SecretString) -> Self {
        Self {
            base_url,
            access_token,
            connect_timeout: Duration::from_secs(2),
            attempt_timeout: Duration::from_secs(8),
            call_timeout: Duration::from_secs(20),
            repetitions: 3,
            first_wait: Duration::from_millis(250),
            failures_to_open: 5,
            open_for: Duration::from_secs(30),
        }
    }
}

/// What is called, for metrics' labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the methods of `Client`")]
pub enum Operation {
    CreatePreference,
    EndPreference,
    ReadPayment,
    SearchPayments,
    CancelPayment,
    ReadMerchantOrder,
    ReadChargeback,
    ReadClaim,
    CreateRefund,
    ReadRefund,
    ListRefunds,
}

impl Operation {
    /// Every operation, so that each metric exists before its first event.
    pub const ALL: [Self; 11] = [
        Self::CreatePreference,
        Self::EndPreference,
        Self::ReadPayment,
        Self::SearchPayments,
        Self::CancelPayment,
        Self::ReadMerchantOrder,
        Self::ReadChargeback,
        Self::ReadClaim,
        Self::CreateRefund,
        Self::ReadRefund,
        Self::ListRefunds,
    ];

    /// The labels of [`Operation::ALL`].
    pub const LABELS: [&'static str; 11] = [
        "create_preference",
        "end_preference",
        "read_payment",
        "search_payments",
        "cancel_payment",
        "read_merchant_order",
        "read_chargeback",
        "read_claim",
        "create_refund",
        "read_refund",
        "list_refunds",
    ];

    /// The label.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreatePreference => "create_preference",
            Self::EndPreference => "end_preference",
            Self::ReadPayment => "read_payment",
            Self::SearchPayments => "search_payments",
            Self::CancelPayment => "cancel_payment",
            Self::ReadMerchantOrder => "read_merchant_order",
            Self::ReadChargeback => "read_chargeback",
            Self::ReadClaim => "read_claim",
            Self::CreateRefund => "create_refund",
            Self::ReadRefund => "read_refund",
            Self::ListRefunds => "list_refunds",
        }
    }
}

/// One attempt that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// What was called.
    pub operation: Operation,
    /// What became of it.
    pub outcome: Outcome,
    /// How long it took.
    pub took: Duration,
}

/// Told of every attempt; the border between this crate and whatever counts.
pub type Observe = Arc<dyn Fn(Attempt) + Send + Sync>;

/// A client of one account. Clones share connections and circuit.
///
/// Every call repeats by itself, with the same key, what may pass within [`Settings::call_timeout`].
/// No call belongs inside a database transaction.
#[derive(Clone)]
pub struct Client {
    transport: Arc<Transport>,
}

impl Client {
    /// Builds the client; the process must have installed its rustls provider before.
    ///
    /// # Errors
    ///
    /// [`CallError::Request`] if the token cannot be a header or the platform gives no TLS.
    pub fn new(settings: &Settings, observe: Observe) -> Result<Self, CallError> {
        let transport = Arc::new(Transport::new(settings, observe)?);
        Ok(Self { transport })
    }

    /// Whether calls go out, for the metric and for health.
    #[must_use]
    pub fn circuit(&self) -> Circuit {
        self.transport.circuit()
    }

    /// Makes a payment link. `key` is our own operation's, stored before the first call.
    ///
    /// # Errors
    ///
    /// [`CallError`].
    pub async fn create_preference(&self, key: Uuid, new: &NewPreference) -> Result<Preference, CallError> {
        let body = new.body().map_err(|error| CallError::Request(error.into()))?;
        let call = Call::new(
            Operation::CreatePreference,
            Method::POST,
            &["checkout", "preferences"],
        );
        self.transport.call(&call.key(key).json(&body)?).await
    }

    /// Ends a link's life at `at`, so that no second one lives beside its successor.
    ///
    /// # Errors
    ///
    /// [`CallError`].
    pub async fn end_preference(
        &self,
        id: &Id,
        at: OffsetDateTime,
        offset: UtcOffset,
    ) -> Result<(), CallError> {
        let until = timestamp::format(at, offset).map_err(|error| CallError::Request(error.into()))?;
        let path = ["checkout", "preferences", id.as_str()];
        let call = Call::new(Operation::EndPreference, Method::PUT, &path);
        let body = json!({ "expires": true, "expiration_date_to": until });
        let _: IgnoredAny = self.transport.call(&call.json(&body)?).await?;
        Ok(())
    }

    /// Reads a payment: the only source of facts.
    ///
    /// # Errors
    ///
    /// [`CallError`]; [`CallError::NotFound`] may pass within moments after a notification.
    pub async fn payment(&self, id: &Id) -> Result<Payment, CallError> {
        self.read(Operation::ReadPayment, &["v1", "payments", id.as_str()])
            .await
    }

    /// Reads one page of a search, from the result at `offset` on.
    ///
    /// # Errors
    ///
    /// [`CallError`].
    pub async fn search(&self, search: &Search, offset: u32) -> Result<Page, CallError> {
        let pairs = search
            .pairs(offset)
            .map_err(|error| CallError::Request(error.into()))?;
        let call = Call::new(
            Operation::SearchPayments,
            Method::GET,
            &["v1", "payments", "search"],
        );
        self.transport.call(&call.query(pairs)).await
    }

    /// Reads every page of a search, up to 10,000 results.
    ///
    /// # Errors
    ///
    /// [`CallError`] of the first page that fails.
    pub async fn search_all(&self, search: &Search) -> Result<Vec<Payment>, CallError> {
        let mut found = Vec::new();
        for _ in 0..MOST_PAGES {
            let offset = u32::try_from(found.len()).unwrap_or(u32::MAX);
            let page = self.search(search, offset).await?;
            let last = page.results.is_empty();
            found.extend(page.results);
            if last || page.paging.total <= u32::try_from(found.len()).unwrap_or(u32::MAX) {
                break;
            }
        }
        Ok(found)
    }

    /// Cancels a payment that is pending or in process.
    ///
    /// # Errors
    ///
    /// [`CallError`]; from any other state it is refused.
    pub async fn cancel_payment(&self, id: &Id) -> Result<Payment, CallError> {
        let path = ["v1", "payments", id.as_str()];
        let call = Call::new(Operation::CancelPayment, Method::PUT, &path);
        self.transport
            .call(&call.json(&json!({ "status": "cancelled" }))?)
            .await
    }

    /// Reads a merchant order.
    ///
    /// # Errors
    ///
    /// [`CallError`].
    pub async fn merchant_order(&self, id: &Id) -> Result<MerchantOrder, CallError> {
        self.read(Operation::ReadMerchantOrder, &["merchant_orders", id.as_str()])
            .await
    }

    /// Reads a chargeback.
    ///
    /// # Errors
    ///
    /// [`CallError`].
    pub async fn chargeback(&self, id: &Id) -> Result<Chargeback, CallError> {
        self.read(Operation::ReadChargeback, &["v1", "chargebacks", id.as_str()])
            .await
    }

    /// Reads a claim.
    ///
    /// # Errors
    ///
    /// [`CallError`].
    pub async fn claim(&self, id: &Id) -> Result<Claim, CallError> {
        self.read(
            Operation::ReadClaim,
            &["post-purchase", "v1", "claims", id.as_str()],
        )
        .await
    }

    /// Gives money back: `part` of the payment, or all that is left of it.
    ///
    /// `key` is our own refund's, stored before the first call: a repetition with it changes nothing, and two
    /// refunds never share one. The answer may be [`crate::refund::RefundState::InProcess`].
    ///
    /// # Errors
    ///
    /// [`CallError`].
    pub async fn create_refund(
        &self,
        key: Uuid,
        payment: &Id,
        part: Option<Money>,
    ) -> Result<Refund, CallError> {
        let path = ["v1", "payments", payment.as_str(), "refunds"];
        let call = Call::new(Operation::CreateRefund, Method::POST, &path);
        let body = RefundBody {
            amount: part.map(Into::into),
        };
        self.transport
            .call(&call.key(key).renders_in_process().json(&body)?)
            .await
    }

    /// Reads one refund.
    ///
    /// # Errors
    ///
    /// [`CallError`].
    pub async fn refund(&self, payment: &Id, refund: &Id) -> Result<Refund, CallError> {
        let path = ["v1", "payments", payment.as_str(), "refunds", refund.as_str()];
        self.read(Operation::ReadRefund, &path).await
    }

    /// Lists the refunds of a payment.
    ///
    /// # Errors
    ///
    /// [`CallError`].
    pub async fn refunds(&self, payment: &Id) -> Result<Vec<Refund>, CallError> {
        self.read(
            Operation::ListRefunds,
            &["v1", "payments", payment.as_str(), "refunds"],
        )
        .await
    }

    async fn read<T: serde::de::DeserializeOwned>(
        &self,
        operation: Operation,
        path: &[&str],
    ) -> Result<T, CallError> {
        self.transport
            .call(&Call::new(operation, Method::GET, path))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::Operation;

    #[test]
    fn every_operation_has_its_label() {
        assert_eq!(Operation::ALL.map(Operation::as_str), Operation::LABELS);
    }
}
