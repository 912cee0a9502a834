use domain::accommodation::{Season, SeasonPrice, Terms};
use domain::cancellation::CancellationPolicy;
use domain::money::{BasisPoints, Currency, Money};
use domain::pricing::{QuoteError, quote};
use domain::stay::Stay;
use proptest::prelude::*;
use time::macros::date;
use time::{Date, Duration};

fn pesos(whole: i64) -> Money {
    Money::new(whole * 100, Currency::ARS).unwrap()
}

fn terms() -> Terms {
    Terms {
        base_price: pesos(1_000),
        weekend_multiplier: BasisPoints(12_000),
        cleaning_fee: pesos(150),
        extra_guest_fee: pesos(100),
        included_guests: 2,
        max_guests: 4,
        min_nights: 1,
        max_nights: 30,
        deposit: BasisPoints(3_000),
        cancellation: CancellationPolicy::new(7, 2, BasisPoints(5_000)).unwrap(),
        seasons: vec![],
    }
}

fn stay(check_in: Date, nights: i64) -> Stay {
    Stay::new(check_in, check_in + Duration::days(nights)).unwrap()
}

/// A Thursday.
const THURSDAY: Date = date!(2026 - 12 - 10);

#[test]
fn saturday_and_sunday_nights_cost_a_fifth_more_and_friday_does_not() {
    let quote = quote(&terms(), stay(THURSDAY, 5), 2).unwrap();
    let nights: Vec<_> = quote
        .nights
        .iter()
        .map(|night| (night.price, night.weekend))
        .collect();
    let (week, weekend) = ((pesos(1_000), false), (pesos(1_200), true));
    assert_eq!(nights, [week, week, weekend, weekend, week]);
    assert_eq!((quote.total, quote.deposit), (pesos(5_550), pesos(1_665)));
}

#[test]
fn guests_over_those_included_pay_a_night_each() {
    let quote = quote(&terms(), stay(THURSDAY, 2), 4).unwrap();
    assert_eq!((quote.extra_guests, quote.total), (pesos(400), pesos(2_550)));
}

#[test]
fn a_season_replaces_or_multiplies_the_price_of_its_own_nights() {
    let season = |name: &str, from, price| Season {
        name: name.to_owned(),
        starts_on: from,
        ends_on: from + Duration::days(1),
        price,
        min_nights: None,
    };
    let mut terms = terms();
    let (friday, saturday) = (THURSDAY + Duration::days(1), THURSDAY + Duration::days(2));
    terms.seasons = vec![
        season("Fija", friday, SeasonPrice::Fixed(pesos(3_000))),
        season("Alta", saturday, SeasonPrice::Multiplier(BasisPoints(20_000))),
    ];
    let quote = quote(&terms, stay(THURSDAY, 3), 1).unwrap();
    let nights: Vec<_> = quote
        .nights
        .iter()
        .map(|night| (night.price, night.season.as_deref()))
        .collect();
    assert_eq!(
        nights,
        [
            (pesos(1_000), None),
            (pesos(3_000), Some("Fija")),
            (pesos(2_400), Some("Alta"))
        ]
    );
}

#[test]
fn the_longest_minimum_of_the_seasons_touched_counts() {
    let mut terms = terms();
    terms.seasons = vec![Season {
        name: "Verano".to_owned(),
        starts_on: date!(2026 - 12 - 20),
        ends_on: date!(2027 - 03 - 01),
        price: SeasonPrice::Multiplier(BasisPoints::ONE),
        min_nights: Some(4),
    }];
    assert!(quote(&terms, stay(date!(2026 - 12 - 18), 2), 2).is_ok());
    assert_eq!(
        quote(&terms, stay(date!(2026 - 12 - 18), 3), 2),
        Err(QuoteError::TooShort { min_nights: 4 })
    );
    assert!(quote(&terms, stay(date!(2026 - 12 - 18), 4), 2).is_ok());
}

#[test]
fn limits_of_nights_and_guests_are_refused_by_name() {
    assert_eq!(
        quote(&terms(), stay(THURSDAY, 31), 2),
        Err(QuoteError::TooLong { max_nights: 30 })
    );
    for guests in [0, 5] {
        assert_eq!(
            quote(&terms(), stay(THURSDAY, 2), guests),
            Err(QuoteError::Guests { max_guests: 4 })
        );
    }
}

proptest! {
    #[test]
    fn the_total_is_the_sum_of_its_parts_and_the_deposit_a_part_of_it(
        offset in 0..700_i64, nights in 1..=30_i64, guests in 1..=4_u16, base in 1..10_000_000_i64, multiplier in 1_000..100_000_u32
    ) {
        let terms = Terms {
            base_price: Money::new(base, Currency::ARS).unwrap(),
            weekend_multiplier: BasisPoints(multiplier),
            ..terms()
        };
        let quote = quote(&terms, stay(THURSDAY + Duration::days(offset), nights), guests).unwrap();
        let sum: i64 = quote.nights.iter().map(|night| night.price.minor()).sum();
        prop_assert_eq!(i64::try_from(quote.nights.len()), Ok(nights));
        prop_assert_eq!(quote.total.minor(), sum + quote.extra_guests.minor() + quote.cleaning.minor());
        prop_assert!(quote.total.covers(quote.deposit));
    }
}
