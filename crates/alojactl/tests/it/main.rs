//! The command line as people and scripts use it: the program itself, on real stores.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod dead_letters;
mod doctor;
mod help;
mod ical;
mod payments;
mod program;
