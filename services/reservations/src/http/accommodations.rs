//! Lodgings as everybody sees them.

mod availability;
mod list;
mod quote;
mod show;
pub(in crate::http) mod view;

pub(in crate::http) use availability::availability;
pub(in crate::http) use list::{list, page};
pub(in crate::http) use quote::quote;
pub(in crate::http) use show::show;
