//! Where a command's answer goes: text for people, JSON for scripts.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing is what a command line does"
)]

use serde_json::Value;

use crate::spanish;

/// How answers are printed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// One answer: `text` for people, `value` for scripts.
    pub(crate) fn answer(self, text: &str, value: &Value) {
        if self.json {
            println!("{value}");
        } else {
            println!("{text}");
        }
    }

    /// What was wrong with the call.
    pub(crate) fn wrong_call(error: &clap::Error) {
        eprintln!("{}", spanish::refusal(error));
    }

    /// Why the command failed, with its chain of causes, on the error stream.
    pub(crate) fn failure(error: &anyhow::Error) {
        eprintln!("alojactl: {error:#}");
    }
}
