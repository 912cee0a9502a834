//! `calendar.conflict_found.v1` → a line of the stay's timeline; a person decides.

use diesel_async::AsyncConnection;
use events::v1::CalendarConflictFound;
use messaging::{Delivery, Outcome};
use serde_json::json;
use storage::inbox;

use super::once::{HandleError, invalid, outcome};
use crate::state::AppState;
use crate::use_cases::note_on_timeline::note_on_timeline;

pub(super) async fn calendar_conflict_found(
    state: &AppState,
    delivery: Delivery<CalendarConflictFound>,
) -> Outcome {
    let event = &delivery.event;
    let Ok(reservation) = event.reservation_id.parse() else {
        return invalid(events::InvalidEvent {
            field: "reservation_id",
        });
    };
    let block = event.block.clone().unwrap_or_default();
    let detail = json!({
        "conflict_id": event.conflict_id,
        "channel": block.channel,
        "starts_on": block.starts_on,
        "ends_on": block.ends_on,
    });
    let mut conn = match state.database.get().await {
        Ok(conn) => conn,
        Err(error) => return Outcome::Postpone(error.into()),
    };
    let context = state.own_context();
    let result = conn
        .transaction(async |conn| {
            if inbox::first_time(conn, &delivery.consumer, delivery.event_id, context.now).await?
                && !note_on_timeline(conn, &context, reservation, "calendar_conflict", detail).await?
            {
                return Err(HandleError::Unknown(reservation));
            }
            Ok(())
        })
        .await;
    outcome(result)
}
