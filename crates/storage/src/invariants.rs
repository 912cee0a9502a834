//! What must never be, counted. Each count uses an index or looks only at what is live or late, so that its cost does
//! not grow with the past; none is higher than [`MOST`]. Measured on a busy machine with two cores, a million stays of
//! which 102,000 are to come, and 40,000 closures: 0.75 s in all, nearly all of it for comparing stays and closures.
//!
//! Nothing here is written, and nothing is repaired: a number above zero is for a person.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use time::{Duration, OffsetDateTime};

/// Beyond it a count says "many".
pub const MOST: i64 = 1_000;

/// A promise of the house, by what would break it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Invariant {
    /// Two live stays share a night of one lodging.
    OverlappingStays,
    /// A live stay lies under a closure of another channel, and no person has decided on it.
    StaysOverBlocks,
    /// Approved money is neither confirmed, refunded nor parked a minute after it was read.
    UnsettledPayments,
    /// A stay is confirmed for less than its deposit, and no person wanted it so.
    UnderpaidStays,
    /// A hold blocks its nights a minute past its end, and nobody waits for its money.
    OverdueHolds,
    /// An event waits to be published for over a minute.
    UnpublishedEvents,
    /// A provider's delivery is not worked on five minutes after it came.
    UnprocessedDeliveries,
    /// One closure of one feed closes its nights twice.
    DuplicateBlocks,
}

impl Invariant {
    /// Every one that the database can tell.
    pub const ALL: [Self; 8] = [
        Self::OverlappingStays,
        Self::StaysOverBlocks,
        Self::UnsettledPayments,
        Self::UnderpaidStays,
        Self::OverdueHolds,
        Self::UnpublishedEvents,
        Self::UnprocessedDeliveries,
        Self::DuplicateBlocks,
    ];

    /// The name in health pages and in metrics' labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OverlappingStays => "overlapping_stays",
            Self::StaysOverBlocks => "stays_over_blocks",
            Self::UnsettledPayments => "unsettled_payments",
            Self::UnderpaidStays => "underpaid_stays",
            Self::OverdueHolds => "overdue_holds",
            Self::UnpublishedEvents => "unpublished_events",
            Self::UnprocessedDeliveries => "unprocessed_deliveries",
            Self::DuplicateBlocks => "duplicate_blocks",
        }
    }

    /// How many there are, in the parameters of [`count`].
    const fn statement(self) -> &'static str {
        match self {
            // Sorted by arrival, a stay overlaps an earlier one if it begins before the latest departure so far.
            Self::OverlappingStays => {
                "SELECT FROM (
                    SELECT check_in, max(check_out) OVER (
                        PARTITION BY accommodation_id ORDER BY check_in, id
                        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                    ) AS taken_until
                    FROM (
                        SELECT id, accommodation_id, check_in, check_out FROM reservations
                        WHERE reservation_status = 'confirmed' AND check_out > $1
                        UNION ALL
                        SELECT id, accommodation_id, check_in, check_out FROM reservations
                        WHERE reservation_status = 'pre_reserved' AND check_out > $1
                    ) AS live
                ) AS stays WHERE check_in < taken_until"
            }
            Self::StaysOverBlocks => {
                "SELECT FROM calendar_blocks AS block JOIN reservations AS stay
                    ON stay.accommodation_id = block.accommodation_id AND stay.period && block.period
                WHERE block.removed_at IS NULL AND block.ends_on > $1
                    AND stay.reservation_status IN ('pre_reserved', 'confirmed')
                    AND block.echo_of IS DISTINCT FROM stay.id
                    AND NOT EXISTS (
                        SELECT FROM calendar_conflicts AS conflict
                        WHERE conflict.block_id = block.id AND conflict.reservation_id = stay.id
                            AND conflict.decision IS NOT NULL
                    )"
            }
            Self::UnsettledPayments => {
                "SELECT FROM payments
                WHERE state = 'approved' AND resolution IS NULL AND updated_at < $2
                    AND (parked_at IS NULL OR dismissed_at IS NOT NULL)"
            }
            Self::UnderpaidStays => {
                "SELECT FROM reservations AS stay
                WHERE reservation_status = 'confirmed' AND check_out > $1 AND paid_minor < deposit_minor
                    AND NOT EXISTS (
                        SELECT FROM reservation_timeline AS entry
                        WHERE entry.reservation_id = stay.id
                            AND (entry.kind IN ('payment_refunded', 'payment_disputed')
                                OR entry.kind = 'confirmed' AND entry.detail ? 'by_hand')
                    )"
            }
            // While a link is out, the provider is asked before the nights are given back, for a bounded time.
            Self::OverdueHolds => {
                "SELECT FROM reservations AS hold
                WHERE reservation_status = 'pre_reserved' AND expires_at < $2
                    AND NOT EXISTS (
                        SELECT FROM payments
                        WHERE payments.reservation_id = hold.id AND resolution IS NULL
                            AND state IN ('approved', 'in_process', 'authorized')
                    )
                    AND (expires_at < $4 OR NOT EXISTS (
                        SELECT FROM payment_links WHERE payment_links.reservation_id = hold.id AND url IS NOT NULL
                    ))"
            }
            Self::UnpublishedEvents => {
                "SELECT FROM outbox_events WHERE published_at IS NULL AND created_at < $2"
            }
            Self::UnprocessedDeliveries => {
                "SELECT FROM webhook_deliveries WHERE processed_at IS NULL AND received_at < $3"
            }
            Self::DuplicateBlocks => {
                "SELECT FROM calendar_blocks WHERE removed_at IS NULL AND ends_on > $1
                GROUP BY feed_id, uid, instance HAVING count(*) > 1"
            }
        }
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    violations: i64,
}

/// How often each promise is broken as of `now`, in the order of [`Invariant::ALL`]: one statement.
///
/// # Errors
///
/// The store's failure.
pub async fn count(conn: &mut AsyncPgConnection, now: OffsetDateTime) -> QueryResult<Vec<(Invariant, i64)>> {
    let parts = Invariant::ALL.map(|invariant| {
        format!(
            "SELECT '{}' AS name, count(*) AS violations FROM ({} LIMIT {MOST}) AS found",
            invariant.as_str(),
            invariant.statement()
        )
    });
    // Yesterday in UTC is today or earlier everywhere.
    let rows: Vec<Row> = diesel::sql_query(parts.join("\nUNION ALL\n"))
        .bind::<Date, _>(now.date() - Duration::DAY)
        .bind::<Timestamptz, _>(now - Duration::MINUTE)
        .bind::<Timestamptz, _>(now - Duration::minutes(5))
        .bind::<Timestamptz, _>(now - Duration::minutes(15))
        .load(conn)
        .await?;
    let of = |invariant: Invariant| {
        let row = rows.iter().find(|row| row.name == invariant.as_str());
        (invariant, row.map_or(0, |row| row.violations))
    };
    Ok(Invariant::ALL.map(of).to_vec())
}
