//! Every event there is, who announces it and who hears it; `docs/EVENTS.md` is compared with this table by a test.

use crate::{Event, v1};

/// One row of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct EventName {
    /// The name and routing key: `reservation.held.v1`.
    pub name: &'static str,
    /// The service that announces it.
    pub from: &'static str,
    /// The services that hear it, each through a queue of its own.
    pub heard_by: &'static [&'static str],
    read: fn(&[u8]) -> Option<String>,
}

/// What the message `body` of the event `name` says, for people; `None` if it is no message of such an event.
#[must_use]
pub fn read(name: &str, body: &[u8]) -> Option<String> {
    let event = ALL.iter().find(|event| event.name == name)?;
    (event.read)(body)
}

const fn row<E: Event>(from: &'static str, heard_by: &'static [&'static str]) -> EventName {
    EventName {
        name: E::NAME,
        from,
        heard_by,
        read: |body| E::decode(body).ok().map(|event| format!("{event:#?}")),
    }
}

/// Every event of the system. The queues of all listeners are declared from here, so that an event is kept for
/// a listener that has never run.
pub const ALL: [EventName; 18] = [
    row::<v1::ReservationHeld>("reservations", &["payments"]),
    row::<v1::ReservationConfirmed>("reservations", &["payments", "concierge"]),
    row::<v1::ReservationCancelled>("reservations", &["payments", "ical-sync", "concierge"]),
    row::<v1::ReservationExpired>("reservations", &["payments", "ical-sync", "concierge"]),
    row::<v1::ReservationRefundRequested>("reservations", &["payments"]),
    row::<v1::PaymentLinkReady>("payments", &["reservations", "concierge"]),
    row::<v1::PaymentApproved>("payments", &["reservations"]),
    row::<v1::PaymentPending>("payments", &["reservations"]),
    row::<v1::PaymentRejected>("payments", &["reservations", "concierge"]),
    row::<v1::PaymentRefunded>("payments", &["reservations", "concierge"]),
    row::<v1::PaymentDisputed>("payments", &["reservations"]),
    row::<v1::WebhookWhatsappReceived>("webhooks", &["concierge"]),
    row::<v1::WebhookMercadopagoNotified>("webhooks", &["payments"]),
    row::<v1::CalendarBlockAdded>("ical-sync", &[]),
    row::<v1::CalendarBlockRemoved>("ical-sync", &[]),
    row::<v1::CalendarConflictFound>("ical-sync", &["reservations"]),
    row::<v1::CalendarFeedStale>("ical-sync", &[]),
    row::<v1::CalendarFeedRecovered>("ical-sync", &[]),
];
