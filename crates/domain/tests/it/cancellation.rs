use domain::cancellation::{CancellationPolicy, InvalidPolicy};
use domain::money::{BasisPoints, Currency, Money};
use proptest::prelude::*;
use time::Duration;
use time::macros::date;

fn pesos(minor: i64) -> Money {
    Money::new(minor, Currency::ARS).unwrap()
}

#[test]
fn free_then_a_share_then_nothing() {
    let policy = CancellationPolicy::new(7, 2, BasisPoints(5_000)).unwrap();
    let check_in = date!(2026 - 12 - 10);
    for (days_before, back) in [(8, 100), (7, 100), (6, 50), (2, 50), (1, 0), (0, 0), (-1, 0)] {
        let today = check_in - Duration::days(days_before);
        assert_eq!(
            policy.refund(pesos(100), check_in, today),
            Ok(pesos(back)),
            "{days_before} days before"
        );
    }
}

#[test]
fn a_policy_that_contradicts_itself_is_refused() {
    assert_eq!(CancellationPolicy::new(2, 3, BasisPoints(0)), Err(InvalidPolicy));
    assert_eq!(
        CancellationPolicy::new(3, 2, BasisPoints(10_001)),
        Err(InvalidPolicy)
    );
}

proptest! {
    #[test]
    fn cancelling_later_never_gives_more(free in 0..60_u16, partial in 0..60_u16, rate in 0..=10_000_u32,
                                         paid in 0..1_000_000_i64, early in -5..100_i64, late in -5..100_i64) {
        prop_assume!(partial <= free && late <= early);
        let policy = CancellationPolicy::new(free, partial, BasisPoints(rate)).unwrap();
        let check_in = date!(2026 - 12 - 10);
        let back = |days| policy.refund(pesos(paid), check_in, check_in - Duration::days(days)).unwrap().minor();
        prop_assert!(back(late) <= back(early) && back(early) <= paid);
    }
}
