//! Our books of one batch, and the provider's, as they stand at one moment.

use std::collections::{BTreeMap, HashMap};

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::walk::Walk;
use crate::world::World;
use crate::world::provider::minor;

/// Both sides.
pub(super) struct Books {
    /// By lodging.
    pub(super) reservations: HashMap<i64, Vec<ReservationRow>>,
    /// By the provider's id.
    pub(super) payments: HashMap<u64, PaymentRow>,
    /// By our id of the payment.
    pub(super) refunds: HashMap<Uuid, Vec<RefundRow>>,
    pub(super) theirs: HashMap<u64, Theirs>,
    /// By reservation: what its cancellation promised to give back, and the refunds that stand for it.
    pub(super) cancelled: HashMap<Uuid, (i64, i64)>,
    /// Pairs of stays that share a night.
    pub(super) overlaps: Vec<Overlap>,
    /// By our id of the payment: how often it was judged.
    pub(super) judged: HashMap<String, i64>,
    pub(super) outbox_waiting: i64,
    /// What the provider holds for us, as it sums up.
    pub(super) sum_there: Sums,
    /// The same by our books.
    pub(super) sum_here: Sums,
}

#[derive(Debug, Clone, QueryableByName)]
pub(super) struct ReservationRow {
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
    #[diesel(sql_type = Text)]
    pub(super) code: String,
    #[diesel(sql_type = BigInt)]
    pub(super) lodging: i64,
    #[diesel(sql_type = Text)]
    pub(super) status: String,
    #[diesel(sql_type = Text)]
    pub(super) payment_status: String,
    #[diesel(sql_type = BigInt)]
    pub(super) deposit_minor: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) paid_minor: i64,
}

#[derive(Debug, Clone, QueryableByName)]
pub(super) struct PaymentRow {
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
    #[diesel(sql_type = Text)]
    provider_payment_id: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(super) reservation_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub(super) state: String,
    #[diesel(sql_type = BigInt)]
    pub(super) amount_minor: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) refunded_minor: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) resolution: Option<String>,
    #[diesel(sql_type = Bool)]
    pub(super) parked: bool,
    #[diesel(sql_type = Text)]
    reference: String,
    #[diesel(sql_type = Text)]
    currency: String,
}

/// What is held for one reference in one currency.
pub(super) type Sums = BTreeMap<(String, String), i64>;

#[derive(Debug, Clone, QueryableByName)]
pub(super) struct RefundRow {
    #[diesel(sql_type = SqlUuid)]
    payment_id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub(super) amount_minor: i64,
    #[diesel(sql_type = Text)]
    pub(super) state: String,
}

#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Overlap {
    #[diesel(sql_type = BigInt)]
    pub(super) lodging: i64,
    #[diesel(sql_type = Text)]
    pub(super) one: String,
    #[diesel(sql_type = Text)]
    pub(super) other: String,
}

#[derive(QueryableByName)]
struct Cancelled {
    #[diesel(sql_type = SqlUuid)]
    reservation_id: Uuid,
    #[diesel(sql_type = BigInt)]
    promised: i64,
    #[diesel(sql_type = BigInt)]
    wanted: i64,
}

#[derive(QueryableByName)]
struct Judged {
    #[diesel(sql_type = Text)]
    payment_id: String,
    #[diesel(sql_type = BigInt)]
    times: i64,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// A payment as the provider has it.
#[derive(Debug, Clone)]
pub(super) struct Theirs {
    pub(super) status: String,
    pub(super) amount_minor: i64,
    pub(super) refunded_minor: i64,
    /// Its id, amount and status.
    pub(super) refunds: Vec<(u64, i64, String)>,
}

impl Theirs {
    fn of(view: &Value) -> Self {
        let refunds = view["refunds"].as_array().unwrap();
        let refund = |refund: &Value| {
            let status = refund["status"].as_str().unwrap().to_owned();
            (refund["id"].as_u64().unwrap(), minor(&refund["amount"]), status)
        };
        Self {
            status: view["status"].as_str().unwrap().to_owned(),
            amount_minor: minor(&view["transaction_amount"]),
            refunded_minor: minor(&view["transaction_amount_refunded"]),
            refunds: refunds.iter().map(refund).collect(),
        }
    }

    /// What the provider holds for us of it and nobody disputes.
    pub(super) fn held_minor(&self) -> i64 {
        if self.status == "approved" {
            self.amount_minor - self.refunded_minor
        } else {
            0
        }
    }
}

impl Books {
    /// The books of these sequences.
    pub(super) async fn read(world: &World, walks: &[Walk]) -> Self {
        let lodgings: Vec<i64> = walks.iter().map(|walk| walk.lodging.0).collect();
        let theirs = world.provider.payments().await;
        let theirs: HashMap<u64, Theirs> = theirs
            .iter()
            .map(|view| (view["id"].as_u64().unwrap(), Theirs::of(view)))
            .collect();
        let ids: Vec<String> = theirs.keys().map(u64::to_string).collect();
        let mut conn = world.conn().await;
        let reservations: Vec<ReservationRow> = diesel::sql_query(
            "SELECT id, code, accommodation_id AS lodging, reservation_status AS status, payment_status, \
             deposit_minor, paid_minor FROM reservations WHERE accommodation_id = ANY($1)",
        )
        .bind::<Array<BigInt>, _>(&lodgings)
        .load(&mut conn)
        .await
        .unwrap();
        let payments: Vec<PaymentRow> = diesel::sql_query(
            "SELECT id, provider_payment_id, reservation_id, state, amount_minor, refunded_minor, resolution, \
             parked_at IS NOT NULL AND dismissed_at IS NULL AS parked, \
             coalesce(external_reference, '') AS reference, currency FROM payments \
             WHERE provider_payment_id = ANY($1)",
        )
        .bind::<Array<Text>, _>(&ids)
        .load(&mut conn)
        .await
        .unwrap();
        let refunds: Vec<RefundRow> =
            diesel::sql_query("SELECT payment_id, amount_minor, state FROM refunds")
                .load(&mut conn)
                .await
                .unwrap();
        let overlaps: Vec<Overlap> = diesel::sql_query(
            "SELECT one.accommodation_id AS lodging, one.code AS one, other.code AS other \
             FROM reservations one JOIN reservations other \
             ON one.accommodation_id = other.accommodation_id AND one.id < other.id AND one.period && other.period \
             WHERE one.reservation_status IN ('pre_reserved', 'confirmed', 'completed', 'no_show') \
             AND other.reservation_status IN ('pre_reserved', 'confirmed', 'completed', 'no_show')",
        )
        .load(&mut conn)
        .await
        .unwrap();
        let cancelled: Vec<Cancelled> = diesel::sql_query(
            "SELECT reservation_id, sum((detail ->> 'refund_minor')::bigint)::bigint AS promised, \
             (SELECT coalesce(sum(amount_minor), 0)::bigint FROM refunds \
             WHERE refunds.reservation_id = timeline.reservation_id \
             AND reason IN ('cancelled_by_policy', 'host')) AS wanted \
             FROM reservation_timeline timeline WHERE kind = 'cancelled' GROUP BY 1",
        )
        .load(&mut conn)
        .await
        .unwrap();
        let judged: Vec<Judged> = diesel::sql_query(
            "SELECT detail ->> 'payment_id' AS payment_id, count(*) AS times FROM reservation_timeline \
             WHERE kind IN ('confirmed', 'revived', 'partially_paid', 'payment_credited') \
             AND detail ->> 'payment_id' IS NOT NULL GROUP BY 1",
        )
        .load(&mut conn)
        .await
        .unwrap();
        let waiting: Count =
            diesel::sql_query("SELECT count(*) AS count FROM outbox_events WHERE published_at IS NULL")
                .get_result(&mut conn)
                .await
                .unwrap();
        let mut books = Self {
            reservations: HashMap::new(),
            payments: HashMap::new(),
            refunds: HashMap::new(),
            theirs,
            cancelled: cancelled
                .into_iter()
                .map(|row| (row.reservation_id, (row.promised, row.wanted)))
                .collect(),
            overlaps,
            judged: judged
                .into_iter()
                .map(|row| (row.payment_id, row.times))
                .collect(),
            outbox_waiting: waiting.count,
            sum_there: sum_there(&world.provider.totals().await),
            sum_here: sum_here(&payments),
        };
        for row in reservations {
            books.reservations.entry(row.lodging).or_default().push(row);
        }
        for row in payments {
            if let Ok(id) = row.provider_payment_id.parse() {
                books.payments.insert(id, row);
            }
        }
        for row in refunds {
            books.refunds.entry(row.payment_id).or_default().push(row);
        }
        books
    }
}

fn sum_there(totals: &[Value]) -> Sums {
    let total = |total: &Value| {
        let text = |name: &str| total[name].as_str().unwrap_or_default().to_owned();
        (
            (text("external_reference"), text("currency")),
            minor(&total["held"]),
        )
    };
    totals.iter().map(total).filter(|(_, held)| *held != 0).collect()
}

fn sum_here(payments: &[PaymentRow]) -> Sums {
    let mut sums = Sums::new();
    // What is in mediation is still there.
    let held = payments
        .iter()
        .filter(|payment| ["approved", "in_mediation"].contains(&payment.state.as_str()));
    for payment in held {
        let key = (payment.reference.clone(), payment.currency.clone());
        *sums.entry(key).or_default() += payment.amount_minor - payment.refunded_minor;
    }
    sums.retain(|_, held| *held != 0);
    sums
}
