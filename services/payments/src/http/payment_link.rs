//! A link on demand.

pub(super) mod create;
