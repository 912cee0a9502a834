//! What is done with links, payments and refunds.

pub(crate) mod announce_again;
pub(crate) mod ensure_link;
pub(crate) mod look;
pub(crate) mod make_refund;
pub(crate) mod plan_link;
pub(crate) mod poll;
pub(crate) mod reading;
pub(crate) mod reconcile;
pub mod record;
pub(crate) mod refund_by_host;
pub(crate) mod refund_forgotten;
pub(crate) mod request_refund;
pub(crate) mod resolve_parked;
pub(crate) mod retire_link;
