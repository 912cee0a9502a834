//! Which messages are events, and under what name each travels.

use crate::v1;

/// A fact that a service announces: a message with a name, which is also its routing key.
pub trait Event: prost::Message + Default + std::fmt::Debug {
    /// `<noun>.<past participle>.v<version>`.
    const NAME: &'static str;

    /// What the fact is about: the reservation's code, the delivery's or the feed's id; AMQP's `correlation_id`.
    fn correlation_id(&self) -> String;
}

fn code(reservation: Option<&v1::Reservation>) -> String {
    reservation
        .map(|reservation| reservation.code.clone())
        .unwrap_or_default()
}

fn paid_code(payment: Option<&v1::Payment>) -> String {
    payment
        .map(|payment| payment.reservation_code.clone())
        .unwrap_or_default()
}

fn feed(id: i64) -> String {
    format!("feed:{id}")
}

fn block_feed(block: Option<&v1::Block>) -> String {
    feed(block.map(|block| block.feed_id).unwrap_or_default())
}

impl Event for v1::ReservationHeld {
    const NAME: &'static str = "reservation.held.v1";

    fn correlation_id(&self) -> String {
        code(self.reservation.as_ref())
    }
}

impl Event for v1::ReservationConfirmed {
    const NAME: &'static str = "reservation.confirmed.v1";

    fn correlation_id(&self) -> String {
        code(self.reservation.as_ref())
    }
}

impl Event for v1::ReservationCancelled {
    const NAME: &'static str = "reservation.cancelled.v1";

    fn correlation_id(&self) -> String {
        code(self.reservation.as_ref())
    }
}

impl Event for v1::ReservationExpired {
    const NAME: &'static str = "reservation.expired.v1";

    fn correlation_id(&self) -> String {
        code(self.reservation.as_ref())
    }
}

impl Event for v1::ReservationRefundRequested {
    const NAME: &'static str = "reservation.refund_requested.v1";

    fn correlation_id(&self) -> String {
        code(self.reservation.as_ref())
    }
}

impl Event for v1::PaymentLinkReady {
    const NAME: &'static str = "payment.link_ready.v1";

    fn correlation_id(&self) -> String {
        self.reservation_code.clone()
    }
}

impl Event for v1::PaymentApproved {
    const NAME: &'static str = "payment.approved.v1";

    fn correlation_id(&self) -> String {
        paid_code(self.payment.as_ref())
    }
}

impl Event for v1::PaymentPending {
    const NAME: &'static str = "payment.pending.v1";

    fn correlation_id(&self) -> String {
        paid_code(self.payment.as_ref())
    }
}

impl Event for v1::PaymentRejected {
    const NAME: &'static str = "payment.rejected.v1";

    fn correlation_id(&self) -> String {
        paid_code(self.payment.as_ref())
    }
}

impl Event for v1::PaymentRefunded {
    const NAME: &'static str = "payment.refunded.v1";

    fn correlation_id(&self) -> String {
        paid_code(self.payment.as_ref())
    }
}

impl Event for v1::PaymentDisputed {
    const NAME: &'static str = "payment.disputed.v1";

    fn correlation_id(&self) -> String {
        paid_code(self.payment.as_ref())
    }
}

impl Event for v1::WebhookWhatsappReceived {
    const NAME: &'static str = "webhook.whatsapp_received.v1";

    fn correlation_id(&self) -> String {
        self.delivery_id.clone()
    }
}

impl Event for v1::WebhookMercadopagoNotified {
    const NAME: &'static str = "webhook.mercadopago_notified.v1";

    fn correlation_id(&self) -> String {
        self.delivery_id.clone()
    }
}

impl Event for v1::CalendarBlockAdded {
    const NAME: &'static str = "calendar.block_added.v1";

    fn correlation_id(&self) -> String {
        block_feed(self.block.as_ref())
    }
}

impl Event for v1::CalendarBlockRemoved {
    const NAME: &'static str = "calendar.block_removed.v1";

    fn correlation_id(&self) -> String {
        block_feed(self.block.as_ref())
    }
}

impl Event for v1::CalendarConflictFound {
    const NAME: &'static str = "calendar.conflict_found.v1";

    fn correlation_id(&self) -> String {
        self.reservation_code.clone()
    }
}

impl Event for v1::CalendarFeedStale {
    const NAME: &'static str = "calendar.feed_stale.v1";

    fn correlation_id(&self) -> String {
        feed(self.feed_id)
    }
}

impl Event for v1::CalendarFeedRecovered {
    const NAME: &'static str = "calendar.feed_recovered.v1";

    fn correlation_id(&self) -> String {
        feed(self.feed_id)
    }
}
