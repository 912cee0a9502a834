//! What must hold when all is quiet.

use std::collections::BTreeSet;

use super::books::{Books, PaymentRow, ReservationRow, Theirs};
use super::walk::Walk;

const CREDITED: [&str; 3] = ["confirmed", "revived", "partially_paid"];

/// What does not hold, in words that name the sequence.
pub(super) fn audit(books: &Books, walks: &[Walk]) -> Vec<String> {
    let mut wrong = Vec::new();
    if books.outbox_waiting != 0 {
        wrong.push(format!("{} events wait to be published", books.outbox_waiting));
    }
    let references = books.sum_there.keys().chain(books.sum_here.keys());
    for reference in references.collect::<BTreeSet<_>>() {
        let (there, here) = (books.sum_there.get(reference), books.sum_here.get(reference));
        if there != here {
            wrong.push(format!(
                "the provider holds {there:?} for {reference:?}, and our books say {here:?}"
            ));
        }
    }
    for walk in walks {
        let mut found = walk.shameful.clone();
        money(books, walk, &mut found);
        stays(books, walk, &mut found);
        wrong.extend(found.into_iter().map(|words| format!("{}: {words}", walk.name())));
    }
    wrong
}

/// Every payment of the sequence: known as it is, in somebody's hands, judged once and given back once.
fn money(books: &Books, walk: &Walk, wrong: &mut Vec<String>) {
    for id in &walk.payments {
        let theirs = &books.theirs[id];
        let Some(ours) = books.payments.get(id) else {
            if theirs.held_minor() != 0 {
                wrong.push(format!("payment {id} is unknown here: {theirs:?}"));
            }
            continue;
        };
        let same = ours.state == theirs.status
            && ours.amount_minor == theirs.amount_minor
            && ours.refunded_minor == theirs.refunded_minor;
        if !same {
            wrong.push(format!("payment {id} is {ours:?} here and {theirs:?} there"));
        }
        if theirs.held_minor() != 0 && !in_hands(books, walk, ours) {
            wrong.push(format!(
                "payment {id} is in nobody's hands: {ours:?} {theirs:?}, {}",
                stay_of(books, walk, ours)
            ));
        }
        given_back_once(books, walk, (*id, ours, theirs), wrong);
        if books
            .judged
            .get(&ours.id.to_string())
            .is_some_and(|times| 1 < *times)
        {
            wrong.push(format!(
                "payment {id} was judged {} times",
                books.judged[&ours.id.to_string()]
            ));
        }
    }
}

/// Whether money that the provider holds is part of a stay, or before a person.
fn in_hands(books: &Books, walk: &Walk, ours: &PaymentRow) -> bool {
    if ours.parked {
        return true;
    }
    match ours.resolution.as_deref() {
        Some("dismissed" | "parked") => true,
        Some(credited) if CREDITED.contains(&credited) => {
            // A stay that was called off keeps what its policy or its host says.
            reservation_of(books, walk, ours).is_some_and(|stay| {
                ["confirmed", "completed", "no_show", "cancelled"].contains(&stay.status.as_str())
            })
        }
        _ => false,
    }
}

fn given_back_once(
    books: &Books,
    walk: &Walk,
    (id, ours, theirs): (u64, &PaymentRow, &Theirs),
    wrong: &mut Vec<String>,
) {
    let wanted = books.refunds.get(&ours.id).map_or(&[][..], Vec::as_slice);
    if let Some(open) = wanted
        .iter()
        .find(|refund| ["requested", "in_process"].contains(&refund.state.as_str()))
    {
        wrong.push(format!("a refund of payment {id} does not end: {open:?}"));
    }
    let done = wanted.iter().filter(|refund| refund.state == "done");
    let made = theirs
        .refunds
        .iter()
        .filter(|(refund, _, status)| status == "approved" && !walk.panel_refunds.contains(refund));
    let (done_count, done_minor) = done.fold((0, 0), |(count, sum), refund| {
        (count + 1, sum + refund.amount_minor)
    });
    let (made_count, made_minor) =
        made.fold((0, 0), |(count, sum), (_, amount, _)| (count + 1, sum + amount));
    if done_count < made_count || done_minor < made_minor {
        wrong.push(format!(
            "payment {id} was given back {made_count} times, {made_minor} in all, for {done_count} refunds of {done_minor}"
        ));
    }
}

/// Every reservation of the sequence: paid what its payments say, confirmed by enough, alone in its nights.
fn stays(books: &Books, walk: &Walk, wrong: &mut Vec<String>) {
    for overlap in books
        .overlaps
        .iter()
        .filter(|overlap| overlap.lodging == walk.lodging.0)
    {
        wrong.push(format!("{} and {} share a night", overlap.one, overlap.other));
    }
    for stay in books
        .reservations
        .get(&walk.lodging.0)
        .map_or(&[][..], Vec::as_slice)
    {
        if stay.status == "pre_reserved" {
            wrong.push(format!("{} is still held", stay.code));
        }
        let credited = books.payments.values().filter(|payment| {
            payment.reservation_id == Some(stay.id)
                && payment
                    .resolution
                    .as_deref()
                    .is_some_and(|resolution| CREDITED.contains(&resolution))
        });
        let held: i64 = credited
            .filter(|payment| payment.state == "approved")
            .map(|payment| payment.amount_minor - payment.refunded_minor)
            .sum();
        if stay.paid_minor != held {
            wrong.push(format!(
                "{} has been paid {} by its own word and {held} by its payments",
                stay.code, stay.paid_minor
            ));
        }
        if let Some((promised, wanted)) = books.cancelled.get(&stay.id)
            && !walk.meddled
            && wanted < promised
        {
            wrong.push(format!(
                "{} was cancelled for {promised}, and {wanted} goes back for it",
                stay.code
            ));
        }
        if stay.status == "confirmed" && !walk.meddled && stay.paid_minor < stay.deposit_minor {
            wrong.push(format!("{stay:?} is confirmed without its deposit"));
        }
        if stay.status == "confirmed" && !walk.meddled && stay.payment_status != "paid" {
            wrong.push(format!("{stay:?} is confirmed and not paid"));
        }
    }
}

fn reservation_of<'a>(books: &'a Books, walk: &Walk, ours: &PaymentRow) -> Option<&'a ReservationRow> {
    let all = books.reservations.get(&walk.lodging.0)?;
    all.iter().find(|stay| Some(stay.id) == ours.reservation_id)
}

fn stay_of(books: &Books, walk: &Walk, ours: &PaymentRow) -> String {
    let refunds = books.refunds.get(&ours.id);
    format!("{:?}, {refunds:?}", reservation_of(books, walk, ours))
}
