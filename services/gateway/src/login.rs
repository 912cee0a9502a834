//! Logging in: the same answer and the same time for a wrong password and an unknown account, and few attempts.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use service::clock::Clock;
use service::password;
use storage::Database;
use storage::staff;
use tokio::sync::Semaphore;

use crate::caller::limit_key;
use crate::limits::{Limits, Policy};
use crate::staff_token::{Issued, StaffTokens};

/// The window of attempts at a login.
const WINDOW: Duration = Duration::from_mins(15);

/// How many passwords are verified at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;

/// What logging in needs.
pub(crate) struct Logins {
    database: Database,
    limits: Limits,
    per_account: Policy,
    per_address: Policy,
    room: Arc<Semaphore>,
}

/// Why nobody was let in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoginError {
    #[error("the e-mail address or the password is wrong")]
    Refused,
    #[error("too many attempts")]
    TooMany { retry_after: u64 },
    #[error("the database cannot be asked")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("no token could be made")]
    Token(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Logins {
    pub(crate) fn new(database: Database, limits: Limits, per_account: u32, per_address: u32) -> Self {
        Self {
            database,
            limits,
            per_account: Policy::new("login-account", per_account, WINDOW),
            per_address: Policy::new("login-address", per_address, WINDOW),
            room: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// A token for whoever `email` and `password` prove.
    pub(crate) async fn log_in(
        &self,
        tokens: &StaffTokens,
        clock: &Clock,
        address: Option<IpAddr>,
        email: &str,
        password: SecretString,
    ) -> Result<Issued, LoginError> {
        let email = email.trim().to_lowercase();
        let address = address.map(limit_key).unwrap_or_default();
        for (policy, key) in [(&self.per_address, &address), (&self.per_account, &email)] {
            let verdict = self.limits.admit(policy, key).await;
            if !verdict.allowed {
                return Err(LoginError::TooMany {
                    retry_after: verdict.resets_in,
                });
            }
        }
        let mut conn = self
            .database
            .get()
            .await
            .map_err(|error| LoginError::Database(error.into()))?;
        let found = staff::find_active(&mut conn, &email)
            .await
            .map_err(|error| LoginError::Database(error.into()))?;
        drop(conn);
        let stored = found.as_ref().map(|staff| staff.password_hash.clone());
        let room = Arc::clone(&self.room).acquire_owned().await;
        let verified = tokio::task::spawn_blocking(move || {
            let _room = room;
            password::verify(&password, stored.as_deref())
        });
        match (verified.await, found) {
            (Ok(true), Some(staff)) => tokens
                .issue(&staff, clock.now())
                .map_err(|error| LoginError::Token(error.into())),
            _ => Err(LoginError::Refused),
        }
    }
}
