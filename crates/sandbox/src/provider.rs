//! Which of the played providers a request is for.

use serde::{Deserialize, Serialize};

/// A provider that the sandbox plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Provider {
    /// Payments.
    MercadoPago,
    /// Messages.
    WhatsApp,
    /// Calendars.
    Channels,
}

impl Provider {
    /// The provider whose API has `path`; the sandbox's own pages and controls belong to none.
    pub(crate) fn of(path: &str) -> Option<Self> {
        const MERCADO_PAGO: [&str; 4] = [
            "/checkout/preferences",
            "/v1/",
            "/merchant_orders",
            "/post-purchase/",
        ];
        if MERCADO_PAGO.iter().any(|prefix| path.starts_with(prefix)) {
            return Some(Self::MercadoPago);
        }
        if path.starts_with("/channels/") && path.split('.').next_back() == Some("ics") {
            return Some(Self::Channels);
        }
        let version = path.split('/').nth(1)?.strip_prefix('v')?;
        let is_graph = version.contains('.') && version.chars().all(|c| c == '.' || c.is_ascii_digit());
        is_graph.then_some(Self::WhatsApp)
    }
}
