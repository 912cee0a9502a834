//! The delays between the tries of one message.

use std::time::Duration;

/// How long a message waits after its first, second, … failure; after the last step it is dead.
#[derive(Debug, Clone)]
pub struct RetryLadder {
    steps: Vec<RetryStep>,
}

/// One rung: a queue in which messages wait for `delay`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryStep {
    /// The name of both the queue and the fanout exchange before it. It contains the delay, so that another delay is
    /// another queue: RabbitMQ refuses to change the TTL of an existing one.
    pub name: String,
    /// How long a message stays.
    pub delay: Duration,
}

impl Default for RetryLadder {
    /// 5 s, 30 s, 2 min, 10 min: a deadlock, a restart, a short outage, a deployment.
    fn default() -> Self {
        Self::new(&[5, 30, 120, 600].map(Duration::from_secs))
    }
}

impl RetryLadder {
    /// A ladder with these delays, in whole milliseconds.
    #[must_use]
    pub fn new(delays: &[Duration]) -> Self {
        let steps = delays.iter().map(|delay| RetryStep {
            name: format!("alojamientos.retry.{}", short(*delay)),
            delay: *delay,
        });
        Self {
            steps: steps.collect(),
        }
    }

    /// The step after `failures` earlier failures, or `None` when all have been used.
    #[must_use]
    pub fn step(&self, failures: u32) -> Option<&RetryStep> {
        usize::try_from(failures)
            .ok()
            .and_then(|index| self.steps.get(index))
    }

    /// All steps, shortest wait first.
    #[must_use]
    pub fn steps(&self) -> &[RetryStep] {
        &self.steps
    }
}

/// `5s`, `2m`, `150ms`: the largest unit that is exact.
fn short(delay: Duration) -> String {
    let millis = delay.as_millis();
    if millis == 0 || !millis.is_multiple_of(1_000) {
        format!("{millis}ms")
    } else if !millis.is_multiple_of(60_000) {
        format!("{}s", millis / 1_000)
    } else {
        format!("{}m", millis / 60_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_ladder_has_the_four_documented_queues() {
        let ladder = RetryLadder::default();
        let names: Vec<_> = ladder.steps().iter().map(|step| step.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "alojamientos.retry.5s",
                "alojamientos.retry.30s",
                "alojamientos.retry.2m",
                "alojamientos.retry.10m"
            ]
        );
    }

    #[test]
    fn after_the_last_step_there_is_none() {
        let ladder = RetryLadder::new(&[Duration::from_millis(150)]);
        assert_eq!(
            ladder.step(0).map(|step| step.name.as_str()),
            Some("alojamientos.retry.150ms")
        );
        assert_eq!(ladder.step(1), None);
    }
}
