//! The steps of each operation.

pub(crate) mod conflicts;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod release_reason;
pub(crate) mod sync_feed;
