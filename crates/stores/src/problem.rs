//! What a client hears when a store does not do what was asked, the same from every service.

use diesel::result::Error as DieselError;
use service::problem::Problem;
use storage::error::is_unavailable;
use storage::{Refusal, refusal};

/// When it is worth asking the database again, in seconds.
const RETRY_AFTER: u64 = 2;

/// 503 with `Retry-After` if the same request may work in a moment, since the database is away or others hold what it
/// needs; else 500.
#[must_use]
pub fn of_database(error: &DieselError) -> Problem {
    if is_unavailable(error) || refusal(error) == Some(Refusal::Contention) {
        Problem::unavailable(RETRY_AFTER, error)
    } else {
        Problem::internal(error)
    }
}
