//! The table of `Idempotency-Key` headers.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;
use service::idempotency::{IdempotencyKey, KeyError, fingerprint};

fn check(values: &[&str], expected: Result<&str, KeyError>) {
    let mut headers = HeaderMap::new();
    for value in values {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        headers.append(HeaderName::from_static("idempotency-key"), value);
    }
    let key = IdempotencyKey::from_headers(&headers);
    assert_eq!(
        key.as_ref().map(IdempotencyKey::as_str).map_err(|error| *error),
        expected,
        "{values:?}"
    );
}

#[test]
fn bare_and_quoted_are_the_same_key() {
    let uuid = "8e03978e-40d5-43e8-bc93-6894a57f9324";
    check(&[uuid], Ok(uuid));
    check(&[&format!("\"{uuid}\"")], Ok(uuid));
    check(&["  padded  "], Ok("padded"));
    check(&[r#""with \"quotes\" and \\""#], Ok(r#"with "quotes" and \"#));
}

#[test]
fn what_is_no_key_is_refused() {
    check(&[], Err(KeyError::Missing));
    check(&[""], Err(KeyError::Empty));
    check(&["   "], Err(KeyError::Empty));
    check(&["\"\""], Err(KeyError::Empty));
    check(&["\"unclosed"], Err(KeyError::Malformed));
    check(&["unopened\""], Err(KeyError::Malformed));
    check(&["\"two\" parts"], Err(KeyError::Malformed));
    check(&[r#""bad \escape""#], Err(KeyError::Malformed));
    check(&["tab\there"], Err(KeyError::Malformed));
    check(&["señal"], Err(KeyError::Malformed));
    check(&["one", "two"], Err(KeyError::Twice));
    check(&["same", "same"], Err(KeyError::Twice));
}

#[test]
fn a_key_has_at_most_255_characters() {
    let (longest, longer) = ("k".repeat(255), "k".repeat(256));
    check(&[&longest], Ok(&longest));
    check(&[&format!("\"{longest}\"")], Ok(&longest));
    check(&[&longer], Err(KeyError::TooLong));
}

#[test]
fn a_fingerprint_ignores_spacing_and_key_order_and_nothing_else() {
    let parse = |text: &str| serde_json::from_str(text).unwrap();
    let first = fingerprint(
        "POST",
        "/v1/reservations",
        &parse(r#"{"a":1,"b":{"x":[1,2],"y":null}}"#),
    );
    let same = fingerprint(
        "POST",
        "/v1/reservations",
        &parse(" { \"b\": {\"y\":null, \"x\":[1, 2]}, \"a\" : 1 } "),
    );
    assert_eq!((first.len(), &first), (32, &same));
    for other in [
        fingerprint(
            "PUT",
            "/v1/reservations",
            &json!({"a":1,"b":{"x":[1,2],"y":null}}),
        ),
        fingerprint("POST", "/v1/other", &json!({"a":1,"b":{"x":[1,2],"y":null}})),
        fingerprint(
            "POST",
            "/v1/reservations",
            &json!({"a":1,"b":{"x":[2,1],"y":null}}),
        ),
        fingerprint(
            "POST",
            "/v1/reservations",
            &json!({"a":"1","b":{"x":[1,2],"y":null}}),
        ),
    ] {
        assert_ne!(first, other);
    }
}
