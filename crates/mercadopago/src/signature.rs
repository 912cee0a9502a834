//! `x-signature`: which webhooks Mercado Pago really sent.
//!
//! The signature covers the resource's id from the query, the request id and a time, never the body.
//! A verified notice is therefore a reason to look at that resource, not a fact about it.

mod header;

use ring::hmac;
use secrecy::{ExposeSecret, SecretString};
use time::{Duration, OffsetDateTime};

use self::header::Parts;
use crate::query::{Single, single};

/// How far a notice's own time may lie from ours before it counts as stale, in either direction.
///
/// The provider mandates no window; a stale notice is processed all the same, since it only causes a read.
pub const FRESHNESS: Duration = Duration::minutes(15);

/// The webhook secrets in force: the current one, and the one before it while the panel's reset spreads.
#[derive(Debug, Clone)]
pub struct Secrets {
    current: SecretString,
    previous: Option<SecretString>,
}

/// A secret that guards nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the webhook secret is empty")]
pub struct EmptySecret;

impl Secrets {
    /// Takes the current secret and, during a rotation, the previous one (an empty one counts as none).
    ///
    /// # Errors
    ///
    /// [`EmptySecret`] if the current secret has no characters: anybody could sign with it.
    pub fn new(current: SecretString, previous: Option<SecretString>) -> Result<Self, EmptySecret> {
        if current.expose_secret().is_empty() {
            return Err(EmptySecret);
        }
        let previous = previous.filter(|secret| !secret.expose_secret().is_empty());
        Ok(Self { current, previous })
    }

    fn each(&self) -> impl Iterator<Item = &SecretString> {
        std::iter::once(&self.current).chain(self.previous.as_ref())
    }
}

/// What of a delivery bears on its signature, as received.
#[derive(Debug, Clone, Copy)]
pub struct Notice<'a> {
    /// The raw query string, without the question mark.
    pub query: &'a str,
    /// The bytes of `x-signature`; if the header came more than once, the values joined by commas.
    pub x_signature: Option<&'a [u8]>,
    /// The bytes of `x-request-id`.
    pub x_request_id: Option<&'a [u8]>,
}

/// The signed pieces of a notice whose sender is proven; only [`verify`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    data_id: Option<String>,
    signed_at: OffsetDateTime,
    fresh: bool,
}

impl Verified {
    /// The id of the resource to look at, as the query has it. Its letter case is not proven.
    #[must_use]
    pub fn data_id(&self) -> Option<&str> {
        self.data_id.as_deref()
    }

    /// When the provider signed this attempt; a redelivery is signed anew.
    #[must_use]
    pub fn signed_at(&self) -> OffsetDateTime {
        self.signed_at
    }

    /// Whether [`Self::signed_at`] was within [`FRESHNESS`] of our clock.
    #[must_use]
    pub fn fresh(&self) -> bool {
        self.fresh
    }
}

/// Why a notice is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no `x-signature`, or an empty one.
    #[error("the notice is not signed")]
    Missing,
    /// `x-signature` is not `ts=<10 or 13 digits>,v1=<64 hex digits>`.
    #[error("the signature header is malformed")]
    Malformed,
    /// The query gives `data.id` more than once, so what was signed is unknown.
    #[error("the query gives data.id more than once")]
    Ambiguous,
    /// No secret of ours makes this signature.
    #[error("the signature does not fit the notice")]
    Mismatch,
}

/// Proves that the holder of one of `secrets` sent `notice`, and says whether it is fresh as of `now`.
///
/// `data.id` is tried verbatim, then in lower case: the provider's documents and its own libraries differ.
///
/// # Errors
///
/// [`SignatureError`] for anything that is not provably the provider's; no input panics.
pub fn verify(
    secrets: &Secrets,
    now: OffsetDateTime,
    notice: &Notice<'_>,
) -> Result<Verified, SignatureError> {
    let data_id = match single(notice.query, "data.id") {
        Single::Absent => None,
        Single::One(value) => Some(value),
        Single::Repeated => return Err(SignatureError::Ambiguous),
    };
    let header = notice.x_signature.filter(|bytes| !bytes.trim_ascii().is_empty());
    let parts = Parts::parse(header.ok_or(SignatureError::Missing)?).ok_or(SignatureError::Malformed)?;
    let request_id = notice.x_request_id.filter(|bytes| !bytes.is_empty());

    let lower = data_id.as_deref().map(<[u8]>::to_ascii_lowercase);
    let forms = [data_id.as_deref(), lower.as_deref()];
    let fits = secrets.each().any(|secret| {
        let key = key(secret);
        forms.iter().any(|form| {
            let manifest = manifest(*form, request_id, parts.ts);
            hmac::verify(&key, &manifest, &parts.v1).is_ok()
        })
    });
    if !fits {
        return Err(SignatureError::Mismatch);
    }
    // What the provider signs is text; an id that is not could not be asked for anyway.
    let data_id = data_id.map(String::from_utf8).transpose();
    let data_id = data_id.map_err(|_not_text| SignatureError::Mismatch)?;
    let fresh = (now - parts.signed_at).abs() <= FRESHNESS;
    Ok(Verified {
        data_id,
        signed_at: parts.signed_at,
        fresh,
    })
}

/// The value of `x-signature` that Mercado Pago would send: `ts=…,v1=…`.
#[must_use]
pub fn sign(secret: &SecretString, data_id: Option<&str>, request_id: Option<&str>, ts: &str) -> String {
    let manifest = manifest(data_id.map(str::as_bytes), request_id.map(str::as_bytes), ts);
    let tag = hmac::sign(&key(secret), &manifest);
    format!("ts={ts},v1={}", hex::encode(tag))
}

fn key(secret: &SecretString) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes())
}

/// The signed text: an absent piece is left out whole, the last semicolon stays.
fn manifest(data_id: Option<&[u8]>, request_id: Option<&[u8]>, ts: &str) -> Vec<u8> {
    let mut text = Vec::with_capacity(128);
    let pieces = [
        ("id:", data_id),
        ("request-id:", request_id),
        ("ts:", Some(ts.as_bytes())),
    ];
    for (name, value) in pieces {
        if let Some(value) = value {
            text.extend_from_slice(name.as_bytes());
            text.extend_from_slice(value);
            text.push(b';');
        }
    }
    text
}

#[cfg(test)]
mod tests;
