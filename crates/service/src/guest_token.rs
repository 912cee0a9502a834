//! The guest's access token: derived from the reservation, so that it can be given again without being stored.
//!
//! Only its SHA-256 is kept; a database leak opens nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::{digest, hmac};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use crate::secret;

/// Derives tokens from `GUEST_TOKEN_SECRET`.
#[derive(Clone)]
pub struct GuestTokens {
    key: hmac::Key,
}

impl GuestTokens {
    /// Tokens under this secret.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes()),
        }
    }

    /// The token of a reservation: 128 bits, base64url, always the same.
    #[must_use]
    pub fn of(&self, reservation: Uuid) -> SecretString {
        let tag = hmac::sign(&self.key, format!("guest-token:{reservation}").as_bytes());
        let half = tag
            .as_ref()
            .split_at_checked(16)
            .map_or(tag.as_ref(), |(half, _)| half);
        SecretString::from(URL_SAFE_NO_PAD.encode(half))
    }
}

impl std::fmt::Debug for GuestTokens {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("GuestTokens")
    }
}

/// What is stored of a token: its SHA-256, 32 bytes.
#[must_use]
pub fn hash(token: &SecretString) -> Vec<u8> {
    digest::digest(&digest::SHA256, token.expose_secret().as_bytes())
        .as_ref()
        .to_vec()
}

/// Whether `token` is the one whose [`hash`] was stored, in constant time.
#[must_use]
pub fn matches(stored: &[u8], token: &SecretString) -> bool {
    secret::equal(stored, &hash(token))
}
