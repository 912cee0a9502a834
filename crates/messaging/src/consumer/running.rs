//! Consumers at work, and how they stop.

use std::time::Duration;

use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// The running consumers of a service. Dropping them is like a crash: what was in hand is delivered again.
#[derive(Debug)]
pub struct RunningConsumers {
    stop: CancellationToken,
    workers: JoinSet<()>,
}

impl RunningConsumers {
    pub(super) fn new(stop: CancellationToken, workers: JoinSet<()>) -> Self {
        Self { stop, workers }
    }

    /// Takes nothing new, finishes the deliveries in hand and their acknowledgements, at most for `within`. What is
    /// not finished by then goes back to its queue.
    pub async fn stop(mut self, within: Duration) {
        self.stop.cancel();
        let finished = timeout(within, async {
            while self.workers.join_next().await.is_some() {}
        })
        .await;
        if finished.is_err() {
            warn!(
                queues = self.workers.len(),
                "deliveries still in hand go back to their queues"
            );
        }
    }
}

impl Drop for RunningConsumers {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
