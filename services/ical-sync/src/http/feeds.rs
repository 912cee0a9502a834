//! Feeds: added after they have been read once, paused, read now, removed.

use actix_web::{HttpResponse, web};
use api::feed::{AddFeedRequest, Feed, FeedAdded, FeedEvent};
use calendar::{Channel, ParseContext, Verdict, Zone};
use diesel_async::AsyncConnection as _;
use domain::accommodation::AccommodationId;
use service::http::Json;
use storage::calendar_blocks;
use storage::ical_feeds::{self, FeedChange, NewFeed};
use storage::{accommodations, ical_feeds::Feed as Stored};
use url::Url;

use crate::fetch::{Fetched, Validators};
use crate::http::error::ApiError;
use crate::state::AppState;
use crate::use_cases::conflicts::settle_conflicts;

type Answer = Result<HttpResponse, ApiError>;

/// How many events of a new feed are shown.
const SHOWN: usize = 200;

pub(in crate::http) async fn of_accommodation(state: web::Data<AppState>, id: web::Path<i64>) -> Answer {
    listed(&state, Some(*id)).await
}

pub(in crate::http) async fn all(state: web::Data<AppState>) -> Answer {
    listed(&state, None).await
}

pub(in crate::http) async fn show(state: web::Data<AppState>, id: web::Path<i64>) -> Answer {
    let mut conn = state.database.get().await?;
    let feed = ical_feeds::find(&mut conn, *id)
        .await?
        .ok_or(ApiError::NotFound)?;
    Ok(HttpResponse::Ok().json(shown(&state, feed)))
}

/// Adds a feed: 201 with what it says now, 409 if it is known, 422 if it cannot be read.
pub(in crate::http) async fn add(
    state: web::Data<AppState>,
    id: web::Path<i64>,
    Json(request): Json<AddFeedRequest>,
) -> Answer {
    let channel: Channel = request.channel.parse().or(Err(ApiError::UnknownChannel))?;
    let mut conn = state.database.get().await?;
    let lodging = accommodations::find(&conn, AccommodationId(*id))
        .await?
        .ok_or(ApiError::NotFound)?;
    drop(conn);
    let zone = Zone::named(&lodging.facts.time_zone).unwrap_or(Zone::UTC);
    let now = state.clock.now();
    let url = state.fetcher.check(&request.url)?.to_string();
    let Fetched::Body { bytes, .. } = state.fetcher.fetch(&url, &Validators::default(), now).await? else {
        return Err(ApiError::Internal(
            "a feed is unchanged before it was read".into(),
        ));
    };
    let domain = state.settings.ical_uid_domain.clone();
    let today = zone.date_of(now);
    let parsed = tokio::task::spawn_blocking(move || {
        let usual = ParseContext::new(zone, today);
        calendar::parse(
            &bytes,
            &ParseContext {
                channel: Some(channel),
                own_uid_domain: Some(&domain),
                ..usual
            },
        )
    });
    let parsed = parsed.await.map_err(|error| ApiError::Internal(error.into()))?;
    if let Verdict::Broken(broken) = parsed.verdict {
        return Err(ApiError::NoCalendar(broken));
    }
    let events = parsed.events.iter().take(SHOWN).map(|event| FeedEvent {
        starts_on: event.nights.start(),
        ends_on: event.nights.end(),
        kind: event.kind.as_str().to_owned(),
    });
    let events: Vec<FeedEvent> = events.collect();
    let feed = NewFeed {
        accommodation_id: *id,
        channel: channel.as_str().to_owned(),
        url,
    };
    conn = state.database.get().await?;
    let feed = ical_feeds::insert(&mut conn, &feed, now).await?;
    state.sync_now.nudge();
    Ok(HttpResponse::Created().json(FeedAdded {
        feed: shown(&state, feed),
        events,
    }))
}

pub(in crate::http) async fn sync(state: web::Data<AppState>, id: web::Path<i64>) -> Answer {
    let now = state.clock.now();
    change(
        &state,
        *id,
        FeedChange {
            next_fetch_at: Some(now),
            ..FeedChange::default()
        },
    )
    .await
}

pub(in crate::http) async fn pause(state: web::Data<AppState>, id: web::Path<i64>) -> Answer {
    change(
        &state,
        *id,
        FeedChange {
            paused: Some(true),
            ..FeedChange::default()
        },
    )
    .await
}

pub(in crate::http) async fn resume(state: web::Data<AppState>, id: web::Path<i64>) -> Answer {
    let now = state.clock.now();
    change(
        &state,
        *id,
        FeedChange {
            paused: Some(false),
            next_fetch_at: Some(now),
            ..FeedChange::default()
        },
    )
    .await
}

/// Makes every feed due: 202 with how many there are.
pub(in crate::http) async fn sync_all(state: web::Data<AppState>) -> Answer {
    let mut conn = state.database.get().await?;
    let feeds = ical_feeds::make_all_due(&mut conn, state.clock.now()).await?;
    state.sync_now.nudge();
    Ok(HttpResponse::Accepted().json(serde_json::json!({ "feeds": feeds })))
}

/// Removes a feed and releases what only it closed: 204.
pub(in crate::http) async fn remove(state: web::Data<AppState>, id: web::Path<i64>) -> Answer {
    let context = state.own_context();
    let mut conn = state.database.get().await?;
    let feed = ical_feeds::find(&mut conn, *id)
        .await?
        .ok_or(ApiError::NotFound)?;
    let accommodation = AccommodationId(feed.accommodation_id);
    conn.transaction(async |conn| {
        accommodations::lock(conn, accommodation).await?;
        for mut block in calendar_blocks::listed_by(conn, feed.id).await? {
            block.muted = false;
            block.removed_at = Some(context.now);
            block.updated_at = context.now;
            calendar_blocks::update(conn, &block).await?;
        }
        let removed = FeedChange {
            removed_at: Some(context.now),
            updated_at: Some(context.now),
            ..FeedChange::default()
        };
        ical_feeds::update(conn, feed.id, &removed).await?;
        settle_conflicts(conn, &context, accommodation).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn change(state: &AppState, id: i64, change: FeedChange) -> Answer {
    let mut conn = state.database.get().await?;
    ical_feeds::find(&mut conn, id).await?.ok_or(ApiError::NotFound)?;
    ical_feeds::update(&mut conn, id, &change).await?;
    state.sync_now.nudge();
    let feed = ical_feeds::find(&mut conn, id).await?.ok_or(ApiError::NotFound)?;
    Ok(HttpResponse::Accepted().json(shown(state, feed)))
}

async fn listed(state: &AppState, accommodation: Option<i64>) -> Answer {
    let mut conn = state.database.get().await?;
    let feeds = ical_feeds::list(&mut conn, accommodation, 500).await?;
    let items: Vec<Feed> = feeds.into_iter().map(|(feed, _)| shown(state, feed)).collect();
    Ok(HttpResponse::Ok().json(api::Page {
        items,
        next_cursor: None,
    }))
}

/// A feed without the secret parts of its URL.
fn shown(state: &AppState, feed: Stored) -> Feed {
    let host = Url::parse(&feed.url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    let read_at = feed.last_success_at.unwrap_or(feed.created_at);
    Feed {
        id: feed.id,
        accommodation_id: feed.accommodation_id,
        channel: feed.channel,
        host: host.unwrap_or_default(),
        paused: feed.paused,
        state: feed.state,
        reason: feed.state_reason,
        since: feed.state_since,
        last_success_at: feed.last_success_at,
        next_fetch_at: feed.next_fetch_at,
        age_minutes: (state.clock.now() - read_at).whole_minutes(),
    }
}
