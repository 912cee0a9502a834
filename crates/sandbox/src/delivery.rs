//! Webhooks on their way: one attempt to send, and a bounded log of all of them.

use std::{
    collections::VecDeque,
    net::IpAddr,
    sync::Mutex,
    time::{Duration, Instant},
};

use serde::Serialize;
use time::OffsetDateTime;
use url::{Host, Url};

use crate::{
    provider::Provider,
    state::{Shared, lock},
};

/// How many deliveries are remembered.
const KEPT: usize = 5_000;

/// A webhook ready to leave.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub(crate) url: Url,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// What one attempt came to.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Attempt {
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) at: OffsetDateTime,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    pub(crate) status: Option<u16>,
    /// The start of the receiver's answer.
    pub(crate) answer: Option<String>,
    pub(crate) failure: Option<String>,
    pub(crate) duration_ms: u128,
}

impl Attempt {
    /// Whether the provider takes the answer for success: Meta only a 200, Mercado Pago any 2xx.
    pub(crate) fn succeeded(&self, provider: Provider) -> bool {
        self.status.is_some_and(|status| match provider {
            Provider::WhatsApp => status == 200,
            Provider::MercadoPago | Provider::Channels => (200..300).contains(&status),
        })
    }

    /// An attempt without a receiver.
    pub(crate) fn nowhere(at: OffsetDateTime, headers: Vec<(&'static str, String)>, body: String) -> Self {
        let failure = Some("there is nowhere to send it".to_owned());
        Self {
            at,
            headers,
            body,
            status: None,
            answer: None,
            failure,
            duration_ms: 0,
        }
    }
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// Attempts go on.
    Underway,
    /// The receiver took it.
    Accepted,
    /// No attempt is left.
    GivenUp,
    /// A newer notice about the same thing took its place.
    Replaced,
    /// Never sent: notifications are paused, or there is nowhere to send it.
    Lost,
}

/// One webhook with all its attempts.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Delivery {
    pub(crate) number: u64,
    pub(crate) provider: Provider,
    /// What it tells of: `payment 123`, `message wamid.…`.
    pub(crate) about: String,
    /// `webhook` or `feed`.
    pub(crate) kind: String,
    pub(crate) url: Option<String>,
    pub(crate) standing: Standing,
    pub(crate) attempts: Vec<Attempt>,
}

/// A bounded log of deliveries, oldest first.
#[derive(Default)]
pub(crate) struct Deliveries(Mutex<Log>);

#[derive(Default)]
struct Log {
    last_number: u64,
    deliveries: VecDeque<Delivery>,
}

impl Deliveries {
    /// Starts the record of a delivery and returns its number.
    pub(crate) fn open(&self, provider: Provider, about: &str, kind: &str, url: Option<&Url>) -> u64 {
        let mut log = lock(&self.0);
        log.last_number += 1;
        let number = log.last_number;
        if log.deliveries.len() == KEPT {
            log.deliveries.pop_front();
        }
        log.deliveries.push_back(Delivery {
            number,
            provider,
            about: about.to_owned(),
            kind: kind.to_owned(),
            url: url.map(Url::to_string),
            standing: if url.is_some() {
                Standing::Underway
            } else {
                Standing::Lost
            },
            attempts: Vec::new(),
        });
        number
    }

    pub(crate) fn record(&self, number: u64, attempt: Attempt) {
        self.change(number, |delivery| {
            if attempt.succeeded(delivery.provider) {
                delivery.standing = Standing::Accepted;
            }
            delivery.attempts.push(attempt);
        });
    }

    pub(crate) fn settle(&self, number: u64, standing: Standing) {
        self.change(number, |delivery| delivery.standing = standing);
    }

    /// Whether a later delivery of the same kind tells of the same thing.
    pub(crate) fn has_newer(&self, number: u64, about: &str, kind: &str) -> bool {
        let log = lock(&self.0);
        log.deliveries
            .iter()
            .rev()
            .take_while(|delivery| number < delivery.number)
            .any(|delivery| {
                delivery.about == about && delivery.kind == kind && delivery.standing != Standing::Lost
            })
    }

    pub(crate) fn select(&self, wanted: impl Fn(&Delivery) -> bool) -> Vec<Delivery> {
        lock(&self.0)
            .deliveries
            .iter()
            .filter(|delivery| wanted(delivery))
            .cloned()
            .collect()
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).deliveries.clear();
    }

    fn change(&self, number: u64, change: impl FnOnce(&mut Delivery)) {
        let mut log = lock(&self.0);
        if let Some(delivery) = log
            .deliveries
            .iter_mut()
            .rev()
            .find(|delivery| delivery.number == number)
        {
            change(delivery);
        }
    }
}

/// Sends once. A played provider speaks to this machine only, whatever URL it was given.
pub(crate) async fn send(shared: &Shared, outgoing: &Outgoing) -> Attempt {
    let started = Instant::now();
    let mut attempt = Attempt {
        at: shared.clock.now(),
        headers: outgoing.headers.clone(),
        body: outgoing.body.clone(),
        status: None,
        answer: None,
        failure: None,
        duration_ms: 0,
    };
    if !is_local(&outgoing.url) {
        attempt.failure = Some("the sandbox sends to loopback only".to_owned());
        return attempt;
    }
    let mut request = shared
        .client
        .post(outgoing.url.clone())
        .body(outgoing.body.clone());
    for (name, value) in &outgoing.headers {
        request = request.header(*name, value);
    }
    match request.send().await {
        Ok(response) => {
            attempt.status = Some(response.status().as_u16());
            attempt.answer = response
                .text()
                .await
                .ok()
                .map(|text| text.chars().take(500).collect());
        }
        Err(error) => attempt.failure = Some(error.to_string()),
    }
    attempt.duration_ms = started.elapsed().as_millis();
    attempt
}

/// Waits between attempts; false when the sandbox was reset meanwhile.
pub(crate) async fn pause(shared: &Shared, epoch: u64, wait: Duration) -> bool {
    tokio::time::sleep(wait).await;
    shared.epoch() == epoch
}

/// Whether `url` leads to this machine by a literal loopback address or `localhost`.
pub(crate) fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}
