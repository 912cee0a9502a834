//! In which order several webhooks leave.

use serde::Deserialize;

/// The order of sending.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sequence {
    /// As listed.
    #[default]
    Given,
    /// The last first.
    Reversed,
    /// Any.
    Shuffled,
}
