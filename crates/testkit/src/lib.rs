//! Real stores for tests: a database, a virtual host and a Redis of one's own, faults on demand, bounded waiting;
//! and answers of services, read whole.
//!
//! The stores are those of `deploy/dev/stores.sh up test`. Everything made here is removed when dropped, and what a
//! killed test left behind is swept by name an hour later.
//!
//! Only for `[dev-dependencies]`; what fails here panics, with a message that says what to do.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test without its stores has nothing to recover"
)]

pub mod answer;
pub mod broker;
pub mod database;
pub mod names;
pub mod private_broker;
pub mod proxy;
pub mod redis;
pub mod stores;
pub mod wait;

mod detached;

pub use answer::Answer;
pub use broker::TestBroker;
pub use database::TestDatabase;
pub use private_broker::PrivateBroker;
pub use proxy::Proxy;
pub use redis::TestRedis;
pub use wait::{wait_for, wait_until};
