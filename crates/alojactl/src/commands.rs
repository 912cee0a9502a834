//! One command a file.

pub(crate) mod database;
pub(crate) mod dead_letters;
pub(crate) mod doctor;
pub(crate) mod ical;
pub(crate) mod migrate;
pub(crate) mod payments;
pub(crate) mod seed;
pub(crate) mod staff;
