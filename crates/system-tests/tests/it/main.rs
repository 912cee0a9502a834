//! What no service can prove alone: the services together, as processes of their own, over real stores and the
//! sandbox's world, with one clock that the test moves.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test may panic"
)]

mod booking;
mod described;
mod disputes;
mod expiry;
mod faults;
mod kill;
mod model;
mod notifications;
mod world;
