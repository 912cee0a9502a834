//! A payment link: Checkout Pro's preference.

mod body;

use domain::money::Money;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime, UtcOffset};
use url::Url;

pub use self::body::{BackUrls, Excluded, ItemBody, PaymentMethods, PreferenceBody};
use crate::id::Id;
use crate::timestamp;

/// Holds up to this long exclude cash: a voucher may be paid days after it was printed.
///
/// Source: the provider's vouchers live 1 to 30 days.
pub const SHORTEST_VOUCHER: Duration = Duration::days(1);

/// The longest life of a cash voucher.
const LONGEST_VOUCHER: Duration = Duration::days(30);

/// The means of payment that are paid elsewhere and later.
const PAID_LATER: [&str; 2] = ["ticket", "atm"];

/// A link for one debt, in our terms; [`NewPreference::body`] has the provider's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPreference {
    /// What is paid for. Its unit price is the whole amount asked for.
    pub title: String,
    /// How much is asked for.
    pub amount: Money,
    /// Our reference, which every payment of the link carries.
    pub external_reference: String,
    /// Where notifications go; `source_news=webhooks` is added, so that only signed ones come.
    pub notification_url: Url,
    /// Where the payer's browser goes when it is paid, refused, or still pending.
    pub back_urls: BackUrls,
    /// The life of the link: the same as the hold's.
    pub valid_from: OffsetDateTime,
    /// The end of the link's life.
    pub valid_until: OffsetDateTime,
    /// The property's offset from UTC, in which the provider is told the two.
    pub offset: UtcOffset,
    /// What the payer's card statement says; at most 13 characters are sure to be shown.
    pub statement_descriptor: Option<String>,
}

impl NewPreference {
    /// The body of `POST /checkout/preferences`.
    ///
    /// # Errors
    ///
    /// If one of the dates cannot be written, as those before the year 0 cannot.
    pub fn body(&self) -> Result<PreferenceBody, time::error::Format> {
        let lasts = self.valid_until - self.valid_from;
        let cash = SHORTEST_VOUCHER < lasts;
        let voucher_until = self
            .valid_until
            .min(self.valid_from.saturating_add(LONGEST_VOUCHER));
        let write = |instant| timestamp::format(instant, self.offset);
        let excluded = PAID_LATER.map(|id| Excluded { id: id.to_owned() });
        Ok(PreferenceBody {
            items: vec![ItemBody {
                id: Some(self.external_reference.clone()),
                title: self.title.clone(),
                quantity: 1,
                currency_id: Some(self.amount.currency().code().to_owned()),
                unit_price: self.amount.into(),
            }],
            external_reference: Some(self.external_reference.clone()),
            notification_url: Some(only_webhooks(self.notification_url.clone())),
            back_urls: Some(self.back_urls.clone()),
            auto_return: Some("approved".to_owned()),
            expires: Some(true),
            expiration_date_from: Some(write(self.valid_from)?),
            expiration_date_to: Some(write(self.valid_until)?),
            date_of_expiration: if cash { Some(write(voucher_until)?) } else { None },
            payment_methods: (!cash).then(|| PaymentMethods {
                excluded_payment_types: excluded.to_vec(),
            }),
            statement_descriptor: self.statement_descriptor.clone(),
        })
    }
}

/// Asks for signed webhooks only; without it every payment comes as an unsigned IPN too.
fn only_webhooks(url: Url) -> Url {
    let kept: Vec<_> = url
        .query_pairs()
        .into_owned()
        .filter(|(name, _)| name != "source_news")
        .collect();
    let mut only = url;
    only.query_pairs_mut()
        .clear()
        .extend_pairs(kept)
        .append_pair("source_news", "webhooks");
    only
}

/// A link that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preference {
    /// The preference's id.
    pub id: Id,
    /// The page where the guest pays.
    pub init_point: Url,
    /// The same for test users.
    #[serde(default)]
    pub sandbox_init_point: Option<Url>,
    /// Whose account the money goes to.
    #[serde(default)]
    pub collector_id: Option<Id>,
    /// Our reference.
    #[serde(default)]
    pub external_reference: Option<String>,
    /// When it was made.
    #[serde(default, with = "timestamp::lenient")]
    pub date_created: Option<OffsetDateTime>,
}

#[cfg(test)]
mod tests;
