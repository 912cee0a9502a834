//! Reservations as the staff sees and changes them.

mod change;
mod csv;
mod export;
mod filter;
mod list;
mod show;

pub(super) use change::{cancel, confirm, no_show};
pub(super) use export::export;
pub(super) use list::list;
pub(super) use show::show;
