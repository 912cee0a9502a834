//! What our books say, read past the services.

use domain::code::ReservationCode;
use storage::Connection;
use storage::payments::{self, StoredPayment};
use storage::reservations::{self, Reservation};
use storage::timeline;
use uuid::Uuid;

use super::World;
use super::guest::Hold;

impl World {
    pub(crate) async fn reservation(&self, hold: &Hold) -> Reservation {
        let conn = self.database.conn().await;
        let code: ReservationCode = hold.code.parse().unwrap();
        let found = reservations::find_by_code(&conn, &code).await;
        found.unwrap().unwrap()
    }

    /// The payments of a reservation, oldest first.
    pub(crate) async fn payments_of(&self, hold: &Hold) -> Vec<StoredPayment> {
        let reservation = self.reservation(hold).await.id;
        let mut conn = self.database.conn().await;
        payments::of_reservation(&mut conn, reservation).await.unwrap()
    }

    /// A connection that leads to the database directly.
    pub(crate) async fn conn(&self) -> Connection {
        self.database.conn().await
    }

    /// Our id of a payment of the provider's.
    pub(crate) async fn payment_id(&self, provider_id: u64) -> Option<Uuid> {
        Some(self.payment(provider_id).await?.id)
    }

    /// Our id of a payment of the provider's, if it waits for a person.
    pub(crate) async fn parked_payment_id(&self, provider_id: u64) -> Option<Uuid> {
        let payment = self.payment(provider_id).await?;
        payment.is_parked().then_some(payment.id)
    }

    async fn payment(&self, provider_id: u64) -> Option<StoredPayment> {
        let mut conn = self.database.conn().await;
        payments::find_by_provider_id(&mut conn, &provider_id.to_string())
            .await
            .unwrap()
    }

    /// The kinds of what happened to a reservation, oldest first.
    pub(crate) async fn timeline(&self, hold: &Hold) -> Vec<String> {
        let reservation = self.reservation(hold).await.id;
        let conn = self.database.conn().await;
        let entries = timeline::of(&conn, reservation, 1_000).await.unwrap();
        entries.into_iter().map(|entry| entry.kind).collect()
    }
}
