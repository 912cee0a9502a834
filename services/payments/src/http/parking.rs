//! Money that waits for a person.

pub(super) mod list;
pub(super) mod resolve;
