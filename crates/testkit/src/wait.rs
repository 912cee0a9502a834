//! Waiting for something to become true, with a bound instead of a sleep.

use std::time::{Duration, Instant};

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Waits until `condition` holds.
///
/// # Panics
///
/// If it does not within `bound`.
#[track_caller]
pub fn wait_until<F>(bound: Duration, mut condition: F) -> impl Future<Output = ()>
where
    F: AsyncFnMut() -> bool,
{
    let caller = std::panic::Location::caller();
    async move {
        let deadline = Instant::now() + bound;
        while !condition().await {
            assert!(Instant::now() < deadline, "waited {bound:?} in vain at {caller}");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// Waits until `question` has an answer, and gives it.
///
/// # Panics
///
/// If it has none within `bound`.
#[track_caller]
pub fn wait_for<T, F>(bound: Duration, mut question: F) -> impl Future<Output = T>
where
    F: AsyncFnMut() -> Option<T>,
{
    let caller = std::panic::Location::caller();
    async move {
        let deadline = Instant::now() + bound;
        loop {
            if let Some(answer) = question().await {
                return answer;
            }
            assert!(Instant::now() < deadline, "waited {bound:?} in vain at {caller}");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}
