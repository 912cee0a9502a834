//! Names that tell when they were made, so that leftovers can be swept.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use uuid::Uuid;

/// How old a leftover must be before it is swept: no test runs that long.
const KEPT_FOR: Duration = Duration::from_hours(1);

/// A name no other test has: `test_1764000000_1f0c…`.
#[must_use]
pub fn unique() -> String {
    format!("test_{}_{}", now().as_secs(), Uuid::new_v4().simple())
}

/// Whether `name` was made by [`unique`] so long ago that its test is gone.
#[must_use]
pub fn is_leftover(name: &str) -> bool {
    let made = name
        .strip_prefix("test_")
        .and_then(|rest| rest.split('_').next())
        .and_then(|text| text.parse().ok());
    made.is_some_and(|made| Duration::from_secs(made) + KEPT_FOR < now())
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
