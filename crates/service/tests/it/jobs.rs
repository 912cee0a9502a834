//! Jobs that run by the clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use service::background::Background;
use service::jobs::{Nudge, every};

use crate::harness::wait_until;

const NEVER: Duration = Duration::from_hours(1);

#[tokio::test]
async fn a_job_runs_at_once_and_again_when_nudged() {
    let (background, nudge, runs) = (Background::new(), Nudge::new(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&runs);
    every(&background, "nudged", NEVER, nudge.clone(), move || {
        count.fetch_add(1, Ordering::SeqCst);
        async { Ok::<_, std::io::Error>(()) }
    });
    wait_until(async || runs.load(Ordering::SeqCst) == 1).await;
    nudge.nudge();
    wait_until(async || runs.load(Ordering::SeqCst) == 2).await;
    assert!(background.stop(Duration::from_secs(1)).await);
}

#[tokio::test]
async fn failures_and_panics_do_not_end_a_job() {
    telemetry::for_tests();
    let (background, runs) = (Background::new(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&runs);
    every(
        &background,
        "stumbling",
        Duration::from_millis(1),
        Nudge::new(),
        move || {
            let run = count.fetch_add(1, Ordering::SeqCst);
            async move {
                match run {
                    0 => Err(std::io::Error::other("first run")),
                    1 => panic!("second run"),
                    _ => Ok(()),
                }
            }
        },
    );
    wait_until(async || 4 < runs.load(Ordering::SeqCst)).await;
    assert!(background.stop(Duration::from_secs(1)).await);
    let page = telemetry::metrics::render();
    assert!(
        page.contains(r#"job_runs_total{job="stumbling",result="failed"} 1"#),
        "{page}"
    );
    assert!(page.contains(r#"job_runs_total{job="stumbling",result="panicked"} 1"#));
}

#[tokio::test]
async fn a_run_in_progress_is_finished_before_the_end() {
    let (background, finished) = (Background::new(), Arc::new(AtomicUsize::new(0)));
    let (started, count) = (Arc::new(AtomicUsize::new(0)), Arc::clone(&finished));
    let begun = Arc::clone(&started);
    every(&background, "long", NEVER, Nudge::new(), move || {
        begun.fetch_add(1, Ordering::SeqCst);
        let count = Arc::clone(&count);
        async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            count.fetch_add(1, Ordering::SeqCst);
            Ok::<_, std::io::Error>(())
        }
    });
    wait_until(async || started.load(Ordering::SeqCst) == 1).await;
    assert!(background.stop(Duration::from_secs(1)).await);
    assert_eq!(finished.load(Ordering::SeqCst), 1);
}
