//! `payment.link_ready.v1` → the guest gets the link to pay by.

use events::{InvalidEvent, v1};
use messaging::{Delivery, Outcome};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use super::tell_once;
use crate::news::News;
use crate::state::AppState;

pub(super) async fn payment_link_ready(
    state: &AppState,
    delivery: Delivery<v1::PaymentLinkReady>,
) -> Outcome {
    match read(&delivery.event) {
        Ok((reservation, news)) => tell_once(state, &delivery, reservation, &news).await,
        Err(error) => Outcome::Reject(error.into()),
    }
}

fn read(event: &v1::PaymentLinkReady) -> Result<(Uuid, News), InvalidEvent> {
    let invalid = |field| InvalidEvent { field };
    let reservation = event.reservation_id.parse().or(Err(invalid("reservation_id")))?;
    let news = News::PaymentLink {
        amount: event.amount.as_ref().ok_or(invalid("amount"))?.decode()?,
        url: event.url.clone(),
        expires_at: OffsetDateTime::parse(&event.expires_at, &Rfc3339).or(Err(invalid("expires_at")))?,
    };
    Ok((reservation, news))
}
