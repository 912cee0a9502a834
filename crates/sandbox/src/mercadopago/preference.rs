//! A payment link: what it asks for, until when, and the checks that Mercado Pago makes.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use url::Url;

use super::{amount::Amount, failure::Failure, timestamp};

/// A preference as it stands.
#[derive(Debug, Clone)]
pub(crate) struct Preference {
    pub(crate) id: String,
    pub(crate) created: OffsetDateTime,
    pub(crate) updated: OffsetDateTime,
    /// What the integrator sent, merged over all changes.
    pub(crate) request: Map<String, Value>,
    pub(crate) terms: Terms,
}

/// What a preference means, read from its request.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    pub(crate) items: Vec<Item>,
    pub(crate) currency: String,
    pub(crate) total: Decimal,
    pub(crate) external_reference: Option<String>,
    pub(crate) notification_url: Option<Url>,
    pub(crate) back_urls: BackUrls,
    pub(crate) returns_by_itself: bool,
    /// No pending result is possible.
    pub(crate) binary: bool,
    /// The link works from this instant on.
    pub(crate) opens: Option<OffsetDateTime>,
    /// The link works before this instant.
    pub(crate) closes: Option<OffsetDateTime>,
    pub(crate) voucher_until: Option<OffsetDateTime>,
    pub(crate) metadata: Value,
    pub(crate) payer_email: Option<String>,
    pub(crate) excluded_types: Vec<String>,
}

/// One thing to pay for.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Item {
    pub(crate) title: String,
    pub(crate) quantity: u32,
    pub(crate) unit_price: Amount,
    pub(crate) currency_id: Option<String>,
    pub(crate) description: Option<String>,
}

/// Where the buyer goes afterwards.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct BackUrls {
    pub(crate) success: Option<String>,
    pub(crate) failure: Option<String>,
    pub(crate) pending: Option<String>,
}

/// The request as far as it is understood.
#[derive(Deserialize)]
struct Request {
    items: Option<Vec<Value>>,
    external_reference: Option<String>,
    notification_url: Option<String>,
    back_urls: Option<BackUrls>,
    auto_return: Option<String>,
    binary_mode: Option<bool>,
    expires: Option<bool>,
    expiration_date_from: Option<String>,
    expiration_date_to: Option<String>,
    date_of_expiration: Option<String>,
    metadata: Option<Value>,
    payer: Option<Payer>,
    payment_methods: Option<Methods>,
}

#[derive(Deserialize)]
struct Payer {
    email: Option<String>,
}

#[derive(Deserialize)]
struct Methods {
    #[serde(default)]
    excluded_payment_types: Vec<Excluded>,
}

#[derive(Deserialize)]
struct Excluded {
    id: String,
}

impl Terms {
    /// Checks a request as Mercado Pago does.
    pub(crate) fn read(request: &Map<String, Value>, default_currency: &str) -> Result<Self, Failure> {
        let parsed = Request::deserialize(Value::Object(request.clone()));
        let parsed = parsed.map_err(|error| Failure::bad_request("bad_request", error.to_string()))?;
        let items = items(parsed.items)?;
        let currency = currency(&items, default_currency)?;
        let total = items
            .iter()
            .map(|item| item.unit_price.0 * Decimal::from(item.quantity))
            .sum();
        let back_urls = parsed.back_urls.unwrap_or_default();
        let success = back_urls.success.as_deref().unwrap_or_default();
        let returns_by_itself = match parsed.auto_return.as_deref() {
            None | Some("") => false,
            Some("approved" | "all") if !success.is_empty() => true,
            Some("approved" | "all") => {
                let message = "auto_return invalid. back_url.success must be defined";
                return Err(Failure::bad_request("invalid_auto_return", message));
            }
            Some(_) => return Err(Failure::bad_request("invalid_auto_return", "auto_return invalid")),
        };
        let limited = parsed.expires.unwrap_or(false);
        let opens = date(parsed.expiration_date_from.as_deref(), "expiration_date_from")?;
        let closes = date(parsed.expiration_date_to.as_deref(), "expiration_date_to")?;
        if let (Some(opens), Some(closes)) = (opens, closes)
            && closes <= opens
        {
            let message = "expiration_date_to must be after expiration_date_from";
            return Err(Failure::bad_request("invalid_expiration_date_to", message));
        }
        Ok(Self {
            items,
            currency,
            total,
            external_reference: parsed.external_reference,
            notification_url: notification_url(parsed.notification_url.as_deref())?,
            back_urls,
            returns_by_itself,
            binary: parsed.binary_mode.unwrap_or(false),
            opens: opens.filter(|_| limited),
            closes: closes.filter(|_| limited),
            voucher_until: date(parsed.date_of_expiration.as_deref(), "date_of_expiration")?,
            metadata: super::snake_case::keys(parsed.metadata.unwrap_or_else(|| json!({}))),
            payer_email: parsed.payer.and_then(|payer| payer.email),
            excluded_types: parsed
                .payment_methods
                .map(|methods| {
                    methods
                        .excluded_payment_types
                        .into_iter()
                        .map(|excluded| excluded.id)
                        .collect()
                })
                .unwrap_or_default(),
        })
    }
}

fn items(items: Option<Vec<Value>>) -> Result<Vec<Item>, Failure> {
    let items = items.unwrap_or_default();
    if items.is_empty() {
        return Err(Failure::bad_request("invalid_items", "items needed"));
    }
    items.into_iter().map(item).collect()
}

fn item(item: Value) -> Result<Item, Failure> {
    let refused = |what: &str| Failure::bad_request("invalid_items", format!("{what} invalid"));
    for field in ["title", "quantity", "unit_price"] {
        if item.get(field).is_none_or(Value::is_null) {
            return Err(refused(field));
        }
    }
    let item = Item::deserialize(item).map_err(|error| refused(&error.to_string()))?;
    if item.title.trim().is_empty() {
        return Err(refused("title"));
    }
    if item.quantity == 0 {
        return Err(refused("quantity"));
    }
    if item.unit_price.0 <= Decimal::ZERO {
        return Err(refused("unit_price"));
    }
    Ok(item)
}

fn currency(items: &[Item], default: &str) -> Result<String, Failure> {
    let mut currencies = items
        .iter()
        .map(|item| item.currency_id.as_deref().unwrap_or(default));
    let first = currencies.next().unwrap_or(default);
    let known = ["ARS", "BRL", "CLP", "COP", "MXN", "PEN", "USD", "UYU"].contains(&first);
    if known && currencies.all(|currency| currency == first) {
        return Ok(first.to_owned());
    }
    Err(Failure::bad_request("invalid_items", "currency_id invalid"))
}

fn notification_url(text: Option<&str>) -> Result<Option<Url>, Failure> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let refused = || {
        Failure::bad_request(
            "invalid_notification_url",
            "notification_url attribute must be a valid url",
        )
    };
    let url = Url::parse(text)
        .ok()
        .filter(|url| ["http", "https"].contains(&url.scheme()));
    url.map(Some).ok_or_else(refused)
}

fn date(text: Option<&str>, field: &'static str) -> Result<Option<OffsetDateTime>, Failure> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let refused = || {
        let message = format!("{field} must be a date as yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
        Failure::bad_request("bad_request", message)
    };
    timestamp::read(text).map(Some).ok_or_else(refused)
}

impl Preference {
    /// The preference as the API shows it.
    pub(crate) fn view(&self, base_url: &str, collector: u64) -> Value {
        let link = self.link(base_url);
        let mut view = self.request.clone();
        let own = json!({
            "id": self.id,
            "init_point": link,
            "sandbox_init_point": link,
            "collector_id": collector,
            "client_id": collector.to_string(),
            "date_created": timestamp::write(self.created),
            "last_updated": timestamp::write(self.updated),
            "operation_type": "regular_payment",
            "site_id": "MLA",
            "marketplace": "NONE",
            "processing_modes": [],
        });
        if let Value::Object(own) = own {
            view.extend(own);
        }
        for (name, default) in [
            ("expires", json!(false)),
            ("metadata", json!({})),
            ("external_reference", json!("")),
        ] {
            view.entry(name).or_insert(default);
        }
        Value::Object(view)
    }

    /// The page where a buyer pays.
    pub(crate) fn link(&self, base_url: &str) -> String {
        format!("{base_url}/checkout/v1/redirect?pref_id={}", self.id)
    }
}
