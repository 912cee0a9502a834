//! The `traceparent` and `tracestate` headers of W3C Trace Context, read strictly.
//!
//! An incoming value is untrusted: whatever is wrong with it, it is dropped and never fails a request.

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
use std::str::FromStr as _;

/// Reads a `traceparent`, and the `tracestate` beside it if it is well-formed.
///
/// `None` for anything the standard calls invalid: all-zero ids, version `ff`, upper-case hex, a wrong length, or
/// more fields than version `00` has. A higher version is read by the positions of its first four fields.
#[must_use]
pub fn parse(traceparent: &str, tracestate: Option<&str>) -> Option<SpanContext> {
    let (version, rest) = field(traceparent, 2)?;
    let (trace, rest) = field(after_dash(rest)?, 32)?;
    let (parent, rest) = field(after_dash(rest)?, 16)?;
    let (flags, rest) = field(after_dash(rest)?, 2)?;
    let complete = match version {
        "ff" => false,
        "00" => rest.is_empty(),
        _ => rest.is_empty() || rest.starts_with('-'),
    };
    if !complete {
        return None;
    }
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED;
    let state = tracestate
        .and_then(|text| TraceState::from_str(text).ok())
        .unwrap_or_default();
    let context = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(parent).ok()?,
        flags,
        true,
        state,
    );
    context.is_valid().then_some(context)
}

/// Writes the version `00` form of `context`; `None` for an empty context.
#[must_use]
pub fn format(context: &SpanContext) -> Option<String> {
    context.is_valid().then(|| {
        format!(
            "00-{}-{}-{:02x}",
            context.trace_id(),
            context.span_id(),
            (context.trace_flags() & TraceFlags::SAMPLED).to_u8()
        )
    })
}

/// The first `length` characters if they are lower-case hex, and what follows.
fn field(text: &str, length: usize) -> Option<(&str, &str)> {
    let (head, tail) = text.split_at_checked(length)?;
    let hex = head.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    hex.then_some((head, tail))
}

fn after_dash(text: &str) -> Option<&str> {
    text.strip_prefix('-')
}
