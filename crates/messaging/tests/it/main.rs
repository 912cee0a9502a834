//! What this crate promises, on a real RabbitMQ and PostgreSQL, with real crashes.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may panic, and show what it measures"
)]

mod alarm;
mod broker_crash;
mod connection;
mod consumer_crash;
mod dead_letters;
mod events_of_tests;
mod publish_and_consume;
mod relay;
mod relay_crash;
mod retries;
mod stop;
mod tracing_and_counting;
mod waiting_room_crash;
mod world;
