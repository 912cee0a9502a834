use domain::code::ReservationCode;
use domain::stay::{MAX_NIGHTS, Stay, StayError};
use proptest::prelude::*;
use time::macros::date;
use time::{Date, Duration};

fn any_date() -> impl Strategy<Value = Date> {
    (0..4_000_i64).prop_map(|days| date!(2024 - 01 - 01) + Duration::days(days))
}

fn any_stay() -> impl Strategy<Value = Stay> {
    (any_date(), 1..=30_i64)
        .prop_map(|(from, nights)| Stay::new(from, from + Duration::days(nights)).unwrap())
}

#[test]
fn a_stay_has_from_one_to_365_nights() {
    let day = date!(2026 - 12 - 10);
    assert_eq!(
        Stay::new(day, day),
        Err(StayError::Empty {
            check_in: day,
            check_out: day
        })
    );
    assert!(Stay::new(day, day + Duration::days(MAX_NIGHTS)).is_ok());
    assert_eq!(
        Stay::new(day, day + Duration::days(366)),
        Err(StayError::TooLong { nights: 366 })
    );
}

#[test]
fn the_day_of_check_out_is_free_for_the_next_guest() {
    let first = Stay::new(date!(2026 - 12 - 10), date!(2026 - 12 - 13)).unwrap();
    let next = Stay::new(date!(2026 - 12 - 13), date!(2026 - 12 - 15)).unwrap();
    assert!(!first.overlaps(next));
}

#[test]
fn a_code_is_read_as_people_type_it() {
    let code = ReservationCode::new(date!(2026 - 11 - 24), [0, 29, 30, 255, 7, 100]);
    assert_eq!(code.as_str().len(), 15);
    assert!(code.as_str().starts_with("RES261124"));
    assert_eq!(format!(" {} ", code.as_str().to_lowercase()).parse(), Ok(code));
    for wrong in [
        "",
        "RES",
        "RES261124",
        "RES261124O0I1LU",
        "RES2611242222222",
        "XES261124222222",
        "RES26112€222222",
    ] {
        assert!(wrong.parse::<ReservationCode>().is_err(), "{wrong:?}");
    }
}

proptest! {
    #[test]
    fn two_stays_overlap_exactly_if_they_share_a_night(one in any_stay(), other in any_stay()) {
        let shared = one.each_night().any(|night| other.each_night().any(|theirs| theirs == night));
        prop_assert_eq!(one.overlaps(other), shared);
        prop_assert_eq!(other.overlaps(one), shared);
    }

    #[test]
    fn every_drawn_code_reads_back(day in any_date(), chance: [u8; 6]) {
        let code = ReservationCode::new(day, chance);
        prop_assert_eq!(code.to_string().parse(), Ok(code));
    }
}
