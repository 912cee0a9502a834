//! Lodgings of a world.

use domain::accommodation::{AccommodationId, Terms};
use domain::cancellation::CancellationPolicy;
use domain::money::{BasisPoints, Currency, Money};
use storage::accommodations::{self, Facts};
use time::macros::time;

use super::World;

impl World {
    /// A lodging of its own: 100 pesos a night, 30 % deposit, money back until a week before.
    pub(crate) async fn lodging(&self) -> AccommodationId {
        let conn = self.database.conn().await;
        let entered = accommodations::insert(&conn, &facts(), self.now()).await;
        entered.unwrap().id
    }
}

fn facts() -> Facts {
    let pesos = |whole: i64| Money::new(whole * 100, Currency::ARS).unwrap();
    let terms = Terms {
        base_price: pesos(100),
        weekend_multiplier: BasisPoints::ONE,
        cleaning_fee: pesos(0),
        extra_guest_fee: pesos(0),
        included_guests: 2,
        max_guests: 4,
        min_nights: 1,
        max_nights: 30,
        deposit: BasisPoints(3_000),
        cancellation: CancellationPolicy::new(7, 2, BasisPoints(5_000)).unwrap(),
        seasons: Vec::new(),
    };
    Facts {
        name: "Cabaña".to_owned(),
        description: "Una cabaña.".to_owned(),
        city: "Bariloche".to_owned(),
        country: "AR".to_owned(),
        time_zone: "America/Argentina/Buenos_Aires".to_owned(),
        terms,
        check_in_time: time!(15:00),
        check_out_time: time!(11:00),
        photos: Vec::new(),
        amenities: Vec::new(),
        house_rules: String::new(),
    }
}
