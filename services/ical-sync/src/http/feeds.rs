//! Feeds: shown before and after they are added, changed, paused, read now, released, removed.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use api::feed::{
    AddFeedRequest, ChangeFeedRequest, FeedAdded, PreviewFeedRequest, RecheckRequest, Rechecked,
};
use calendar::{Channel, Parsed, Zone};
use domain::accommodation::AccommodationId;
use service::http::paging::{self, Asked};
use service::http::{Json, Query};
use service::internal::Actor;
use storage::accommodations;
use storage::ical_feeds::{self, NewFeed};
use time::Date;

use crate::http::error::ApiError;
use crate::http::shown;
use crate::state::AppState;
use crate::use_cases::change_feed::{Wish, change_feed};
use crate::use_cases::read_feed::{Source, read_feed};
use crate::use_cases::recheck::recheck as recheck_feeds;
use crate::use_cases::remove_feed::remove_feed;
use crate::use_cases::standing::Readers;

type Answer = Result<HttpResponse, ApiError>;

/// How many are shown at most.
const MOST: i64 = 200;

/// The longest that a caller may wait for a recheck; less than calls between services last.
const LONGEST_RECHECK: Duration = Duration::from_secs(4);

/// The feeds of a lodging, by number: 200, 422.
pub(in crate::http) async fn of_accommodation(
    state: web::Data<AppState>,
    id: web::Path<i64>,
    Query(asked): Query<Asked>,
) -> Answer {
    listed(&state, Some(*id), &asked).await
}

/// Every feed, by number: 200, 422.
pub(in crate::http) async fn all(state: web::Data<AppState>, Query(asked): Query<Asked>) -> Answer {
    listed(&state, None, &asked).await
}

pub(in crate::http) async fn show(state: web::Data<AppState>, id: web::Path<i64>) -> Answer {
    let mut conn = state.database.get().await?;
    let feed = ical_feeds::find(&mut conn, *id)
        .await?
        .ok_or(ApiError::NotFound)?;
    let readers = Readers::of(&mut conn, Some(feed.accommodation_id)).await?;
    Ok(HttpResponse::Ok().json(shown::feed(&state, &readers, feed)))
}

/// Reads a feed and shows what it says, without keeping anything: 200, 404 without the lodging, 422 if it is none.
pub(in crate::http) async fn preview(
    state: web::Data<AppState>,
    Json(request): Json<PreviewFeedRequest>,
) -> Answer {
    let channel = request.channel.as_deref().map(known).transpose()?;
    let lodging = AccommodationId(request.accommodation_id);
    let (source, today) = source(&state, lodging, &request.url, channel).await?;
    let parsed = read_feed(&state, &source, state.clock.now()).await?;
    let mut conn = state.database.get().await?;
    let preview = shown::preview(&mut conn, lodging, &parsed, today).await?;
    Ok(HttpResponse::Ok().json(preview))
}

/// Adds a feed: 201 with what it says now, 404 without the lodging, 409 if it is known, 422 if it cannot be read.
pub(in crate::http) async fn add(
    state: web::Data<AppState>,
    id: web::Path<i64>,
    Json(request): Json<AddFeedRequest>,
) -> Answer {
    let (lodging, channel) = (AccommodationId(*id), known(&request.channel)?);
    let (source, today) = source(&state, lodging, &request.url, Some(channel)).await?;
    let now = state.clock.now();
    let parsed: Parsed = read_feed(&state, &source, now).await?;
    let mut conn = state.database.get().await?;
    let preview = shown::preview(&mut conn, lodging, &parsed, today).await?;
    let feed = NewFeed {
        accommodation_id: *id,
        channel: channel.as_str().to_owned(),
        url: source.url,
    };
    let feed = ical_feeds::insert(&mut conn, &feed, now).await?;
    let readers = Readers::of(&mut conn, Some(*id)).await?;
    state.sync_now.notify_one();
    Ok(HttpResponse::Created().json(FeedAdded {
        feed: shown::feed(&state, &readers, feed),
        events: preview.events,
    }))
}

/// Gives a feed another address or channel, after reading it there: 200, and 404, 409 and 422 as for adding.
pub(in crate::http) async fn change(
    state: web::Data<AppState>,
    id: web::Path<i64>,
    actor: Actor,
    Json(request): Json<ChangeFeedRequest>,
) -> Answer {
    let mut conn = state.database.get().await?;
    let feed = ical_feeds::find(&mut conn, *id)
        .await?
        .ok_or(ApiError::NotFound)?;
    drop(conn);
    let channel = request.channel.as_deref().map(known).transpose()?;
    let mut url = None;
    if let Some(address) = &request.url {
        let read_as = channel.or_else(|| feed.channel.parse().ok());
        let lodging = AccommodationId(feed.accommodation_id);
        let (source, _today) = source(&state, lodging, address, read_as).await?;
        read_feed(&state, &source, state.clock.now()).await?;
        url = Some(source.url);
    }
    let wish = Wish::Change {
        url,
        channel: channel.map(Channel::as_str),
    };
    let feed = changed(&state, *id, &actor, wish).await?;
    Ok(HttpResponse::Ok().json(feed))
}

pub(in crate::http) async fn sync(state: web::Data<AppState>, id: web::Path<i64>, actor: Actor) -> Answer {
    accepted(&state, *id, &actor, Wish::Sync).await
}

pub(in crate::http) async fn pause(state: web::Data<AppState>, id: web::Path<i64>, actor: Actor) -> Answer {
    accepted(&state, *id, &actor, Wish::Pause).await
}

pub(in crate::http) async fn resume(state: web::Data<AppState>, id: web::Path<i64>, actor: Actor) -> Answer {
    accepted(&state, *id, &actor, Wish::Resume).await
}

/// Believes what a held feed says, and reads it at once: 202, 404, 409 if it is not held.
pub(in crate::http) async fn release(state: web::Data<AppState>, id: web::Path<i64>, actor: Actor) -> Answer {
    accepted(&state, *id, &actor, Wish::Release).await
}

/// Makes every feed due: 202 with how many there are.
pub(in crate::http) async fn sync_all(state: web::Data<AppState>) -> Answer {
    let mut conn = state.database.get().await?;
    let feeds = ical_feeds::make_all_due(&mut conn, state.clock.now()).await?;
    state.sync_now.notify_one();
    Ok(HttpResponse::Accepted().json(serde_json::json!({ "feeds": feeds })))
}

/// Removes a feed and releases what only it closed: 204, 404.
pub(in crate::http) async fn remove(state: web::Data<AppState>, id: web::Path<i64>, actor: Actor) -> Answer {
    let mut conn = state.database.get().await?;
    if !remove_feed(&mut conn, &state.own_context(), *id).await? {
        return Err(ApiError::NotFound);
    }
    tracing::info!(feed.id = *id, %actor, "ical_sync: a feed was removed");
    Ok(HttpResponse::NoContent().finish())
}

/// Reads a lodging's outdated feeds before nights of it are sold: 200 with how many are still outdated.
pub(in crate::http) async fn recheck(
    state: web::Data<AppState>,
    id: web::Path<i64>,
    Json(request): Json<RecheckRequest>,
) -> Answer {
    let patience = Duration::from_millis(request.within_ms.into()).min(LONGEST_RECHECK);
    let rechecked = recheck_feeds(&state.into_inner(), *id, patience).await?;
    Ok(HttpResponse::Ok().json(Rechecked {
        feeds: rechecked.feeds,
        outdated: rechecked.outdated,
        good_for_ms: u32::try_from(rechecked.good_for.whole_milliseconds()).unwrap_or_default(),
    }))
}

async fn accepted(state: &AppState, id: i64, actor: &Actor, wish: Wish) -> Answer {
    let feed = changed(state, id, actor, wish).await?;
    Ok(HttpResponse::Accepted().json(feed))
}

async fn changed(state: &AppState, id: i64, actor: &Actor, wish: Wish) -> Result<api::feed::Feed, ApiError> {
    let mut conn = state.database.get().await?;
    let name = wish.name();
    let feed = change_feed(&mut conn, &state.own_context(), id, wish).await?;
    tracing::info!(feed.id = id, %actor, wish = name, "ical_sync: a feed was changed");
    let readers = Readers::of(&mut conn, Some(feed.accommodation_id)).await?;
    state.sync_now.notify_one();
    Ok(shown::feed(state, &readers, feed))
}

async fn listed(state: &AppState, accommodation: Option<i64>, asked: &Asked) -> Answer {
    let limit = paging::limit(asked.limit, MOST)?;
    let after = paging::cursor(asked.cursor.as_deref(), |text| text.parse().ok())?.unwrap_or(0);
    let mut conn = state.database.get().await?;
    let mut feeds = ical_feeds::list(&mut conn, accommodation, after, limit + 1).await?;
    let next_cursor = paging::cut(&mut feeds, limit).map(|(feed, _)| feed.id.to_string());
    let readers = Readers::of(&mut conn, accommodation).await?;
    let items: Vec<api::feed::Feed> = feeds
        .into_iter()
        .map(|(feed, _)| shown::feed(state, &readers, feed))
        .collect();
    Ok(HttpResponse::Ok().json(api::Page { items, next_cursor }))
}

/// Where to read, if it may be read, and today at the lodging.
async fn source(
    state: &AppState,
    lodging: AccommodationId,
    url: &str,
    channel: Option<Channel>,
) -> Result<(Source, Date), ApiError> {
    let conn = state.database.get().await?;
    let lodging = accommodations::find(&conn, lodging)
        .await?
        .ok_or(ApiError::NotFound)?;
    let zone = Zone::named(&lodging.facts.time_zone).unwrap_or(Zone::UTC);
    let url = state.fetcher.check(url)?.to_string();
    Ok((Source { url, channel, zone }, zone.date_of(state.clock.now())))
}

fn known(channel: &str) -> Result<Channel, ApiError> {
    channel.parse().or(Err(ApiError::UnknownChannel))
}
