use proptest::prelude::*;
use secrecy::SecretString;
use time::{Duration, OffsetDateTime};

use super::{FRESHNESS, Notice, Secrets, SignatureError, sign, verify};

const REQUEST: &str = "0f2d6a1e-5f0c-4b7d-9a63-2c1e8b7f4d55";
const NOW: i64 = 1_760_000_000;

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(NOW).unwrap()
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

fn secrets() -> Secrets {
    Secrets::new(secret("doc-mp-secret"), None).unwrap()
}

fn notice<'a>(query: &'a str, header: &'a str, request: Option<&'a str>) -> Notice<'a> {
    Notice {
        query,
        x_signature: Some(header.as_bytes()),
        x_request_id: request.map(str::as_bytes),
    }
}

/// The contract's worked vectors: query, request id, `ts`, `v1`.
const VECTORS: [(&str, Option<&str>, &str, &str); 7] = [
    (
        "data.id=90000000017&type=payment",
        Some(REQUEST),
        "1760000000",
        "8bf42696b2ee45db260d2210c1808b0dad79788e0de93ffdb331dad1641c0994",
    ),
    (
        "data.id=90000000017&type=payment",
        Some(REQUEST),
        "1760000000123",
        "7de986ca4ce4f8fe20676b528798a8c8c7a88daaa1255998efb8983dee991b1b",
    ),
    (
        "type=payment&data%2Eid=90000000017",
        None,
        "1760000000",
        "d5294706698e6f04c25a9807de488c14ce4b8f47e137a07d74ca3c181bedb895",
    ),
    (
        "type=payment",
        Some(REQUEST),
        "1760000000",
        "2fa1f663edc3977ccb7b14d0bfc2466a2557714232c04c6aae60bf1d341cf796",
    ),
    (
        "",
        None,
        "1760000000",
        "8b272e997e22bc2266c505723bc9da060d70ebc835d9cd7e2eb94c296e9179be",
    ),
    (
        "data.id=ORD01ABCDEF",
        Some(REQUEST),
        "1760000000",
        "a5b8c9d618183966fe0063ff2a62a32df699814829177821649eb991015c5366",
    ),
    (
        "data.id=ORD01ABCDEF",
        Some(REQUEST),
        "1760000000",
        "0ab68055257a15e904f6d759e7762231ad52e43e176410e0384d0bda40085c00",
    ),
];

#[test]
fn the_worked_vectors_verify() {
    for (query, request, ts, v1) in VECTORS {
        let header = format!("ts={ts},v1={v1}");
        let verified = verify(&secrets(), now(), &notice(query, &header, request)).unwrap();
        assert!(verified.fresh(), "{query} {ts}");
    }
}

#[test]
fn signing_gives_the_worked_vectors() {
    let cases = [
        (Some("90000000017"), VECTORS[0]),
        (Some("90000000017"), VECTORS[1]),
        (Some("90000000017"), VECTORS[2]),
        (None, VECTORS[3]),
        (None, VECTORS[4]),
        (Some("ORD01ABCDEF"), VECTORS[5]),
        (Some("ord01abcdef"), VECTORS[6]),
    ];
    for (data_id, (_, request, ts, v1)) in cases {
        assert_eq!(
            sign(&secret("doc-mp-secret"), data_id, request, ts),
            format!("ts={ts},v1={v1}")
        );
    }
}

#[test]
fn the_verified_id_is_the_one_of_the_query() {
    let (query, request, ts, v1) = VECTORS[6];
    let header = format!("ts={ts},v1={v1}");
    let verified = verify(&secrets(), now(), &notice(query, &header, request)).unwrap();
    assert_eq!(verified.data_id(), Some("ORD01ABCDEF"));
    assert_eq!(verified.signed_at(), now());
}

#[test]
fn both_secrets_count_while_one_replaces_the_other() {
    let next = "ts=1760000000,v1=407a797c87c4b16f6ade1249c9b7018f4c0a4f6ce613d65953c7dad6f39222f1";
    let (query, request, ts, v1) = VECTORS[0];
    let old = format!("ts={ts},v1={v1}");
    let both = Secrets::new(secret("doc-mp-secret-next"), Some(secret("doc-mp-secret"))).unwrap();
    let only_next = Secrets::new(secret("doc-mp-secret-next"), Some(secret(""))).unwrap();

    assert!(verify(&both, now(), &notice(query, next, request)).is_ok());
    assert!(verify(&both, now(), &notice(query, &old, request)).is_ok());
    assert!(verify(&only_next, now(), &notice(query, next, request)).is_ok());
    assert_eq!(
        verify(&only_next, now(), &notice(query, &old, request)),
        Err(SignatureError::Mismatch),
    );
}

#[test]
fn an_empty_secret_guards_nothing_and_is_refused() {
    assert!(Secrets::new(secret(""), Some(secret("doc-mp-secret"))).is_err());
    let header = sign(&secret(""), Some("1"), None, "1760000000");
    let secrets = Secrets::new(secret("doc-mp-secret"), Some(secret(""))).unwrap();
    assert_eq!(
        verify(&secrets, now(), &notice("data.id=1", &header, None)),
        Err(SignatureError::Mismatch),
    );
}

#[test]
fn an_id_given_twice_is_ambiguous_even_if_signed() {
    let (_, request, ts, v1) = VECTORS[0];
    let header = format!("ts={ts},v1={v1}");
    for query in [
        "data.id=90000000017&data.id=90000000017",
        "data.id=1&data%2eid=90000000017",
    ] {
        assert_eq!(
            verify(&secrets(), now(), &notice(query, &header, request)),
            Err(SignatureError::Ambiguous),
        );
    }
}

#[test]
fn the_freshness_window_is_reported_and_never_refuses() {
    let (query, request, ts, v1) = VECTORS[0];
    let header = format!("ts={ts},v1={v1}");
    let fresh = |shift: Duration| {
        verify(&secrets(), now() + shift, &notice(query, &header, request))
            .unwrap()
            .fresh()
    };
    let second = Duration::SECOND;
    assert!(fresh(FRESHNESS) && fresh(-FRESHNESS));
    assert!(!fresh(FRESHNESS + second) && !fresh(-FRESHNESS - second));
    assert!(!fresh(Duration::days(9_000)));
}

#[test]
fn the_header_may_be_spaced_reordered_and_extended() {
    let (query, request, ts, v1) = VECTORS[0];
    for header in [
        format!("v1={v1},ts={ts}"),
        format!(" ts = {ts} ,\tv1 = {v1} "),
        format!("v2=00,ts={ts},v1={v1},alg=x"),
        format!("ts={ts},v1={v1},"),
        format!("ts={ts},v1={}", v1.to_uppercase()),
    ] {
        assert!(
            verify(&secrets(), now(), &notice(query, &header, request)).is_ok(),
            "{header}"
        );
    }
}

#[test]
fn a_malformed_header_is_refused() {
    let (query, request, ts, v1) = VECTORS[0];
    let short = v1.trim_start_matches("8b");
    for header in [
        format!("ts={ts}"),
        format!("v1={v1}"),
        format!("ts={ts},v1="),
        format!("ts={ts},v1={v1},v1={v1}"),
        format!("ts={ts},ts={ts},v1={v1}"),
        format!("ts=+{ts},v1={v1}"),
        format!("ts={ts}0,v1={v1}"),
        format!("ts=176000000,v1={v1}"),
        format!("ts=17600000001234567890,v1={v1}"),
        format!("ts=٣٣٣٣٣٣٣٣٣٣,v1={v1}"),
        format!("ts={ts},v1={short}"),
        format!("ts={ts},v1={v1}00"),
        format!("ts={ts},v1=ñ{short}"),
        format!("TS={ts},V1={v1}"),
        "nonsense".to_owned(),
    ] {
        assert_eq!(
            verify(&secrets(), now(), &notice(query, &header, request)),
            Err(SignatureError::Malformed),
            "{header}",
        );
    }
}

#[test]
fn an_unsigned_notice_is_refused() {
    let unsigned = Notice {
        query: "data.id=1",
        x_signature: None,
        x_request_id: None,
    };
    assert_eq!(verify(&secrets(), now(), &unsigned), Err(SignatureError::Missing));
    assert_eq!(
        verify(&secrets(), now(), &notice("data.id=1", " ", None)),
        Err(SignatureError::Missing)
    );
}

proptest! {
    #[test]
    fn what_we_sign_verifies_and_nothing_else_does(
        data_id in "[A-Za-z0-9]{1,24}",
        request in "[!-~]{1,40}",
        seconds in 1_000_000_000_i64..9_999_999_999,
        flip in 0_usize..64,
    ) {
        let (query, ts) = (format!("data.id={data_id}"), seconds.to_string());
        let header = sign(&secret("doc-mp-secret"), Some(&data_id), Some(&request), &ts);
        let genuine = verify(&secrets(), now(), &notice(&query, &header, Some(&request))).unwrap();
        prop_assert_eq!(genuine.data_id(), Some(data_id.as_str()));

        let mut bytes = header.clone().into_bytes();
        let position = bytes.len() - 64 + flip;
        bytes[position] = if bytes[position] == b'0' { b'1' } else { b'0' };
        let forged = String::from_utf8(bytes).unwrap();
        let other = format!("data.id={data_id}0");
        for refused in [
            notice(&query, &forged, Some(&request)),
            notice(&other, &header, Some(&request)),
            notice(&query, &header, None),
            notice("", &header, Some(&request)),
        ] {
            prop_assert_eq!(verify(&secrets(), now(), &refused), Err(SignatureError::Mismatch));
        }
    }

    #[test]
    fn no_bytes_make_the_verifier_panic_or_believe(
        query in any::<String>(),
        header in proptest::collection::vec(any::<u8>(), 0..128),
        request in proptest::collection::vec(any::<u8>(), 0..64),
        ts in "[0-9]{10}|[0-9]{13}",
    ) {
        let near = format!("ts={ts},v1={}", hex::encode(&header)).into_bytes();
        for x_signature in [header, near] {
            let notice = Notice { query: &query, x_signature: Some(&x_signature), x_request_id: Some(&request) };
            prop_assert!(verify(&secrets(), now(), &notice).is_err());
        }
    }
}
