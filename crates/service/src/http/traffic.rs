//! Metrics of the HTTP traffic, with labels that no stranger can make grow.

use std::time::Duration;

use telemetry::metrics::{Counter, Gauge, Histogram};

/// What a request without a route is counted under.
pub const UNMATCHED: &str = "unmatched";

/// The methods that are counted by name.
const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// `http_requests_total`, `http_request_duration_seconds` and `http_requests_in_flight` of one service.
#[derive(Debug, Clone)]
pub struct Traffic {
    service: &'static str,
    requests: Counter,
    duration: Histogram,
    in_flight: Gauge,
}

/// A request that is being served; dropping it ends it.
pub(crate) struct InFlight {
    service: &'static str,
    gauge: Gauge,
}

impl Traffic {
    pub(crate) fn new(service: &'static str) -> Self {
        let requests = Counter::new(
            "http_requests_total",
            "HTTP requests answered, without probes.",
            &[
                ("service", &[]),
                ("method", METHODS),
                ("route", &[]),
                ("status", &[]),
            ],
        );
        for status in ["404", "500", "503"] {
            let labels = [
                ("service", service),
                ("method", "GET"),
                ("route", UNMATCHED),
                ("status", status),
            ];
            requests.add(0, &labels);
        }
        let duration = Histogram::seconds(
            "http_request_duration_seconds",
            "From the headers' arrival to the answer.",
            &[("service", &[]), ("method", METHODS), ("route", &[])],
        );
        let in_flight = Gauge::new(
            "http_requests_in_flight",
            "HTTP requests being served.",
            &["service"],
        );
        in_flight.add(&[service], 0.0);
        Self {
            service,
            requests,
            duration,
            in_flight,
        }
    }

    pub(crate) fn begin(&self) -> InFlight {
        self.in_flight.add(&[self.service], 1.0);
        InFlight {
            service: self.service,
            gauge: self.in_flight.clone(),
        }
    }

    pub(crate) fn end(&self, method: &str, route: &str, status: u16, took: Duration) {
        let labels = [("service", self.service), ("method", method), ("route", route)];
        self.duration.observe(took, &labels);
        let [service, method, route] = labels;
        self.requests
            .increment(&[service, method, route, ("status", &status.to_string())]);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.gauge.add(&[self.service], -1.0);
    }
}
