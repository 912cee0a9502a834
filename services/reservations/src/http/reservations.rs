//! A guest's own reservation.

mod cancel;
mod guest;
mod hold;
mod show;

pub(in crate::http) use cancel::cancel;
pub(in crate::http) use hold::{hold, hold_as_staff};
pub(in crate::http) use show::show;
