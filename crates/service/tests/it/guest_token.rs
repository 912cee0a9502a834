//! The guest's access token.

use secrecy::{ExposeSecret as _, SecretString};
use service::guest_token::{GuestTokens, hash, matches};
use uuid::Uuid;

#[test]
fn a_token_is_the_same_each_time_and_another_for_each_reservation_and_secret() {
    let tokens = GuestTokens::new(&SecretString::from("secret"));
    let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let token = tokens.of(first);
    assert_eq!(
        (token.expose_secret().len(), token.expose_secret()),
        (22, tokens.of(first).expose_secret())
    );
    assert_ne!(token.expose_secret(), tokens.of(second).expose_secret());
    let other = GuestTokens::new(&SecretString::from("other"));
    assert_ne!(token.expose_secret(), other.of(first).expose_secret());
}

#[test]
fn only_the_token_itself_matches_its_hash() {
    let tokens = GuestTokens::new(&SecretString::from("secret"));
    let token = tokens.of(Uuid::from_u128(1));
    let stored = hash(&token);
    assert!(stored.len() == 32 && matches(&stored, &token));
    assert!(!matches(&stored, &tokens.of(Uuid::from_u128(2))));
    assert!(!matches(&stored, &SecretString::from("")) && !matches(&[], &token));
    assert!(!format!("{tokens:?} {token:?}").contains(token.expose_secret()));
}
