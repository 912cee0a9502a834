//! Reading thousands of calendars of fifty stays from a local server: when nothing changed, and when all of them did.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::http::header::{ETAG, IF_NONE_MATCH};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::ensure;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::Client;
use secrecy::ExposeSecret as _;
use serde_json::json;
use tokio_postgres::NoTls;

use crate::cost::Cost;
use crate::lodgings;
use crate::table::Row;
use crate::target::Target;

const CHANNELS: [&str; 2] = ["airbnb", "booking"];
const STAYS: u64 = 50;
const PATIENCE: Duration = Duration::from_mins(15);

/// How many feeds are measured, one after the other.
const NUMBERS: [usize; 3] = [200, 2_000, 20_000];

/// Whether a feed was not read or not written down since it was last wanted, or an event is not announced.
const UNDONE: &str = "SELECT EXISTS (SELECT FROM outbox_events WHERE published_at IS NULL) \
                      OR EXISTS (SELECT FROM ical_feeds WHERE next_fetch_at <= now() + interval '150 s')";

/// Measures growing numbers of feeds, the small one first.
pub(crate) async fn measure(target: &Target, show: fn(&Row)) -> anyhow::Result<()> {
    let calendars = Arc::new(AtomicU64::new(0));
    let server = serve(&calendars, target.calendars_port)?;
    let mut feeds = 0;
    for number in NUMBERS {
        let lodgings = lodgings::enter(target, (number - feeds) / CHANNELS.len()).await?;
        add(target, &lodgings).await?;
        feeds = number;
        done(target).await?;
        show(&round(target, number, "unchanged", "≥ 300/s", 300.0).await?);
        calendars.fetch_add(1, Ordering::Relaxed);
        show(&round(target, number, "all changed", "≥ 100/s", 100.0).await?);
    }
    server.stop(false).await;
    Ok(())
}

/// Every feed once, until all that it said is stored and announced.
async fn round(
    target: &Target,
    feeds: usize,
    how: &str,
    aim: &'static str,
    least: f64,
) -> anyhow::Result<Row> {
    let feeds = u32::try_from(feeds)?;
    let before = Cost::so_far(target, &["ical-sync"])?;
    let began = Instant::now();
    let url = format!("{}/internal/v1/admin/feeds/sync", target.ical_sync_url);
    let answer = internal(target, Client::new().post(url)).send().await?;
    ensure!(
        answer.status().is_success(),
        "feeds cannot be read: {}",
        answer.status()
    );
    done(target).await?;
    let rate = f64::from(feeds) / began.elapsed().as_secs_f64();
    let cost = Cost::so_far(target, &["ical-sync"])?.since(before, feeds.into());
    Ok(Row {
        what: format!("{feeds} feeds of {STAYS} stays read, {how}"),
        rate: Some(rate),
        cost: Some(cost),
        aim,
        reached: least <= rate,
        ..Row::default()
    })
}

/// Waits until there is nothing left to read, to store or to announce.
async fn done(target: &Target) -> anyhow::Result<()> {
    let (client, connection) = tokio_postgres::connect(target.database_url.expose_secret(), NoTls).await?;
    tokio::spawn(connection);
    let began = Instant::now();
    loop {
        let undone: bool = client.query_one(UNDONE, &[]).await?.get(0);
        if !undone {
            return Ok(());
        }
        ensure!(began.elapsed() < PATIENCE, "feeds or events are left");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Adds the feeds of these lodgings; each is read before it is added.
async fn add(target: &Target, lodgings: &[i64]) -> anyhow::Result<()> {
    let client = Client::new();
    let feeds = lodgings
        .iter()
        .flat_map(|lodging| CHANNELS.map(|channel| (*lodging, channel)));
    let adding = feeds.map(|(lodging, channel)| {
        let url = format!(
            "{}/internal/v1/admin/accommodations/{lodging}/feeds",
            target.ical_sync_url
        );
        let calendar = format!(
            "http://127.0.0.1:{}/{lodging}/{channel}.ics",
            target.calendars_port
        );
        let request =
            internal(target, client.post(url)).json(&json!({ "channel": channel, "url": calendar }));
        async move {
            let answer = request.send().await?;
            let status = answer.status();
            ensure!(
                status.as_u16() == 201,
                "a feed was refused: {status} {}",
                answer.text().await?
            );
            Ok(())
        }
    });
    stream::iter(adding).buffer_unordered(8).try_collect().await
}

fn internal(target: &Target, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    request
        .header("x-internal-token", &target.internal_api_token)
        .header("x-actor", "staff:bench@example.com")
}

fn serve(calendars: &Arc<AtomicU64>, port: u16) -> anyhow::Result<ServerHandle> {
    let calendars = web::Data::from(calendars.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(calendars.clone())
            .default_service(web::to(answer))
    });
    let running = server
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", port))?
        .run();
    let handle = running.handle();
    tokio::spawn(running);
    Ok(handle)
}

async fn answer(request: HttpRequest, version: web::Data<AtomicU64>) -> HttpResponse {
    let version = version.load(Ordering::Relaxed);
    let etag = format!("\"{version}\"");
    let known = request
        .headers()
        .get(IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == etag.as_bytes());
    if known {
        return HttpResponse::NotModified().insert_header((ETAG, etag)).finish();
    }
    HttpResponse::Ok()
        .insert_header((ETAG, etag))
        .content_type("text/calendar")
        .body(written(request.path(), version))
}

/// Fifty stays of two nights, a week apart; each version has its stays a day later.
fn written(path: &str, version: u64) -> String {
    let today = time::OffsetDateTime::from(std::time::SystemTime::now()).date();
    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\n".to_owned();
    for stay in 0..STAYS {
        let days = i64::try_from(stay * 7 + version).unwrap_or_default();
        let start = today + time::Duration::days(1 + days);
        let end = start + time::Duration::days(2);
        let day =
            |date: time::Date| format!("{:04}{:02}{:02}", date.year(), u8::from(date.month()), date.day());
        let _never_fails = write!(
            text,
            "BEGIN:VEVENT\r\nUID:{stay}{path}@bench.example\r\nDTSTAMP:20261124T120000Z\r\n\
             DTSTART;VALUE=DATE:{}\r\nDTEND;VALUE=DATE:{}\r\nSUMMARY:Reserved\r\nEND:VEVENT\r\n",
            day(start),
            day(end),
        );
    }
    text.push_str("END:VCALENDAR\r\n");
    text
}
