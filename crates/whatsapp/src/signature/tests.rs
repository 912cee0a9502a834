use proptest::prelude::*;
use secrecy::SecretString;

use super::{SignatureError, sign, verify};

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

/// The contract's worked vectors: app secret, body, header.
const VECTORS: [(&str, &str, &str); 6] = [
    (
        "secret",
        "test",
        "sha256=0329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c0914",
    ),
    (
        "doc-app-secret",
        r#"{"object":"whatsapp_business_account","entry":[]}"#,
        "sha256=f3f184cd3c5d582b45a752543dad664f574ee838d1b5607cecb7158bc5de67a5",
    ),
    (
        "doc-app-secret",
        r#"{"text":"ma\u00f1ana"}"#,
        "sha256=a1286995245c14f5fd29ba7468b6b6b1ae874e99a133babdb005d8493336a104",
    ),
    (
        "doc-app-secret",
        r#"{"text":"mañana"}"#,
        "sha256=9e8ae89b1ec39d78bd81efbc59bec4aede4fb527488a20a36478a57ce4d2107d",
    ),
    (
        "doc-app-secret",
        r#"{"url":"https:\/\/a.example\/x"}"#,
        "sha256=5e30d447d24003992c039c331d92e6959c8d28da6311532e55b93bce58fb4b5c",
    ),
    (
        "doc-app-secret",
        r#"{"url":"https://a.example/x"}"#,
        "sha256=a198c1162ac8e4741201067c7f582189a02196872717c6b5d36b1137946f82ec",
    ),
];

#[test]
fn the_worked_vectors_verify_and_are_what_we_sign() {
    for (key, body, header) in VECTORS {
        let verified = verify(&secret(key), Some(header.as_bytes()), body.as_bytes()).unwrap();
        assert_eq!(verified.body(), body.as_bytes());
        assert_eq!(sign(&secret(key), body.as_bytes()), header);
    }
}

#[test]
fn equal_json_in_other_bytes_has_another_signature() {
    for (one, other) in [(2, 3), (4, 5)] {
        let ((key, body, _), (_, _, header)) = (VECTORS[one], VECTORS[other]);
        let answer = verify(&secret(key), Some(header.as_bytes()), body.as_bytes());
        assert_eq!(answer, Err(SignatureError::Mismatch));
    }
}

#[test]
fn upper_case_hex_is_accepted_and_a_trailing_newline_counts() {
    let (key, body, header) = VECTORS[0];
    let upper = header.to_uppercase().replace("SHA", "sha");
    assert!(verify(&secret(key), Some(upper.as_bytes()), body.as_bytes()).is_ok());
    let longer = format!("{body}\n");
    let answer = verify(&secret(key), Some(header.as_bytes()), longer.as_bytes());
    assert_eq!(answer, Err(SignatureError::Mismatch));
}

#[test]
fn any_other_header_is_refused() {
    let (key, body, header) = VECTORS[0];
    let refused = |value: Option<&[u8]>| verify(&secret(key), value, body.as_bytes()).unwrap_err();
    assert_eq!(refused(None), SignatureError::Missing);
    assert_eq!(refused(Some(b"")), SignatureError::Missing);
    let digits = header.trim_start_matches("sha256=");
    for malformed in [
        "sha1=5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8".to_owned(),
        digits.to_owned(),
        format!("SHA256={digits}"),
        format!(" {header}"),
        format!("{header}00"),
        header.trim_end_matches('4').to_owned(),
        header.trim_end_matches("14").to_owned(),
        format!("sha256={}", "zz".repeat(32)),
        format!("sha256={}", "ñ".repeat(32)),
        "sha256=".to_owned(),
    ] {
        assert_eq!(
            refused(Some(malformed.as_bytes())),
            SignatureError::Malformed,
            "{malformed}"
        );
    }
    assert_eq!(refused(Some(&[0xff; 71])), SignatureError::Malformed);
}

#[test]
fn an_empty_secret_believes_nobody() {
    let header = sign(&secret(""), b"test");
    let answer = verify(&secret(""), Some(header.as_bytes()), b"test");
    assert_eq!(answer, Err(SignatureError::EmptySecret));
}

proptest! {
    #[test]
    fn what_we_sign_verifies_and_one_flipped_bit_does_not(
        key in "[ -~]{1,40}",
        body in proptest::collection::vec(any::<u8>(), 1..256),
        at in any::<prop::sample::Index>(),
        bit in 0_u32..8,
    ) {
        let header = sign(&secret(&key), &body);
        prop_assert!(verify(&secret(&key), Some(header.as_bytes()), &body).is_ok());

        let mut changed = body.clone();
        changed[at.index(body.len())] ^= 1 << bit;
        prop_assert!(verify(&secret(&key), Some(header.as_bytes()), &changed).is_err());

        let mut forged = header.into_bytes();
        let place = 7 + at.index(64);
        forged[place] = if forged[place] == b'0' { b'1' } else { b'0' };
        prop_assert!(verify(&secret(&key), Some(&forged), &body).is_err());
        let another = secret(&format!("{key}x"));
        prop_assert!(verify(&another, Some(&forged), &body).is_err());
    }

    #[test]
    fn no_bytes_make_the_verifier_panic_or_believe(
        header in proptest::collection::vec(any::<u8>(), 0..96),
        body in proptest::collection::vec(any::<u8>(), 0..96),
    ) {
        let near = [b"sha256=".as_slice(), &header].concat();
        for value in [header, near] {
            prop_assert!(verify(&secret("doc-app-secret"), Some(&value), &body).is_err());
        }
    }
}
