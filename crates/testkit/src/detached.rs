//! Asynchronous work inside `Drop`: on a thread of its own, since the test's runtime may be ending.

use std::thread;

/// Runs `work` to its end and waits for it. A panic inside is reported, but not passed on: the test may be panicking.
pub(crate) fn run<F: Future<Output = ()> + Send + 'static>(work: F) {
    let thread = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(work);
    });
    let _reported = thread.join();
}
