//! What the concierge promises, on real stores and against WhatsApp as the sandbox plays it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod confirmation;
mod house;
mod incoming;
mod late_news;
mod logs;
mod mailbox;
mod outages;
mod replica;
mod retries;
mod rows;
mod senders;
mod statuses;
mod templates;
mod unknown_outcome;
mod window;
