//! Answers on order: everything that goes wrong with feeds in the wild.

use std::{collections::BTreeMap, convert::Infallible, io::Write, time::Duration};

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    web::Bytes,
};
use flate2::{Compression, write::GzEncoder};
use futures_util::stream;
use serde::{Deserialize, Serialize};

use crate::watch::cut;

/// An answer for the next fetches.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Scripted {
    #[serde(flatten)]
    pub(crate) answer: Answer,
    /// How many; for ever if absent.
    pub(crate) times: Option<u32>,
}

/// What a feed answers instead of its calendar.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Answer {
    /// The calendar after all; for the healthy turns within a script.
    Calendar,
    /// A status, with or without body and headers (`Retry-After`).
    Status {
        status: u16,
        #[serde(default)]
        headers: BTreeMap<String, String>,
        #[serde(default)]
        body: String,
    },
    /// A redirect to any address.
    Redirect {
        to: String,
        #[serde(default = "found")]
        status: u16,
    },
    /// A login page with 200.
    Html,
    /// Zero bytes with 200.
    Empty,
    /// The calendar, cut inside its last event, with 200.
    Truncated,
    /// A valid calendar without events.
    NoEvents,
    /// The calendar, a few bytes at a time.
    Slow {
        #[serde(default = "one")]
        bytes: usize,
        #[serde(default = "second")]
        every_ms: u64,
    },
    /// A small gzip that unpacks to this many MiB of calendar.
    Bomb { mebibytes: u32 },
    /// This many MiB of calendar, not compressed.
    Huge { mebibytes: u32 },
    /// Any text.
    Raw {
        body: String,
        #[serde(default = "calendar_type")]
        content_type: String,
    },
    /// Any bytes, in hexadecimal.
    Bytes { hex: String },
    /// No answer for ten minutes.
    Hang,
    /// The connection closes before the first byte.
    Close,
}

fn found() -> u16 {
    302
}

fn one() -> usize {
    1
}

fn second() -> u64 {
    1_000
}

fn calendar_type() -> String {
    CALENDAR.to_owned()
}

/// The media type of feeds.
pub(crate) const CALENDAR: &str = "text/calendar; charset=utf-8";

const LOGIN: &str =
    "<!doctype html><html><head><title>Log in</title></head><body><h1>Log in</h1></body></html>";
const MEBIBYTE: usize = 1024 * 1024;

/// Gives the answer; `file` is the calendar as it would be.
pub(crate) async fn give(answer: Answer, file: String) -> HttpResponse {
    match answer {
        Answer::Calendar => calendar(file),
        Answer::Status {
            status,
            headers,
            body,
        } => {
            let mut response = HttpResponse::build(code(status)).body(body);
            for (name, value) in headers {
                if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                    response.headers_mut().insert(name, value);
                }
            }
            response
        }
        Answer::Redirect { to, status } => HttpResponse::build(code(status))
            .insert_header((header::LOCATION, to))
            .finish(),
        Answer::Html => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .body(LOGIN),
        Answer::Empty => calendar(String::new()),
        Answer::Truncated => calendar(truncate(&file)),
        Answer::NoEvents => calendar(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//sandbox//empty//EN\r\nEND:VCALENDAR\r\n".to_owned(),
        ),
        Answer::Slow { bytes, every_ms } => slow(&file, bytes.max(1), Duration::from_millis(every_ms)),
        Answer::Bomb { mebibytes } => HttpResponse::Ok()
            .content_type(CALENDAR)
            .insert_header((header::CONTENT_ENCODING, "gzip"))
            .body(bomb(mebibytes).unwrap_or_default()),
        Answer::Huge { mebibytes } => huge(mebibytes),
        Answer::Raw { body, content_type } => HttpResponse::Ok().content_type(content_type).body(body),
        Answer::Bytes { hex } => HttpResponse::Ok()
            .content_type(CALENDAR)
            .body(hex::decode(hex).unwrap_or_default()),
        Answer::Hang => {
            tokio::time::sleep(Duration::from_mins(10)).await;
            cut()
        }
        Answer::Close => cut(),
    }
}

fn calendar(file: String) -> HttpResponse {
    HttpResponse::Ok().content_type(CALENDAR).body(file)
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The file up to the middle of its last event, or without its end.
fn truncate(file: &str) -> String {
    let end = file
        .rfind("END:VEVENT")
        .or_else(|| file.rfind("END:VCALENDAR"))
        .unwrap_or(0);
    file.chars()
        .take(
            file.get(..end)
                .unwrap_or_default()
                .chars()
                .count()
                .saturating_sub(4),
        )
        .collect()
}

fn slow(file: &str, bytes: usize, every: Duration) -> HttpResponse {
    let chunks: Vec<Bytes> = file
        .as_bytes()
        .chunks(bytes)
        .map(Bytes::copy_from_slice)
        .collect();
    let drip = stream::unfold(chunks.into_iter(), move |mut chunks| async move {
        tokio::time::sleep(every).await;
        let chunk = chunks.next()?;
        Some((Ok::<_, Infallible>(chunk), chunks))
    });
    HttpResponse::Ok().content_type(CALENDAR).streaming(drip)
}

/// A line that ends as iCal lines do and means nothing.
fn padding() -> Bytes {
    let line = format!("X-PADDING:{}\r\n", "0".repeat(60));
    Bytes::from(line.repeat(MEBIBYTE / line.len()))
}

fn bomb(mebibytes: u32) -> std::io::Result<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")?;
    let padding = padding();
    for _mebibyte in 0..mebibytes {
        gzip.write_all(&padding)?;
    }
    gzip.write_all(b"END:VCALENDAR\r\n")?;
    gzip.finish()
}

fn huge(mebibytes: u32) -> HttpResponse {
    let padding = padding();
    let middle = (0..mebibytes).map(move |_| padding.clone());
    let parts = std::iter::once(Bytes::from_static(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"))
        .chain(middle)
        .chain(std::iter::once(Bytes::from_static(b"END:VCALENDAR\r\n")));
    HttpResponse::Ok()
        .content_type(CALENDAR)
        .streaming(stream::iter(parts.map(Ok::<_, Infallible>)))
}
