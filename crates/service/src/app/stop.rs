//! What makes a service stop.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Returns on SIGTERM, SIGINT or when `token` is cancelled.
pub(super) async fn requested(token: &CancellationToken) {
    tokio::select! {
        () = received(SignalKind::terminate()) => {}
        () = received(SignalKind::interrupt()) => {}
        () = token.cancelled() => {}
    }
}

async fn received(kind: SignalKind) {
    match signal(kind) {
        Ok(mut signals) => {
            signals.recv().await;
        }
        Err(failure) => {
            tracing::warn!(cause = %failure, "a signal cannot be received");
            std::future::pending::<()>().await;
        }
    }
}
