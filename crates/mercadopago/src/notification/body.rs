//! The few fields of a notification's body that say what it is about.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::id::{Id, id_of, text_of};

/// What the body says; all of it unsigned. A body that is not JSON says nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Body {
    /// A webhook's `type`.
    pub(super) type_word: Option<String>,
    /// An IPN's `topic`.
    pub(super) topic_word: Option<String>,
    /// An IPN's `resource`: an id, or the last segment of a URL that we never follow.
    pub(super) resource: Option<Id>,
    /// `data.payment_id` of chargebacks and fraud alerts.
    pub(super) payment_id: Option<Id>,
}

/// Every field raw, so that one of an unexpected type does not hide the others.
#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, rename = "type")]
    type_word: Option<&'a RawValue>,
    #[serde(borrow)]
    topic: Option<&'a RawValue>,
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    payment_id: Option<&'a RawValue>,
}

impl Body {
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let Ok(wire) = serde_json::from_slice::<Wire<'_>>(bytes) else {
            return Self::default();
        };
        let data = wire
            .data
            .and_then(|raw| serde_json::from_str::<Data<'_>>(raw.get()).ok());
        Self {
            type_word: wire.type_word.and_then(text_of),
            topic_word: wire.topic.and_then(text_of),
            resource: wire.resource.and_then(text_of).and_then(|text| resource(&text)),
            payment_id: data.and_then(|data| data.payment_id).and_then(id_of),
        }
    }
}

/// The id in `262` or in `https://api.mercadolibre.com/merchant_orders/262?caller=1`.
fn resource(text: &str) -> Option<Id> {
    let path = text.split(['?', '#']).next()?;
    path.trim_end_matches('/').rsplit('/').next()?.parse().ok()
}
