//! A debt is over: its link is retired here, then ended at the provider.

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use storage::payment_links::{self, PaymentLink};
use time::{OffsetDateTime, UtcOffset};
use uuid::Uuid;

use super::ensure_link::end_preference;
use crate::state::AppState;

/// Retires the live link, inside the caller's transaction; give the result to [`end_at_provider`] after the commit.
pub(crate) async fn retire(
    conn: &mut AsyncPgConnection,
    reservation: Uuid,
    now: OffsetDateTime,
) -> QueryResult<Option<PaymentLink>> {
    payment_links::retire(conn, reservation, now).await
}

/// Asks the provider to let nobody pay by it, if it could still be paid.
pub(crate) async fn end_at_provider(state: &AppState, retired: Option<PaymentLink>) {
    let Some(link) = retired else {
        return;
    };
    state.metrics.link("retired");
    let now = state.clock.now();
    if let Some(preference) = &link.preference_id
        && now < link.expires_at
    {
        end_preference(state, preference, UtcOffset::UTC, now).await;
    }
}
