//! Times of the day as `15:00`.

time::serde::format_description!(minutes, Time, "[hour]:[minute]");

pub(crate) use minutes::{deserialize, serialize};
