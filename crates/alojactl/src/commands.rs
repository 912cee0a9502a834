//! One command a file.

pub(crate) mod database;
pub(crate) mod migrate;
pub(crate) mod seed;
pub(crate) mod staff;
