//! What is done with messages in both directions.

pub(crate) mod deliver;
pub(crate) mod follow;
pub(crate) mod hear;
pub(crate) mod judge;
pub(crate) mod send_due;
pub(crate) mod settle;
pub(crate) mod tell;
pub(crate) mod tell_unasked;
