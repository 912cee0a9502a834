//! What our books say, read past the services.

use domain::code::ReservationCode;
use storage::payments::{self, StoredPayment};
use storage::reservations::{self, Reservation};
use storage::timeline;

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

    /// The kinds of what happened to a reservation, oldest first.
    pub(crate) async fn timeline(&self, hold: &Hold) -> Vec<String> {
        let reservation = self.reservation(hold).await.id;
        let conn = self.database.conn().await;
        let entries = timeline::of(&conn, reservation, 1_000).await.unwrap();
        entries.into_iter().map(|entry| entry.kind).collect()
    }
}
