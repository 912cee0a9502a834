//! Days as `2026-12-10`; `time` alone would write arrays.

time::serde::format_description!(iso, Date, "[year]-[month]-[day]");

pub(crate) use iso::{deserialize, serialize};
