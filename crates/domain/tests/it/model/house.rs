//! The house as its services run it, made of the rules alone.

use std::collections::BTreeMap;

use domain::money::{Currency, Money};
use domain::payment::{Debt, Evidence, PaymentState, Settlement, Version, advances, guard, settle};
use domain::reservation::{Cancellation, Status, cancel, has_expired};
use domain::stay::Stay;
use rand::Rng;
use time::macros::date;
use time::{Duration, OffsetDateTime};

use super::provider::{Provider, Reading};

const DEPOSIT: i64 = 100;
const HOLD: Duration = Duration::minutes(30);
const EXTENSION: Duration = Duration::hours(24);

#[derive(Debug)]
struct Reservation {
    stay: Stay,
    status: Status,
    expires_at: OffsetDateTime,
    extended: bool,
}

/// What became of approved money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Credited,
    GoesBack,
    /// Before a person, until a reading makes the question idle.
    Parked,
    /// Before a person, since the provider does not give it back.
    RefundRefused,
}

#[derive(Debug)]
struct Book {
    reading: Reading,
    fate: Option<Fate>,
}

#[derive(Debug)]
struct Refund {
    payment: usize,
    amount: i64,
    /// Whether the provider has answered.
    ended: bool,
    /// Whether it answered no.
    refused: bool,
}

#[derive(Debug)]
pub(super) struct House {
    pub(super) now: OffsetDateTime,
    reservations: Vec<Reservation>,
    books: BTreeMap<usize, Book>,
    /// Payments announced as approved, perhaps more than once.
    announced: Vec<usize>,
    refunds: Vec<Refund>,
    /// Payments that were credited, in order.
    credited: Vec<usize>,
}

impl Default for House {
    fn default() -> Self {
        Self {
            now: OffsetDateTime::UNIX_EPOCH,
            reservations: Vec::new(),
            books: BTreeMap::new(),
            announced: Vec::new(),
            refunds: Vec::new(),
            credited: Vec::new(),
        }
    }
}

impl House {
    pub(super) fn any(&self, random: &mut impl Rng) -> Option<usize> {
        (!self.reservations.is_empty()).then(|| random.random_range(0..self.reservations.len()))
    }

    /// Two nights, if nobody has one of them.
    pub(super) fn hold(&mut self, from: i64) -> Option<usize> {
        let check_in = date!(2027 - 01 - 01) + Duration::days(from);
        let stay = Stay::new(check_in, check_in + Duration::days(2)).unwrap();
        if !self.is_free(stay, None) {
            return None;
        }
        self.reservations.push(Reservation {
            stay,
            status: Status::PreReserved,
            expires_at: self.now + HOLD,
            extended: false,
        });
        Some(self.reservations.len() - 1)
    }

    pub(super) fn owes(&self, stay: usize) -> i64 {
        DEPOSIT - self.paid(stay, None)
    }

    /// A reading of a payment arrives, whenever it was made.
    pub(super) fn read(&mut self, payment: usize, reading: &Reading) {
        let known = self.books.get(&payment);
        if known.is_some_and(|known| !advances(&version(&known.reading), &version(reading))) {
            return;
        }
        let fate = known.and_then(|known| known.fate);
        let book = Book {
            reading: reading.clone(),
            fate,
        };
        self.books.insert(payment, book);
        let book = self.books.get_mut(&payment).unwrap();
        match &reading.state {
            PaymentState::Unknown(_) => book.fate = book.fate.or(Some(Fate::Parked)),
            PaymentState::Approved => {
                let left = pesos(reading.amount - reading.refunded);
                let evidence = Evidence {
                    amount: left,
                    collector: reading.collector,
                    operation: reading.operation,
                };
                if guard(&evidence, Currency::ARS, Some("us")).is_err() {
                    book.fate = book.fate.or(Some(Fate::Parked));
                } else {
                    if book.fate == Some(Fate::Parked) {
                        book.fate = None;
                    }
                    self.announced.push(payment);
                }
            }
            _ => {}
        }
    }

    pub(super) fn read_newest(&mut self, provider: &Provider) {
        for payment in 0..provider.count() {
            self.read(payment, &provider.newest(payment));
        }
    }

    /// Judges what was announced and whatever a sweep finds, each as often as it was announced.
    pub(super) fn judge_all(&mut self) {
        let mut waiting = std::mem::take(&mut self.announced);
        waiting.extend(self.books.keys());
        for payment in waiting {
            self.judge(payment);
        }
    }

    fn judge(&mut self, payment: usize) {
        let book = &self.books[&payment];
        let incoming = book.reading.held();
        if book.fate.is_some() || incoming == 0 {
            return;
        }
        let stay = book.reading.stay;
        let reservation = &self.reservations[stay];
        let ended = matches!(reservation.status, Status::Cancelled | Status::Expired);
        let debt = Debt {
            status: reservation.status,
            nights_free: ended && self.is_free(reservation.stay, Some(stay)),
            deposit: pesos(DEPOSIT),
            paid: pesos(if ended { 0 } else { self.paid(stay, Some(payment)) }),
        };
        let fate = match settle(&debt, pesos(incoming)) {
            Settlement::Confirms { .. } | Settlement::Revives { .. } => {
                if self.reservations[stay].status.holds_nights() || ended {
                    self.reservations[stay].status = Status::Confirmed;
                }
                Fate::Credited
            }
            Settlement::PartiallyPays { .. } => Fate::Credited,
            Settlement::Refunds(_) => {
                self.refunds.push(Refund {
                    payment,
                    amount: incoming,
                    ended: false,
                    refused: false,
                });
                Fate::GoesBack
            }
        };
        if fate == Fate::Credited {
            self.credited.push(payment);
        }
        self.books.get_mut(&payment).unwrap().fate = Some(fate);
    }

    /// Asks for every refund that has not ended; an answer that is lost is asked for again, with the same key.
    pub(super) fn make_refunds(&mut self, provider: &mut Provider, answers_are_lost: bool) {
        for key in 0..self.refunds.len() {
            let Refund {
                payment,
                amount,
                ended,
                ..
            } = self.refunds[key];
            if ended {
                continue;
            }
            let given = provider.refund(key, payment, amount);
            if answers_are_lost && key.is_multiple_of(2) {
                continue;
            }
            self.refunds[key].ended = true;
            self.read(payment, &provider.newest(payment));
            if !given {
                // The provider refuses: a person must look, unless the money is gone by other ways.
                self.refunds[key].refused = true;
                self.books.get_mut(&payment).unwrap().fate = Some(Fate::RefundRefused);
            }
        }
    }

    pub(super) fn cancel(&mut self, stay: usize) -> Option<Cancellation> {
        let done = cancel(self.reservations[stay].status).ok()?;
        if done == Cancellation::Cancels {
            self.reservations[stay].status = Status::Cancelled;
            self.give_back(stay);
        }
        Some(done)
    }

    /// Ends the holds that ran out and whose money is not here.
    pub(super) fn expire_holds(&mut self) {
        for stay in 0..self.reservations.len() {
            let reservation = &self.reservations[stay];
            if !has_expired(reservation.status, Some(reservation.expires_at), self.now) {
                continue;
            }
            let waits = self
                .books
                .values()
                .any(|book| book.reading.stay == stay && book.fate.is_none() && 0 < book.reading.held());
            if waits {
                continue;
            }
            if 0 < self.paid(stay, None) && !self.reservations[stay].extended {
                self.reservations[stay].extended = true;
                self.reservations[stay].expires_at = self.now + EXTENSION;
                continue;
            }
            self.reservations[stay].status = Status::Expired;
            self.give_back(stay);
        }
    }

    /// Everything that was credited to a stay goes back; what is disputed is judged anew if the dispute ends well.
    fn give_back(&mut self, stay: usize) {
        let credited = self
            .books
            .iter_mut()
            .filter(|(_, book)| book.reading.stay == stay && book.fate == Some(Fate::Credited));
        for (payment, book) in credited {
            let disputed = matches!(
                book.reading.state,
                PaymentState::InMediation | PaymentState::ChargedBack
            );
            if disputed {
                book.fate = None;
            } else if 0 < book.reading.held() {
                self.refunds.push(Refund {
                    payment: *payment,
                    amount: book.reading.held(),
                    ended: false,
                    refused: false,
                });
                book.fate = Some(Fate::GoesBack);
            }
        }
    }

    fn paid(&self, stay: usize, except: Option<usize>) -> i64 {
        let credited = self.books.iter().filter(|(payment, book)| {
            book.reading.stay == stay && book.fate == Some(Fate::Credited) && Some(**payment) != except
        });
        credited.map(|(_, book)| book.reading.held()).sum()
    }

    fn is_free(&self, stay: Stay, except: Option<usize>) -> bool {
        !self.reservations.iter().enumerate().any(|(number, other)| {
            Some(number) != except && other.status.holds_nights() && other.stay.overlaps(stay)
        })
    }

    /// What may not be at any moment.
    pub(super) fn broken_now(&self) -> Option<String> {
        for (number, one) in self.reservations.iter().enumerate() {
            if one.status.holds_nights() && !self.is_free(one.stay, Some(number)) {
                return Some(format!("stay {number} shares a night"));
            }
        }
        for (payment, book) in &self.books {
            let wanted: i64 = self
                .refunds
                .iter()
                .filter(|refund| refund.payment == *payment && !refund.refused)
                .map(|refund| refund.amount)
                .sum();
            if book.reading.amount < wanted {
                return Some(format!(
                    "payment {payment} of {} shall give back {wanted}",
                    book.reading.amount
                ));
            }
        }
        None
    }

    /// What may not be when all is quiet.
    pub(super) fn broken_in_the_end(&self, provider: &Provider) -> Option<String> {
        for payment in 0..provider.count() {
            let newest = provider.newest(payment);
            let book = &self.books[&payment];
            if version(&book.reading) != version(&newest) {
                return Some(format!("payment {payment} is {newest:?} there and {book:?} here"));
            }
            let status = self.reservations[newest.stay].status;
            let ours = newest.collector == "us" && newest.operation == "regular_payment";
            if book.fate == Some(Fate::Credited) && !ours {
                return Some(format!(
                    "payment {payment} is credited and none of ours: {newest:?}"
                ));
            }
            let in_hands = match book.fate {
                Some(Fate::Credited) => status == Status::Confirmed,
                Some(Fate::Parked | Fate::RefundRefused) => true,
                Some(Fate::GoesBack) | None => false,
            };
            if newest.held() != 0 && !in_hands {
                return Some(format!(
                    "payment {payment} is in nobody's hands: {book:?}, its stay is {status:?}"
                ));
            }
        }
        if let Some(stay) = self.paid_twice(provider) {
            return Some(format!("stay {stay} keeps a payment that it did not need"));
        }
        let held = self
            .reservations
            .iter()
            .any(|reservation| reservation.status == Status::PreReserved);
        held.then(|| "a hold does not end".to_owned())
    }
}

impl House {
    /// A stay that was paid before its last payment was credited; where the provider gave back or took back, that may be.
    fn paid_twice(&self, provider: &Provider) -> Option<usize> {
        (0..self.reservations.len()).find(|stay| {
            let credited = self
                .books
                .iter()
                .filter(|(_, book)| book.reading.stay == *stay && book.fate == Some(Fate::Credited));
            let plain = credited.clone().all(|(payment, _)| {
                let mut readings = provider.readings(*payment).iter();
                let disputed = [PaymentState::InMediation, PaymentState::ChargedBack];
                readings.all(|reading| reading.refunded == 0 && !disputed.contains(&reading.state))
            });
            let last = self
                .credited
                .iter()
                .rfind(|payment| self.books[*payment].reading.stay == *stay);
            let before: i64 = credited
                .filter(|(payment, _)| Some(*payment) != last)
                .map(|(_, book)| book.reading.held())
                .sum();
            plain && DEPOSIT <= before
        })
    }
}

fn version(reading: &Reading) -> Version {
    Version {
        updated_at: reading.at,
        state: reading.state.clone(),
        refunded: pesos(reading.refunded),
    }
}

fn pesos(minor: i64) -> Money {
    Money::new(minor, Currency::ARS).unwrap()
}
