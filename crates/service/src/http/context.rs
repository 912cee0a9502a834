//! What is known about the request that is being answered, wherever in the call stack.

use std::future::Future;

tokio::task_local! {
    static CURRENT: Current;
}

/// The ids of a request.
#[derive(Debug, Clone)]
pub struct Current {
    /// Names this request in logs and between services.
    pub request_id: String,
    /// The trace it belongs to, if a tracer is installed.
    pub trace_id: Option<String>,
}

/// The request that is being answered; `None` in jobs and consumers.
#[must_use]
pub fn current() -> Option<Current> {
    CURRENT.try_with(Clone::clone).ok()
}

/// The `x-request-id` to pass on.
#[must_use]
pub fn request_id() -> Option<String> {
    CURRENT.try_with(|current| current.request_id.clone()).ok()
}

/// The `instance` of a problem: found in the logs by its trace id.
pub(crate) fn instance() -> Option<String> {
    let current = current()?;
    Some(format!(
        "/requests/{}",
        current.trace_id.unwrap_or(current.request_id)
    ))
}

pub(crate) async fn scope<F: Future>(current: Current, work: F) -> F::Output {
    CURRENT.scope(current, work).await
}
