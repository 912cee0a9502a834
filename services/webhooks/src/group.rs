//! Deliveries that come while others are being stored are stored together, by the next statement: a commit costs about
//! the same for one as for fifty, and a provider waits for two of them at most.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use storage::webhook_deliveries::store_all;
use storage::{Context, Database, DatabaseUnavailable};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::use_cases::received::Received;

/// How many deliveries one statement stores at most.
const MOST: usize = 64;

/// How many bytes of bodies one statement stores at most; one delivery may have more.
const MOST_BYTES: usize = 1 << 20;

/// PostgreSQL could not store it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// No connection.
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    /// No answer in time; it may be stored all the same.
    #[error("PostgreSQL did not answer in time")]
    Slow,
    /// The statement failed.
    #[error("insert into webhook_deliveries")]
    Query(#[from] diesel::result::Error),
}

/// Whether it is new; an error is everybody's whom it concerns.
type Stored = Result<bool, Arc<StoreError>>;

/// Those that wait to be stored, and the turn to store them.
pub(crate) struct Group {
    database: Database,
    waiting: Mutex<Vec<Waiting>>,
    turn: tokio::sync::Mutex<()>,
}

struct Waiting {
    context: Context,
    received: Arc<Received>,
    answer: oneshot::Sender<Stored>,
}

impl Group {
    pub(crate) fn new(database: Database) -> Self {
        Self {
            database,
            waiting: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// Stores a delivery with its event and tells once that is committed; `false` if it was there before.
    ///
    /// Whoever has the turn stores for all who wait. If it gives up meanwhile, the others hear [`StoreError::Slow`].
    pub(crate) async fn store(&self, context: Context, received: Arc<Received>) -> Stored {
        let (answer, mut answered) = oneshot::channel();
        self.waiting().push(Waiting {
            context,
            received,
            answer,
        });
        loop {
            tokio::select! {
                biased;
                stored = &mut answered => return stored.unwrap_or_else(|_| Err(StoreError::Slow.into())),
                _turn = self.turn.lock() => self.store_together(self.next()).await,
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those that have waited longest, as many as fit one statement. Who has given up is left out.
    fn next(&self) -> Vec<Waiting> {
        let mut waiting = self.waiting();
        waiting.retain(|one| !one.answer.is_closed());
        let (mut count, mut bytes) = (0, 0);
        for one in waiting.iter().take(MOST) {
            bytes += one.received.delivery.body.len();
            if 0 < count && MOST_BYTES < bytes {
                break;
            }
            count += 1;
        }
        waiting.drain(..count).collect()
    }

    async fn store_together(&self, group: Vec<Waiting>) {
        match self.store_all(&group).await {
            // PostgreSQL may refuse one of them; the others are not to suffer for it.
            Err(StoreError::Query(error)) if 1 < group.len() && !storage::error::is_unavailable(&error) => {
                for one in group {
                    let alone = [one];
                    let stored = self.store_all(&alone).await;
                    answer(alone, stored);
                }
            }
            stored => answer(group, stored),
        }
    }

    /// One statement outside a transaction, so that giving up on it leaves nothing open.
    async fn store_all(&self, group: &[Waiting]) -> Result<HashSet<Uuid>, StoreError> {
        let entries: Vec<_> = group
            .iter()
            .map(|one| (&one.context, &one.received.delivery, one.received.sequel()))
            .collect();
        let mut conn = self.database.get().await?;
        Ok(store_all(&mut conn, &entries).await?)
    }
}

/// Tells each what became of it. Who has given up hears nothing.
fn answer(group: impl IntoIterator<Item = Waiting>, stored: Result<HashSet<Uuid>, StoreError>) {
    let stored = stored.map_err(Arc::new);
    for one in group {
        let id = one.received.delivery.id;
        let _gone = one
            .answer
            .send(stored.as_ref().map(|new| new.contains(&id)).map_err(Arc::clone));
    }
}
