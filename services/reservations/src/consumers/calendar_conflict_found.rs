//! `calendar.conflict_found.v1` → a line of the stay's timeline; a person decides.

use events::v1::CalendarConflictFound;
use messaging::{Delivery, Outcome};
use serde_json::json;

use super::noted::note;
use super::once::invalid;
use crate::state::AppState;

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
    note(state, &delivery, reservation, "calendar_conflict", detail).await
}
