//! The GET by which Meta makes sure that a callback URL is ours.

use percent_encoding::percent_decode;
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

/// The longest challenge we echo, in bytes.
pub const MAX_CHALLENGE: usize = 1024;

/// What to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// 200 with exactly these bytes, as `text/plain`: never as HTML, since a stranger chose them.
    Challenge(Vec<u8>),
    /// 403: another mode, or a token that is not ours.
    Forbidden,
    /// 400: a parameter is missing or repeated, or the challenge is too long.
    BadRequest,
}

/// Judges the raw query string of a handshake (without its question mark).
///
/// An empty `verify_token` is no token: nobody passes.
#[must_use]
pub fn answer(query: &str, verify_token: &SecretString) -> Answer {
    let (mut mode, mut token, mut challenge) = (None, None, None);
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let slot = match decode(name).as_slice() {
            b"hub.mode" => &mut mode,
            b"hub.verify_token" => &mut token,
            b"hub.challenge" => &mut challenge,
            _ => continue,
        };
        if slot.replace(decode(value)).is_some() {
            return Answer::BadRequest;
        }
    }
    let (Some(mode), Some(token), Some(challenge)) = (mode, token, challenge) else {
        return Answer::BadRequest;
    };
    if MAX_CHALLENGE < challenge.len() {
        return Answer::BadRequest;
    }
    if mode == b"subscribe" && is_ours(&token, verify_token) {
        Answer::Challenge(challenge)
    } else {
        Answer::Forbidden
    }
}

/// Compares in constant time, whatever the lengths: both sides become tags under one key.
fn is_ours(given: &[u8], verify_token: &SecretString) -> bool {
    let ours = verify_token.expose_secret().as_bytes();
    if ours.is_empty() {
        return false;
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, ours);
    hmac::verify(&key, given, hmac::sign(&key, ours).as_ref()).is_ok()
}

fn decode(text: &str) -> Vec<u8> {
    let spaced = text.replace('+', " ");
    percent_decode(spaced.as_bytes()).collect()
}

#[cfg(test)]
mod tests;
