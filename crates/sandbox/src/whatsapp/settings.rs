//! How the played WhatsApp behaves from now on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::options::WhatsAppOptions;

/// What a test can change at any time.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, named in JSON"
)]
pub(crate) struct Settings {
    /// `false` keeps webhooks instead of sending them; they can be sent on order later.
    pub(crate) automatic: bool,
    /// Every webhook is sent this many times.
    pub(crate) copies: u32,
    /// What becomes of a message that was taken, in this order.
    pub(crate) statuses: Vec<String>,
    /// The wait before each of them.
    pub(crate) status_after_ms: u64,
    /// The first status arrives before the answer to the send call.
    pub(crate) status_before_answer: bool,
    /// The waits between the attempts to deliver a webhook.
    pub(crate) retry_after_ms: Vec<u64>,
    /// Bodies in raw UTF-8 instead of escaped ASCII.
    pub(crate) raw_utf8: bool,
    /// Free text goes out although the guest has not written for 24 hours.
    pub(crate) window_open: bool,
    /// The numbers that a test number may write to, exactly as they must be written; `null` is a real number.
    pub(crate) allow_list: Option<Vec<String>>,
    /// What is wrong with every signature.
    pub(crate) forgery: Forgery,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            automatic: true,
            copies: 1,
            statuses: ["sent", "delivered", "read"].map(str::to_owned).to_vec(),
            status_after_ms: 150,
            status_before_answer: false,
            retry_after_ms: Vec::new(),
            raw_utf8: false,
            window_open: false,
            allow_list: None,
            forgery: Forgery::None,
        }
    }
}

impl Settings {
    pub(crate) fn new(options: &WhatsAppOptions) -> Self {
        let milliseconds = |wait: &Duration| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        Self {
            status_after_ms: milliseconds(&options.status_after),
            retry_after_ms: options.retry_after.iter().map(milliseconds).collect(),
            window_open: options.window_open,
            ..Self::default()
        }
    }
}

/// What is wrong with a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Forgery {
    /// Nothing.
    #[default]
    None,
    /// No header.
    Unsigned,
    /// Signed with another secret.
    WrongSecret,
    /// Only the old SHA-1 header.
    Sha1,
    /// Signed, and then one byte of the body changed.
    Tampered,
}

/// What becomes of the next messages, instead of the usual statuses.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outcome {
    /// These statuses, in this order, out of order or repeated as written.
    #[serde(default)]
    pub(crate) statuses: Vec<String>,
    /// The code of the `failed` among them.
    #[serde(default = "undeliverable")]
    pub(crate) code: i64,
}

fn undeliverable() -> i64 {
    131_026
}
