//! The last requests that the played providers received, with headers and bodies, for tests to look at.

use std::{collections::VecDeque, sync::Mutex};

use serde::Serialize;
use time::OffsetDateTime;

use crate::{provider::Provider, state::lock};

/// How many requests are remembered.
const KEPT: usize = 5_000;

/// One request as it arrived.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Request {
    pub(crate) number: u64,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) at: OffsetDateTime,
    pub(crate) provider: Provider,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// What was answered; `None` while it runs, or when the connection was cut.
    pub(crate) status: Option<u16>,
}

/// A bounded list of requests, oldest first.
#[derive(Default)]
pub(crate) struct Received(Mutex<Ring>);

#[derive(Default)]
struct Ring {
    last_number: u64,
    requests: VecDeque<Request>,
}

impl Received {
    /// Remembers `request` under a number of its own, which it returns.
    pub(crate) fn add(&self, mut request: Request) -> u64 {
        let mut ring = lock(&self.0);
        ring.last_number += 1;
        let number = ring.last_number;
        request.number = number;
        if ring.requests.len() == KEPT {
            ring.requests.pop_front();
        }
        ring.requests.push_back(request);
        number
    }

    pub(crate) fn answered(&self, number: u64, status: u16) {
        let mut ring = lock(&self.0);
        if let Some(request) = ring
            .requests
            .iter_mut()
            .rev()
            .find(|request| request.number == number)
        {
            request.status = Some(status);
        }
    }

    pub(crate) fn select(&self, wanted: impl Fn(&Request) -> bool) -> Vec<Request> {
        lock(&self.0)
            .requests
            .iter()
            .filter(|request| wanted(request))
            .cloned()
            .collect()
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).requests.clear();
    }
}
