use domain::money::{BasisPoints, Currency, Money, MoneyError};
use proptest::prelude::*;

fn pesos(minor: i64) -> Money {
    Money::new(minor, Currency::ARS).unwrap()
}

#[test]
fn money_is_never_negative() {
    assert_eq!(Money::new(-1, Currency::ARS), Err(MoneyError::Negative));
}

#[test]
fn amounts_read_as_people_and_providers_write_them() {
    for (text, minor) in [
        ("0", 0),
        ("15000", 1_500_000),
        ("15000.5", 1_500_050),
        ("15000.50", 1_500_050),
        ("0.01", 1),
    ] {
        assert_eq!(Money::parse(text, Currency::ARS), Ok(pesos(minor)), "{text}");
    }
    let pesos_of_chile = "CLP".parse().unwrap();
    assert_eq!(Money::parse("1500.00", pesos_of_chile).unwrap().minor(), 1_500);
}

#[test]
fn anything_but_a_plain_decimal_is_refused() {
    for text in [
        "", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "0x10", "1.001", " 1", "1 ", "١", "NaN", "1.0.0",
    ] {
        assert_eq!(
            Money::parse(text, Currency::ARS),
            Err(MoneyError::Malformed(Currency::ARS)),
            "{text:?}"
        );
    }
    assert_eq!(
        Money::parse("92233720368547758.08", Currency::ARS),
        Err(MoneyError::Overflow)
    );
    assert_eq!(
        Money::parse("99999999999999999999", Currency::ARS),
        Err(MoneyError::Overflow)
    );
}

#[test]
fn currencies_do_not_mix() {
    let dollars = Money::new(1, Currency::USD).unwrap();
    assert_eq!(
        pesos(1).plus(dollars),
        Err(MoneyError::Currencies(Currency::ARS, Currency::USD))
    );
    assert!(!pesos(1_000_000).covers(dollars));
}

#[test]
fn a_share_is_rounded_half_up() {
    for (minor, rate, share) in [
        (100, 3_000, 30),
        (1, 5_000, 1),
        (1, 4_999, 0),
        (333, 3_000, 100),
        (335, 3_000, 101),
    ] {
        assert_eq!(
            pesos(minor).share(BasisPoints(rate)),
            Ok(pesos(share)),
            "{rate} of {minor}"
        );
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back(minor in 0..=i64::MAX, currency in prop::sample::select(vec!["ARS", "CLP", "USD"])) {
        let money = Money::new(minor, currency.parse().unwrap()).unwrap();
        prop_assert_eq!(Money::parse(&money.decimal(), money.currency()), Ok(money));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,40}") {
        let _ = Money::parse(&text, Currency::ARS);
        let _ = text.parse::<Currency>();
    }

    #[test]
    fn a_share_and_its_rest_make_the_whole(minor in 0..=1_000_000_000_000_i64, rate in 0..=10_000_u32) {
        let whole = pesos(minor);
        let share = whole.share(BasisPoints(rate)).unwrap();
        let rest = whole.less(share).unwrap();
        prop_assert_eq!(share.plus(rest), Ok(whole));
    }
}
