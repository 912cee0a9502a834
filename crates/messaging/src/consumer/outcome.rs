//! What a handler says became of a delivery.

/// Why, for the log and the dead-letter queue. Like every error it names no person.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A handler's verdict.
#[derive(Debug)]
pub enum Outcome {
    /// It is done, or it was done before: acknowledge.
    Done,
    /// It may succeed later: on to the next retry queue, or to the dead ones when all are used. A panic counts as this.
    Retry(Cause),
    /// It can never succeed: dead at once.
    Reject(Cause),
    /// A store that every message needs is away. This message keeps its place and its tries, and is handled again
    /// in this process after a pause, so that an outage of an hour does not fill the dead-letter queue.
    Postpone(Cause),
}
