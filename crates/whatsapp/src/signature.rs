//! `X-Hub-Signature-256`: which webhooks Meta really sent.
//!
//! The signature covers the request's bytes as received. They are never re-serialised before the check:
//! the same JSON in other bytes has another signature.

use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

/// Before the hex digits of the header.
const PREFIX: &[u8] = b"sha256=";

/// The bytes of a webhook whose sender is proven; only [`verify`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified<'a>(&'a [u8]);

impl<'a> Verified<'a> {
    /// The body, exactly as signed.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.0
    }
}

/// Why a webhook is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Our app secret is empty: anybody could sign with it.
    #[error("the app secret is empty")]
    EmptySecret,
    /// There is no `X-Hub-Signature-256`, or an empty one.
    #[error("the webhook is not signed")]
    Missing,
    /// The header is not `sha256=` and 64 hex digits.
    #[error("the signature header is malformed")]
    Malformed,
    /// The app secret does not make this signature of this body.
    #[error("the signature does not fit the body")]
    Mismatch,
}

/// Proves that the holder of `app_secret` sent `body`; `header` is the bytes of `X-Hub-Signature-256`.
///
/// # Errors
///
/// [`SignatureError`] for anything that is not provably Meta's; no input panics.
pub fn verify<'a>(
    app_secret: &SecretString,
    header: Option<&[u8]>,
    body: &'a [u8],
) -> Result<Verified<'a>, SignatureError> {
    if app_secret.expose_secret().is_empty() {
        return Err(SignatureError::EmptySecret);
    }
    let header = header
        .filter(|bytes| !bytes.is_empty())
        .ok_or(SignatureError::Missing)?;
    let digits = header.strip_prefix(PREFIX).ok_or(SignatureError::Malformed)?;
    let mut tag = [0; 32];
    hex::decode_to_slice(digits, &mut tag).or(Err(SignatureError::Malformed))?;
    match hmac::verify(&key(app_secret), body, &tag) {
        Ok(()) => Ok(Verified(body)),
        Err(_) => Err(SignatureError::Mismatch),
    }
}

/// The value of `X-Hub-Signature-256` that Meta would send with `body`: `sha256=` and lower-case hex.
#[must_use]
pub fn sign(app_secret: &SecretString, body: &[u8]) -> String {
    format!("sha256={}", hex::encode(hmac::sign(&key(app_secret), body)))
}

fn key(app_secret: &SecretString) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, app_secret.expose_secret().as_bytes())
}

#[cfg(test)]
mod tests;
