//! Logging in: the same answer and the same time for a wrong password and an unknown account, and few failures.
//!
//! An attempt is counted before the password is looked at and taken back when it was right: so many guesses at once are
//! no more guesses, and whoever knows the password is never kept out by having used it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use secrecy::SecretString;
use service::clock::Clock;
use service::internal::subscriber;
use service::password;
use storage::Database;
use storage::staff::{self, Staff};
use tokio::sync::Semaphore;

use crate::limits::{Exceeded, Limits, Policy};
use crate::staff_token::{Issued, StaffTokens};

/// The window of failures at a login.
const WINDOW: Duration = Duration::from_mins(15);

/// How many passwords are verified at once: each takes 19 MiB and a core. Fewer than the failures that an account may
/// have, so that those who are right and come together do not stand in each other's way.
const AT_ONCE: usize = 2;

/// How long anybody waits for a turn.
const PATIENCE: Duration = Duration::from_secs(5);

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
    #[error("too many failures")]
    TooMany(Exceeded),
    #[error("too many want to log in at this moment")]
    Busy,
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
        let address = address.map(subscriber).unwrap_or_default();
        let counters = [
            (&self.per_address, address),
            (&self.per_account, account_key(&email)),
        ];
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.room).acquire_owned());
        let turn = turn.await.map_err(|_elapsed| LoginError::Busy)?;
        for (policy, key) in &counters {
            let verdict = self.limits.admit(policy, key).await;
            if !verdict.allowed {
                return Err(LoginError::TooMany(policy.exceeded(verdict)));
            }
        }
        let proven = self.prove(&email, password).await;
        // A store that is away is nobody's guess either.
        if !matches!(proven, Ok(None)) {
            for (policy, key) in &counters {
                self.limits.take_back(policy, key).await;
            }
        }
        drop(turn);
        let staff = proven?.ok_or(LoginError::Refused)?;
        tokens
            .issue(&staff, clock.now())
            .map_err(|error| LoginError::Token(error.into()))
    }

    /// The member of staff whose password this is; as much work whether there is such an account or not.
    async fn prove(&self, email: &str, password: SecretString) -> Result<Option<Staff>, LoginError> {
        let mut conn = self
            .database
            .get()
            .await
            .map_err(|error| LoginError::Database(error.into()))?;
        let found = staff::find_active(&mut conn, email)
            .await
            .map_err(|error| LoginError::Database(error.into()))?;
        drop(conn);
        let stored = found.as_ref().map(|staff| staff.password_hash.clone());
        let work = tokio::task::spawn_blocking(move || password::verify(&password, stored.as_deref()));
        let verified = work.await.unwrap_or(false);
        Ok(found.filter(|_| verified))
    }
}

/// What an account's failures are counted by: Redis learns no address of a person, and no text of a stranger's length.
fn account_key(email: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, email.as_bytes()))
}
