//! A payment as stored.

use diesel::prelude::*;
use domain::money::{Currency, Money};
use domain::payment::{PaymentState, Version};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::InvalidRow;
use crate::schema::payments;

/// How we came to know of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FoundBy {
    /// A notification named it.
    Webhook,
    /// We asked the provider: these show whether notifications work.
    Poll,
    /// A person named it.
    Person,
}

impl FoundBy {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Webhook, Self::Poll, Self::Person];

    /// The name in the database and in metrics' labels.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Poll => "poll",
            Self::Person => "person",
        }
    }
}

/// What became of approved money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resolution {
    /// It confirmed a stay.
    Confirmed,
    /// It came late, and the stay lives again.
    Revived,
    /// It is part of a deposit.
    PartiallyPaid,
    /// It goes back, or has gone back.
    Refunded,
    /// It waits for a person.
    Parked,
    /// A person has decided that there is nothing to do.
    Dismissed,
}

impl Resolution {
    /// Every resolution.
    pub const ALL: [Self; 6] = [
        Self::Confirmed,
        Self::Revived,
        Self::PartiallyPaid,
        Self::Refunded,
        Self::Parked,
        Self::Dismissed,
    ];

    /// The name in the database and in metrics' labels.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Revived => "revived",
            Self::PartiallyPaid => "partially_paid",
            Self::Refunded => "refunded",
            Self::Parked => "parked",
            Self::Dismissed => "dismissed",
        }
    }

    /// The resolution of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|resolution| resolution.as_str() == name)
    }
}

/// A payment of the provider as we last read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPayment {
    /// Our id.
    pub id: Uuid,
    /// The provider's.
    pub provider_payment_id: String,
    /// The reference that it carries; a reservation's code if it is ours.
    pub external_reference: Option<String>,
    /// The reservation it is for, if the reference names one.
    pub reservation: Option<Uuid>,
    /// Where it stands.
    pub state: PaymentState,
    /// Why, in the provider's words.
    pub state_detail: String,
    /// What was to be paid, in hundredths if the currency is none of ours.
    pub amount_minor: i64,
    /// What of it has gone back.
    pub refunded_minor: i64,
    /// ISO 4217 as the provider says it.
    pub currency: String,
    /// Whose account the money is in.
    pub collector_id: String,
    /// `regular_payment`, unless money was moved or a card checked.
    pub operation_type: String,
    /// When the payer began.
    pub provider_created_at: Option<OffsetDateTime>,
    /// When it was approved.
    pub provider_approved_at: Option<OffsetDateTime>,
    /// The provider's clock of changes.
    pub provider_updated_at: OffsetDateTime,
    /// How we came to know of it.
    pub found_by: FoundBy,
    /// What became of approved money.
    pub resolution: Option<Resolution>,
    /// Since when.
    pub resolved_at: Option<OffsetDateTime>,
    /// Why a person must look.
    pub park_reason: Option<String>,
    /// Since when it waits for one.
    pub parked_at: Option<OffsetDateTime>,
    /// When a person was done with it.
    pub dismissed_at: Option<OffsetDateTime>,
    /// When we first read it.
    pub created_at: OffsetDateTime,
    /// When this row last changed.
    pub updated_at: OffsetDateTime,
}

impl StoredPayment {
    /// What was to be paid; `None` in a currency that the house does not sell in.
    #[must_use]
    pub fn amount(&self) -> Option<Money> {
        self.money(self.amount_minor)
    }

    /// What has gone back; `None` in a currency that the house does not sell in.
    #[must_use]
    pub fn refunded(&self) -> Option<Money> {
        self.money(self.refunded_minor)
    }

    /// The amount less what has gone back.
    #[must_use]
    pub fn left(&self) -> Option<Money> {
        self.money(self.amount_minor.saturating_sub(self.refunded_minor))
    }

    /// What of it moves, for [`domain::payment::advances`].
    #[must_use]
    pub fn version(&self) -> Version {
        // Only compared with itself: in a currency that the house does not sell in, any that has hundredths will do.
        let hundredths = Money::new(self.refunded_minor, Currency::ARS).unwrap_or(Money::zero(Currency::ARS));
        Version {
            updated_at: self.provider_updated_at,
            state: self.state.clone(),
            refunded: self.refunded().unwrap_or(hundredths),
        }
    }

    /// Whether a person must look at it.
    #[must_use]
    pub fn is_parked(&self) -> bool {
        self.parked_at.is_some() && self.dismissed_at.is_none()
    }

    fn money(&self, minor: i64) -> Option<Money> {
        let currency: Currency = self.currency.parse().ok()?;
        Money::new(minor, currency).ok()
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = payments)]
pub(super) struct Row {
    id: Uuid,
    provider_payment_id: String,
    external_reference: Option<String>,
    reservation_id: Option<Uuid>,
    state: String,
    state_detail: String,
    amount_minor: i64,
    refunded_minor: i64,
    currency: String,
    collector_id: String,
    operation_type: String,
    provider_created_at: Option<OffsetDateTime>,
    provider_approved_at: Option<OffsetDateTime>,
    provider_updated_at: OffsetDateTime,
    found_by: String,
    resolution: Option<String>,
    resolved_at: Option<OffsetDateTime>,
    park_reason: Option<String>,
    parked_at: Option<OffsetDateTime>,
    dismissed_at: Option<OffsetDateTime>,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl TryFrom<Row> for StoredPayment {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> QueryResult<Self> {
        let broken = |column: &'static str| InvalidRow::failure("payments", column, &row.id);
        let found_by = FoundBy::ALL.into_iter().find(|way| way.as_str() == row.found_by);
        let resolution = match row.resolution.as_deref() {
            None => None,
            Some(name) => Some(Resolution::named(name).ok_or_else(|| broken("resolution"))?),
        };
        Ok(Self {
            id: row.id,
            found_by: found_by.ok_or_else(|| broken("found_by"))?,
            resolution,
            provider_payment_id: row.provider_payment_id,
            external_reference: row.external_reference,
            reservation: row.reservation_id,
            state: PaymentState::from(row.state.as_str()),
            state_detail: row.state_detail,
            amount_minor: row.amount_minor,
            refunded_minor: row.refunded_minor,
            currency: row.currency,
            collector_id: row.collector_id,
            operation_type: row.operation_type,
            provider_created_at: row.provider_created_at,
            provider_approved_at: row.provider_approved_at,
            provider_updated_at: row.provider_updated_at,
            resolved_at: row.resolved_at,
            park_reason: row.park_reason,
            parked_at: row.parked_at,
            dismissed_at: row.dismissed_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
