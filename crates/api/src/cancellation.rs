//! What a guest who cancels gets back.

use domain::cancellation;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// All money until `free_days` before check-in, a share of it until `partial_days` before, then nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancellationPolicy {
    /// Days before check-in until which all money goes back; 0 to 365.
    pub free_days: u16,
    /// Days before check-in until which a share goes back; at most `free_days`.
    pub partial_days: u16,
    /// That share in basis points: 5,000 is a half.
    pub partial_bp: u32,
}

impl From<cancellation::CancellationPolicy> for CancellationPolicy {
    fn from(policy: cancellation::CancellationPolicy) -> Self {
        Self {
            free_days: policy.free_days(),
            partial_days: policy.partial_days(),
            partial_bp: policy.partial().0,
        }
    }
}
