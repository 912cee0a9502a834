use domain::contact::Phone;
use proptest::prelude::*;

use super::{Country, key_of_typed, key_of_wa_id, possible_wa_ids, without_the_nine};

/// The contract's table: as typed, the key, the `wa_id`.
const TABLE: [(&str, &str, &str); 5] = [
    ("+54 9 11 2345-6789", "541123456789", "5491123456789"),
    ("011 15 2345-6789", "541123456789", "5491123456789"),
    ("54 11 2345 6789", "541123456789", "5491123456789"),
    ("0387 15 412-3456", "543874123456", "5493874123456"),
    ("02966 15 41-2345", "542966412345", "5492966412345"),
];

#[test]
fn the_table_of_the_contract() {
    for (typed, key, wa_id) in TABLE {
        assert_eq!(
            key_of_typed(typed, Country::Argentina).as_deref(),
            Some(key),
            "{typed}"
        );
        assert_eq!(key_of_wa_id(wa_id).as_deref(), Some(key), "{wa_id}");
    }
}

#[test]
fn the_key_of_a_guests_phone_is_the_same() {
    for (typed, key, _) in TABLE {
        assert_eq!(
            typed.parse::<Phone>().map(|phone| phone.key()),
            Ok(key.to_owned()),
            "{typed}"
        );
    }
}

#[test]
fn more_ways_to_write_the_same_number() {
    for typed in [
        "1123456789",
        "11 15 2345 6789",
        "0054 9 11 2345 6789",
        "+54 011 15 2345 6789",
        "(011) 2345-6789",
    ] {
        assert_eq!(
            key_of_typed(typed, Country::Argentina).as_deref(),
            Some("541123456789"),
            "{typed}"
        );
    }
    assert_eq!(
        key_of_typed("291 15 412-3456", Country::Argentina).as_deref(),
        Some("542914123456")
    );
}

#[test]
fn other_countries_have_their_own_rules_or_none() {
    assert_eq!(key_of_wa_id("5215512345678").as_deref(), Some("525512345678"));
    assert_eq!(key_of_wa_id("525512345678").as_deref(), Some("525512345678"));
    assert_eq!(key_of_wa_id("5511987654321").as_deref(), Some("551187654321"));
    assert_eq!(key_of_wa_id("551187654321").as_deref(), Some("551187654321"));
    assert_eq!(key_of_wa_id("16505551234").as_deref(), Some("16505551234"));
    assert_eq!(
        key_of_typed("+1 (650) 555-1234", Country::Argentina).as_deref(),
        Some("16505551234")
    );
}

#[test]
fn what_is_no_number_has_no_key() {
    for text in [
        "",
        "+",
        "hola",
        "US.13491208655302741918",
        "12",
        "ñ123456789",
        "1234567890123456",
    ] {
        assert_eq!(key_of_wa_id(text), None, "{text}");
        assert_eq!(key_of_typed(text, Country::Argentina), None, "{text}");
    }
}

#[test]
fn the_nine_goes_only_where_it_is_one() {
    assert_eq!(without_the_nine("5491123456789"), "541123456789");
    for other in ["541123456789", "54911234567", "16505551234", ""] {
        assert_eq!(without_the_nine(other), other);
    }
}

proptest! {
    #[test]
    fn a_key_is_its_own_key(wa_id in "54[0-9]{10,11}|55[0-9]{10,11}|52[0-9]{10,11}|[1-9][0-9]{6,14}") {
        if let Some(key) = key_of_wa_id(&wa_id) {
            prop_assert_eq!(key_of_wa_id(&key), Some(key.clone()));
            prop_assert_eq!(key_of_typed(&format!("+{wa_id}"), Country::Argentina), Some(key));
        }
    }

    #[test]
    fn every_argentine_mobile_has_one_key_however_it_is_typed(subscriber in "11[2-9][0-9]{7}") {
        let (area, number) = subscriber.split_at(2);
        let forms = [
            format!("+549{subscriber}"),
            format!("54{subscriber}"),
            subscriber.clone(),
            format!("0{area} 15 {number}"),
            format!("{area}-15-{number}"),
        ];
        for form in forms {
            prop_assert_eq!(key_of_typed(&form, Country::Argentina), Some(format!("54{subscriber}")));
        }
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = (key_of_wa_id(&text), key_of_typed(&text, Country::Argentina), without_the_nine(&text));
    }
}

#[test]
fn a_number_is_looked_for_in_every_form_its_owner_may_have() {
    let cases: [(&str, &[&str]); 5] = [
        ("5491123456789", &["5491123456789", "541123456789"]),
        ("541123456789", &["541123456789", "5491123456789"]),
        ("5511987654321", &["5511987654321", "551187654321"]),
        ("525512345678", &["525512345678", "5215512345678"]),
        ("34612345678", &["34612345678"]),
    ];
    for (number, forms) in cases {
        assert_eq!(possible_wa_ids(number), forms, "{number}");
    }
}
