//! What staff carry after login: a JWT, signed by us, good for hours.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use storage::staff::Staff;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Makes and reads staff tokens.
pub(crate) struct StaffTokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    lifetime: Duration,
}

/// A token as sent to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issued {
    pub(crate) token: String,
    pub(crate) expires_at: OffsetDateTime,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: Uuid,
    iat: i64,
    exp: i64,
}

/// The token is not ours, is broken, or has expired.
#[derive(Debug, thiserror::Error)]
#[error("the token is not valid")]
pub(crate) struct InvalidToken;

impl StaffTokens {
    pub(crate) fn new(secret: &SecretString, minutes: u32) -> Self {
        let key = secret.expose_secret().as_bytes();
        Self {
            encoding: EncodingKey::from_secret(key),
            decoding: DecodingKey::from_secret(key),
            lifetime: Duration::minutes(i64::from(minutes)),
        }
    }

    /// A token for `staff` as of `now`.
    pub(crate) fn issue(
        &self,
        staff: &Staff,
        now: OffsetDateTime,
    ) -> Result<Issued, jsonwebtoken::errors::Error> {
        let expires_at = now + self.lifetime;
        let claims = Claims {
            sub: staff.id,
            iat: now.unix_timestamp(),
            exp: expires_at.unix_timestamp(),
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)?;
        Ok(Issued { token, expires_at })
    }

    /// Whose token it is, if it is ours and has not expired by `now`.
    pub(crate) fn read(&self, token: &SecretString, now: OffsetDateTime) -> Result<Uuid, InvalidToken> {
        let mut validation = Validation::new(Algorithm::HS256);
        // The expiry is compared below, with the clock that is given.
        validation.validate_exp = false;
        let token = jsonwebtoken::decode::<Claims>(token.expose_secret(), &self.decoding, &validation);
        let claims = token.or(Err(InvalidToken))?.claims;
        if claims.exp <= now.unix_timestamp() {
            Err(InvalidToken)
        } else {
            Ok(claims.sub)
        }
    }
}
