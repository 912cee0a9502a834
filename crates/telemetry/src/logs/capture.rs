//! The JSON lines of a test process, to be read by its tests.

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, PoisonError};

use tracing::Subscriber;
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, fmt};

use super::json::{JsonLines, SpanFields};

/// How many lines are kept.
const KEPT: usize = 20_000;

static LINES: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

/// The lines written since [`for_tests`](crate::for_tests) was called, by all tests of the process: look for your
/// own by a trace id, a request id or a code.
#[must_use]
pub fn captured() -> Vec<String> {
    LINES
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .iter()
        .cloned()
        .collect()
}

pub(crate) fn layer<S>() -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fmt::layer()
        .fmt_fields(SpanFields)
        .event_format(JsonLines::new("test"))
        .with_writer(Capture)
        .with_filter(EnvFilter::new("info"))
        .boxed()
}

struct Capture;

impl<'a> MakeWriter<'a> for Capture {
    type Writer = Capture;

    fn make_writer(&'a self) -> Capture {
        Capture
    }
}

impl io::Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT {
            lines.pop_front();
        }
        lines.push_back(String::from_utf8_lossy(bytes).trim_end().to_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
