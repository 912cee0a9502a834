use proptest::prelude::*;
use secrecy::SecretString;

use super::{Answer, MAX_CHALLENGE, answer};

fn ask(query: &str) -> Answer {
    answer(query, &SecretString::from("our-token"))
}

fn echo(text: &str) -> Answer {
    Answer::Challenge(text.as_bytes().to_vec())
}

#[test]
fn the_table_of_the_contract() {
    let cases = [
        (
            "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=our-token",
            echo("1158201444"),
        ),
        (
            "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=another",
            Answer::Forbidden,
        ),
        (
            "hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=our-token",
            Answer::Forbidden,
        ),
        ("", Answer::BadRequest),
        (
            "hub.mode=subscribe&hub.verify_token=our-token",
            Answer::BadRequest,
        ),
        ("hub.mode=subscribe&hub.challenge=1", Answer::BadRequest),
        ("hub.challenge=1&hub.verify_token=our-token", Answer::BadRequest),
        (
            "hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token=our-token",
            echo("<script>"),
        ),
        (
            "hub%2Emode=subscribe&hub%2echallenge=7&hub%2Everify_token=our%2Dtoken",
            echo("7"),
        ),
        (
            "x=1&hub.mode=subscribe&hub.challenge=a+b&hub.verify_token=our-token&",
            echo("a b"),
        ),
    ];
    for (query, expected) in cases {
        assert_eq!(ask(query), expected, "{query}");
    }
}

#[test]
fn a_long_challenge_is_a_bad_request() {
    let query = |length: usize| {
        format!(
            "hub.mode=subscribe&hub.verify_token=our-token&hub.challenge={}",
            "7".repeat(length)
        )
    };
    assert_eq!(ask(&query(MAX_CHALLENGE)), echo(&"7".repeat(MAX_CHALLENGE)));
    assert_eq!(ask(&query(MAX_CHALLENGE + 1)), Answer::BadRequest);
}

#[test]
fn a_parameter_given_twice_is_a_bad_request() {
    let query = "hub.mode=subscribe&hub.challenge=1&hub.verify_token=x&hub.verify_token=our-token";
    assert_eq!(ask(query), Answer::BadRequest);
}

#[test]
fn an_empty_token_of_ours_lets_nobody_pass() {
    let query = "hub.mode=subscribe&hub.challenge=1&hub.verify_token=";
    assert_eq!(answer(query, &SecretString::from("")), Answer::Forbidden);
}

proptest! {
    #[test]
    fn no_query_panics(query in any::<String>()) {
        let _ = ask(&query);
    }

    #[test]
    fn any_challenge_comes_back_unchanged(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let encoded = percent_encoding::percent_encode(&bytes, percent_encoding::NON_ALPHANUMERIC);
        let query = format!("hub.mode=subscribe&hub.challenge={encoded}&hub.verify_token=our-token");
        prop_assert_eq!(ask(&query), Answer::Challenge(bytes));
    }
}
