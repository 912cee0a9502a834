//! Passwords of staff: argon2id, in PHC format. Both functions take tens of milliseconds of CPU: call them on a blocking
//! thread.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};

/// The shortest password that is taken, in characters. Source: NIST SP 800-63B-4, 15 for a single factor; we ask for
/// 12, since logins are limited per account and address.
pub const MIN_LENGTH: usize = 12;

/// The hash of nobody's password: verifying against it costs what a real one costs.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm9ib2R5$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The password cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than [`MIN_LENGTH`] characters.
    #[error("a password has at least {MIN_LENGTH} characters")]
    TooShort,
    /// The hasher failed, for want of memory or of randomness.
    #[error("the password could not be hashed")]
    Hasher,
}

/// The hash to store for `password`, with a random salt.
///
/// # Errors
///
/// [`PasswordError`].
pub fn hash(password: &SecretString) -> Result<String, PasswordError> {
    if password.expose_secret().chars().count() < MIN_LENGTH {
        return Err(PasswordError::TooShort);
    }
    let hashed = Argon2::default().hash_password(password.expose_secret().as_bytes());
    Ok(hashed.or(Err(PasswordError::Hasher))?.to_string())
}

/// Whether `password` is the one that `stored` was made of; with `None`, no, after the same work.
#[must_use]
pub fn verify(password: &SecretString, stored: Option<&str>) -> bool {
    let Ok(hash) = PasswordHash::new(stored.unwrap_or(NOBODY)) else {
        return false;
    };
    let verified = Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash);
    verified.is_ok() && stored.is_some()
}
