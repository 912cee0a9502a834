//! Load over HTTP: at a pace, or all at once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use hdrhistogram::Histogram;
use reqwest::RequestBuilder;

/// What clients saw.
pub(crate) struct Load {
    /// In microseconds.
    latencies: Histogram<u64>,
    statuses: BTreeMap<u16, u64>,
    took: Duration,
}

impl Load {
    fn empty() -> anyhow::Result<Self> {
        Ok(Self {
            latencies: latencies()?,
            statuses: BTreeMap::new(),
            took: Duration::ZERO,
        })
    }

    fn add(&mut self, (status, latency): (u16, Duration)) {
        self.latencies
            .saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
        *self.statuses.entry(status).or_default() += 1;
    }

    /// Takes what other clients saw at the same time, or in another round.
    pub(crate) fn join(&mut self, other: &Self) -> anyhow::Result<()> {
        self.latencies.add(&other.latencies)?;
        for (status, count) in &other.statuses {
            *self.statuses.entry(*status).or_default() += count;
        }
        self.took += other.took;
        Ok(())
    }

    /// How many requests were answered.
    pub(crate) fn count(&self) -> u64 {
        self.latencies.len()
    }

    /// How many answers had this status; 0 counts those that never came.
    pub(crate) fn with_status(&self, status: u16) -> u64 {
        self.statuses.get(&status).copied().unwrap_or_default()
    }

    /// `201: 950, 409: 50`.
    pub(crate) fn statuses(&self) -> String {
        let counts: Vec<String> = self
            .statuses
            .iter()
            .map(|(status, count)| format!("{status}: {count}"))
            .collect();
        counts.join(", ")
    }

    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        f64::from(u32::try_from(self.count()).unwrap_or(u32::MAX)) / self.took.as_secs_f64()
    }

    /// The latency that this percentage of answers stayed below.
    pub(crate) fn percentile(&self, percentage: f64) -> Duration {
        Duration::from_micros(self.latencies.value_at_percentile(percentage))
    }
}

/// Latencies from a microsecond to a minute.
pub(crate) fn latencies() -> anyhow::Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, 60_000_000, 3)?)
}

async fn send(request: RequestBuilder) -> (u16, Duration) {
    let began = Instant::now();
    let status = match request.send().await {
        Ok(response) => {
            let status = response.status().as_u16();
            // The answer has come when its last byte has.
            if response.bytes().await.is_ok() { status } else { 0 }
        }
        Err(_) => 0,
    };
    (status, began.elapsed())
}

/// `rate` requests a second, whether or not earlier ones are answered: a slow answer delays no other.
pub(crate) async fn paced<F>(rate: u64, duration: Duration, request: F) -> anyhow::Result<Load>
where
    F: Fn(u64) -> RequestBuilder,
{
    let mut tick = tokio::time::interval(Duration::from_nanos(1_000_000_000 / rate));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let began = Instant::now();
    let mut sent = Vec::new();
    for number in 0..rate * duration.as_secs() {
        tick.tick().await;
        sent.push(tokio::spawn(send(request(number))));
    }
    let mut load = Load::empty()?;
    for answer in join_all(sent).await {
        load.add(answer?);
    }
    load.took = began.elapsed();
    Ok(load)
}

/// All at the same moment.
pub(crate) async fn at_once(requests: Vec<RequestBuilder>) -> anyhow::Result<Load> {
    let began = Instant::now();
    let sent = requests.into_iter().map(|request| tokio::spawn(send(request)));
    let mut load = Load::empty()?;
    for answer in join_all(sent).await {
        load.add(answer?);
    }
    load.took = began.elapsed();
    Ok(load)
}
