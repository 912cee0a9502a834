//! The result, as rows of a Markdown table.

use std::fmt;
use std::time::Duration;

use crate::cost::Cost;

/// One measurement beside its floor and its aim. What does not apply is left out.
#[derive(Default)]
pub(crate) struct Row {
    pub(crate) what: String,
    /// Answers a second.
    pub(crate) rate: Option<f64>,
    pub(crate) latency: Option<(Duration, Duration)>,
    pub(crate) cost: Option<Cost>,
    /// What the floor is, and its answers a second.
    pub(crate) floor: Option<(&'static str, f64)>,
    pub(crate) aim: &'static str,
    pub(crate) reached: bool,
    pub(crate) note: String,
}

impl Row {
    /// Our rate as a share of the floor's.
    pub(crate) fn ratio(&self) -> Option<f64> {
        Some(self.rate? / self.floor?.1)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_dash = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
        let rate = or_dash(self.rate.map(|rate| format!("{rate:.0}/s")));
        let (p50, p99) = self
            .latency
            .map(|(p50, p99)| (milliseconds(p50), milliseconds(p99)))
            .unzip();
        let (app, database) = self
            .cost
            .map(|cost| (milliseconds(cost.app), milliseconds(cost.database)))
            .unzip();
        let floor = or_dash(self.floor.map(|(name, rate)| format!("{name}: {rate:.0}/s")));
        let ratio = or_dash(self.ratio().map(|ratio| format!("{ratio:.2}")));
        let reached = if self.reached { "yes" } else { "**no**" };
        let (what, aim, note) = (&self.what, self.aim, &self.note);
        let [p50, p99, app, database] = [p50, p99, app, database].map(or_dash);
        write!(
            f,
            "| {what} | {rate} | {p50} | {p99} | {app} | {database} | {floor} | {ratio} | {aim} | {reached} | {note} |"
        )
    }
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1_000.0)
}
