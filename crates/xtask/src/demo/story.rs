//! How the demonstration looks: numbered steps, aligned figures.
#![expect(clippy::print_stdout, reason = "the demonstration is what it prints")]

use std::time::Duration;

/// Numbers the steps and prints them.
pub(crate) struct Story {
    steps: u32,
}

impl Story {
    pub(crate) fn begin(title: &str) -> Self {
        println!("\n{title}");
        Self { steps: 0 }
    }

    /// Opens the next step.
    pub(crate) fn step(&mut self, title: &str, took: Duration) {
        self.steps += 1;
        println!("\n {:>2}  {title}  ({})", self.steps, milliseconds(took));
    }
}

/// One figure of the step: a name and its value.
pub(crate) fn figure(name: &str, value: impl std::fmt::Display) {
    println!("       {name:<14} {value}");
}

/// One line of the step as it is.
pub(crate) fn line(line: impl std::fmt::Display) {
    println!("       {line}");
}

/// The addresses at the end.
pub(crate) fn end(title: &str, addresses: &[(&str, String)]) {
    println!("\n{title}");
    for (name, address) in addresses {
        println!("       {name:<14} {address}");
    }
}

/// `12.3 ms`, without floating point.
pub(crate) fn milliseconds(duration: Duration) -> String {
    let tenths = duration.as_micros() / 100;
    format!("{}.{} ms", tenths / 10, tenths % 10)
}
