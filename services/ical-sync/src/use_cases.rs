//! The steps of each operation.

pub(crate) mod change_feed;
pub(crate) mod conflicts;
pub(crate) mod echoes;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod read_feed;
pub(crate) mod recheck;
pub(crate) mod release_reason;
pub(crate) mod remove_feed;
pub(crate) mod standing;
pub(crate) mod sync_feed;
