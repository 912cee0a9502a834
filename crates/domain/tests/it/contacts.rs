use domain::contact::{Contact, ContactError, Email, Phone};
use proptest::prelude::*;

#[test]
fn the_ways_to_write_one_argentine_mobile_are_one_person() {
    // The WhatsApp contract, section 7.
    for (typed, key) in [
        ("+54 9 11 2345-6789", "541123456789"),
        ("011 15 2345-6789", "541123456789"),
        ("54 11 2345 6789", "541123456789"),
        ("0387 15 412-3456", "543874123456"),
        ("02966 15 41-2345", "542966412345"),
    ] {
        assert_eq!(typed.parse::<Phone>().unwrap().key(), key, "{typed}");
    }
}

#[test]
fn what_is_no_phone_is_refused() {
    for text in [
        "",
        "1",
        "123",
        "hola",
        "+",
        "+54",
        "00000000000000",
        "+999999999999999",
        "'; DROP TABLE--",
    ] {
        assert_eq!(text.parse::<Phone>(), Err(ContactError::Phone), "{text:?}");
    }
}

#[test]
fn what_is_no_email_is_refused() {
    for text in [
        "",
        "@",
        "a@",
        "@b.c",
        "a b@c.de",
        "a@b",
        "a@b..c",
        "a@-b.c",
        "a\n@b.c",
        "a\0b@c.de",
        "\"a\0b\"@c.de",
        "\"a\\\0b\"@c.de",
        "Ana <ana@b.com>",
        "a@[127.0.0.1]",
    ] {
        assert_eq!(text.parse::<Email>(), Err(ContactError::Email), "{text:?}");
    }
    let email: Email = "Ana.Pérez+casa@Correo.COM".parse().unwrap();
    assert_eq!(email.as_str(), "Ana.Pérez+casa@correo.com");
}

#[test]
fn a_guest_can_be_named_and_reached() {
    assert_eq!(
        Contact::new("  ", Some("+5491123456789"), None),
        Err(ContactError::Name)
    );
    assert_eq!(
        Contact::new("Ana\u{0}", Some("+5491123456789"), None),
        Err(ContactError::Name)
    );
    assert_eq!(
        Contact::new("Ana", Some(" "), None),
        Err(ContactError::Unreachable)
    );
    let contact = Contact::new(" Ana ", Some("+54 9 11 2345-6789"), Some("ANA@x.com")).unwrap();
    assert_eq!(contact.name(), "Ana");
    assert_eq!(contact.keys(), ["phone:541123456789", "email:ana@x.com"]);
}

#[test]
fn nothing_of_a_guest_is_printed_by_debug() {
    let contact = Contact::new("Ana", Some("+54 9 11 2345-6789"), Some("ana@x.com")).unwrap();
    assert_eq!(
        format!("{contact:?} {:?} {:?}", contact.phone(), contact.email()),
        "Contact(…) Some(Phone(…)) Some(Email(…))"
    );
}

proptest! {
    #[test]
    fn no_text_makes_the_readers_panic(text in "\\PC{0,60}") {
        let _ = Contact::new(&text, Some(&text), Some(&text));
    }
}
