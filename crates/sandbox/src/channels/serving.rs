//! `GET /channels/{name}.ics`: the feed, with `ETag` and 304, unless a script says otherwise.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HttpDate},
    web::Path,
};
use ring::digest::{SHA256, digest};
use time::{Date, OffsetDateTime, UtcOffset, macros::offset};

use super::{
    answer::{self, Answer, CALENDAR},
    calendar::Calendar,
    dialect, echo,
};
use crate::state::{App, lock};

/// Where the channels' days begin.
const ZONE: UtcOffset = offset!(-3);

/// Answers a fetch.
pub(crate) async fn serve(app: App, name: Path<String>, request: HttpRequest) -> HttpResponse {
    echo::refresh(&app, &name).await;
    let now = app.clock.now();
    let (script, calendar) = {
        let mut world = lock(&app.channels);
        let Some(calendar) = world.calendars.get_mut(name.as_str()) else {
            return HttpResponse::NotFound().finish();
        };
        (calendar.next_answer(), calendar.clone())
    };
    let today = today(now);
    match script {
        None | Some(Answer::Calendar) => conditional(&calendar, &request, now, today),
        Some(scripted) => answer::give(scripted, dialect::write(&calendar, now, today)).await,
    }
}

/// The day that the channels call today.
pub(crate) fn today(now: OffsetDateTime) -> Date {
    now.to_offset(ZONE).date()
}

fn conditional(calendar: &Calendar, request: &HttpRequest, now: OffsetDateTime, today: Date) -> HttpResponse {
    let tag = tag(calendar, today);
    let modified = HttpDate::from(std::time::SystemTime::from(calendar.changed));
    let given = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value: &header::HeaderValue| value.to_str().ok())
    };
    let unchanged = match (given(header::IF_NONE_MATCH), given(header::IF_MODIFIED_SINCE)) {
        (Some(tags), _) => tags.split(',').any(|known| {
            known.trim() == "*" || known.trim().trim_start_matches("W/") == tag.trim_start_matches("W/")
        }),
        (None, Some(since)) => since.parse::<HttpDate>().is_ok_and(|since| modified <= since),
        (None, None) => false,
    };
    let mut response = if unchanged {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((header::ETAG, tag))
        .insert_header((header::LAST_MODIFIED, modified));
    if unchanged {
        return response.finish();
    }
    response
        .content_type(CALENDAR)
        .body(dialect::write(calendar, now, today))
}

/// Strong where the same nights give the same bytes, else weak: some stamp every event at every fetch.
fn tag(calendar: &Calendar, today: Date) -> String {
    let without_time = dialect::write(calendar, OffsetDateTime::UNIX_EPOCH, today);
    let hash = hex::encode(digest(&SHA256, without_time.as_bytes()));
    let (short, _) = hash.split_at(32);
    if calendar.dialect.is_stable() {
        format!("\"{short}\"")
    } else {
        format!("W/\"{short}\"")
    }
}
