//! Reading deliveries.

use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Source, Verdict};
use crate::schema::webhook_deliveries;

/// A delivery without its bytes, for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliverySummary {
    /// `UUIDv7`.
    pub id: Uuid,
    /// Who sent it.
    pub source: Source,
    /// What it is worth.
    pub verdict: Verdict,
    /// What it is about.
    pub topic: Option<String>,
    /// The resource it is about.
    pub resource_id: Option<String>,
    /// The trace in which it came.
    pub trace_id: Option<String>,
    /// When it came.
    pub received_at: OffsetDateTime,
    /// When it was worked on.
    pub processed_at: Option<OffsetDateTime>,
    /// What became of it.
    pub outcome: Option<String>,
}

/// A delivery with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDelivery {
    /// What lists show.
    pub summary: DeliverySummary,
    /// The raw query string.
    pub query: String,
    /// The headers that were kept.
    pub headers: serde_json::Value,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

/// Which deliveries a list shows; every part may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Only those of this sender.
    pub source: Option<Source>,
    /// Only those of this worth.
    pub verdict: Option<Verdict>,
    /// Only those about this resource.
    pub resource_id: Option<String>,
    /// Only those that wait (`false`) or are done (`true`).
    pub processed: Option<bool>,
}

/// Where a page ends: the next one holds what came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryCursor {
    /// When the last delivery of the page came.
    pub received_at: OffsetDateTime,
    /// Its id.
    pub id: Uuid,
}

type SummaryRow = (
    Uuid,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    OffsetDateTime,
    Option<OffsetDateTime>,
    Option<String>,
);

const SUMMARY: (
    webhook_deliveries::id,
    webhook_deliveries::source,
    webhook_deliveries::verdict,
    webhook_deliveries::topic,
    webhook_deliveries::resource_id,
    webhook_deliveries::trace_id,
    webhook_deliveries::received_at,
    webhook_deliveries::processed_at,
    webhook_deliveries::outcome,
) = (
    webhook_deliveries::id,
    webhook_deliveries::source,
    webhook_deliveries::verdict,
    webhook_deliveries::topic,
    webhook_deliveries::resource_id,
    webhook_deliveries::trace_id,
    webhook_deliveries::received_at,
    webhook_deliveries::processed_at,
    webhook_deliveries::outcome,
);

/// A delivery with its bytes.
///
/// # Errors
///
/// The store's failure.
pub async fn find(conn: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<StoredDelivery>> {
    let bytes = (
        webhook_deliveries::query,
        webhook_deliveries::headers,
        webhook_deliveries::body,
    );
    let found = webhook_deliveries::table
        .find(id)
        .select((SUMMARY, bytes))
        .first::<(SummaryRow, (String, serde_json::Value, Vec<u8>))>(conn)
        .await
        .optional()?;
    found
        .map(|(summary, (query, headers, body))| {
            Ok(StoredDelivery {
                summary: decode(summary)?,
                query,
                headers,
                body,
            })
        })
        .transpose()
}

/// A page of deliveries, newest first, at most `limit`.
///
/// # Errors
///
/// The store's failure.
pub async fn list(
    conn: &mut AsyncPgConnection,
    filter: &DeliveryFilter,
    before: Option<DeliveryCursor>,
    limit: i64,
) -> QueryResult<Vec<DeliverySummary>> {
    let mut query = webhook_deliveries::table.select(SUMMARY).into_boxed();
    if let Some(source) = filter.source {
        query = query.filter(webhook_deliveries::source.eq(source.as_str()));
    }
    if let Some(verdict) = filter.verdict {
        query = query.filter(webhook_deliveries::verdict.eq(verdict.as_str()));
    }
    if let Some(resource) = &filter.resource_id {
        query = query.filter(webhook_deliveries::resource_id.eq(resource));
    }
    match filter.processed {
        Some(true) => query = query.filter(webhook_deliveries::processed_at.is_not_null()),
        Some(false) => query = query.filter(webhook_deliveries::processed_at.is_null()),
        None => {}
    }
    if let Some(before) = before {
        let older = webhook_deliveries::received_at.lt(before.received_at);
        let same_instant = webhook_deliveries::received_at
            .eq(before.received_at)
            .and(webhook_deliveries::id.lt(before.id));
        query = query.filter(older.or(same_instant));
    }
    let rows: Vec<SummaryRow> = query
        .order((
            webhook_deliveries::received_at.desc(),
            webhook_deliveries::id.desc(),
        ))
        .limit(limit)
        .load(conn)
        .await?;
    rows.into_iter().map(decode).collect()
}

diesel::define_sql_function! {
    /// Takes the advisory lock `key` until the transaction ends, if nobody has it.
    fn pg_try_advisory_xact_lock(key: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
}

/// Keeps sweepers apart; the number is arbitrary and ours.
const SWEEP_LOCK: i64 = 7_246_004;

/// Deliveries that came before `before`, are not worked on, and have not been announced for a while, oldest first:
/// at least a minute, and half of their age, so that one that nobody can do is announced ever more rarely.
///
/// There are none while another sweeper's transaction is at it. The deliveries are read by a second statement, which
/// sees what the sweeper before has announced.
///
/// # Errors
///
/// The store's failure.
pub async fn unprocessed_since(
    conn: &mut AsyncPgConnection,
    before: OffsetDateTime,
    now: OffsetDateTime,
    limit: i64,
) -> QueryResult<Vec<DeliverySummary>> {
    let mine: bool = diesel::select(pg_try_advisory_xact_lock(SWEEP_LOCK))
        .get_result(conn)
        .await?;
    if !mine {
        return Ok(Vec::new());
    }
    let not_announced = sql::<Bool>(
        "NOT EXISTS (SELECT FROM outbox_events WHERE correlation_id = webhook_deliveries.id::text AND created_at > ",
    )
    .bind::<Timestamptz, _>(now)
    .sql(" - greatest(interval '1 minute', (")
    .bind::<Timestamptz, _>(now)
    .sql(" - webhook_deliveries.received_at) / 2))");
    let rows: Vec<SummaryRow> = webhook_deliveries::table
        .filter(webhook_deliveries::processed_at.is_null())
        .filter(webhook_deliveries::received_at.lt(before))
        .filter(not_announced)
        .order(webhook_deliveries::received_at)
        .limit(limit)
        .select(SUMMARY)
        .load(conn)
        .await?;
    rows.into_iter().map(decode).collect()
}

/// Whether a delivery of `source` that came after `since` is not worked on.
///
/// # Errors
///
/// The store's failure.
pub async fn any_unprocessed(
    conn: &mut AsyncPgConnection,
    source: Source,
    since: OffsetDateTime,
) -> QueryResult<bool> {
    let waiting = webhook_deliveries::table
        .filter(webhook_deliveries::processed_at.is_null())
        .filter(webhook_deliveries::source.eq(source.as_str()))
        .filter(webhook_deliveries::received_at.gt(since));
    diesel::select(exists(waiting)).get_result(conn).await
}

fn decode(row: SummaryRow) -> QueryResult<DeliverySummary> {
    let (id, source, verdict, topic, resource_id, trace_id, received_at, processed_at, outcome) = row;
    let broken = |column: &str, value: &str| {
        let text = format!("webhook_deliveries {id}: {column} is {value:?}");
        diesel::result::Error::DeserializationError(text.into())
    };
    Ok(DeliverySummary {
        id,
        source: Source::named(&source).ok_or_else(|| broken("source", &source))?,
        verdict: Verdict::named(&verdict).ok_or_else(|| broken("verdict", &verdict))?,
        topic,
        resource_id,
        trace_id,
        received_at,
        processed_at,
        outcome,
    })
}
