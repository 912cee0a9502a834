use domain::money::{Currency, Money};
use domain::payment::{
    Debt, Evidence, ParkReason, PaymentState, RefundReason, Settlement, Version, advances, guard, settle,
};
use domain::reservation::Status;
use proptest::prelude::*;
use time::{Duration, OffsetDateTime};

fn pesos(minor: i64) -> Money {
    Money::new(minor, Currency::ARS).unwrap()
}

fn debt(status: Status, nights_free: bool, paid: i64) -> Debt {
    Debt {
        status,
        nights_free,
        deposit: pesos(100),
        paid: pesos(paid),
    }
}

/// The table of `docs/PAYMENTS.md`: what approved money does in every state of a reservation, over a deposit of 100.
#[test]
fn every_state_of_a_reservation_knows_what_approved_money_does() {
    use RefundReason::{LateAndShort, NightsTaken, SecondPayment};
    use Settlement::{Confirms, PartiallyPays, Refunds, Revives};
    use Status::{Cancelled, Completed, Confirmed, Expired, NoShow, PreReserved};
    let confirms = |overpaid| Confirms { overpaid };
    let revives = |overpaid| Revives { overpaid };
    let part = |missing| PartiallyPays {
        missing: pesos(missing),
    };
    // Status, whether the nights are free, paid before; then what less, enough and more do.
    let table = [
        (PreReserved, false, 0, [part(1), confirms(false), confirms(true)]),
        (
            PreReserved,
            false,
            40,
            [confirms(true), confirms(true), confirms(true)],
        ),
        (
            Confirmed,
            false,
            0,
            [confirms(false), confirms(false), confirms(true)],
        ),
        (Confirmed, false, 100, [Refunds(SecondPayment); 3]),
        (
            Completed,
            false,
            0,
            [confirms(false), confirms(false), confirms(true)],
        ),
        (Completed, false, 100, [Refunds(SecondPayment); 3]),
        (
            NoShow,
            false,
            0,
            [confirms(false), confirms(false), confirms(true)],
        ),
        (NoShow, false, 100, [Refunds(SecondPayment); 3]),
        (
            Expired,
            true,
            0,
            [Refunds(LateAndShort), revives(false), revives(true)],
        ),
        (Expired, false, 0, [Refunds(NightsTaken); 3]),
        (
            Cancelled,
            true,
            0,
            [Refunds(LateAndShort), revives(false), revives(true)],
        ),
        (Cancelled, false, 0, [Refunds(NightsTaken); 3]),
    ];
    for (status, free, paid, expected) in table {
        let settled = [99, 100, 101].map(|incoming| settle(&debt(status, free, paid), pesos(incoming)));
        assert_eq!(settled, expected, "{status:?}, free: {free}, paid before: {paid}");
    }
}

#[test]
fn a_cent_confirms_no_stay() {
    let settlement = settle(&debt(Status::PreReserved, true, 0), pesos(1));
    assert_eq!(settlement, Settlement::PartiallyPays { missing: pesos(99) });
}

#[test]
fn the_rest_of_the_deposit_confirms() {
    let settlement = settle(&debt(Status::PreReserved, true, 40), pesos(60));
    assert_eq!(settlement, Settlement::Confirms { overpaid: false });
}

#[test]
fn more_than_asked_confirms_and_is_flagged() {
    let settlement = settle(&debt(Status::PreReserved, true, 0), pesos(101));
    assert_eq!(settlement, Settlement::Confirms { overpaid: true });
}

#[test]
fn a_second_payment_goes_back() {
    let settlement = settle(&debt(Status::Confirmed, true, 100), pesos(100));
    assert_eq!(settlement, Settlement::Refunds(RefundReason::SecondPayment));
}

#[test]
fn late_money_revives_a_stay_whose_nights_are_free_and_goes_back_otherwise() {
    for status in [Status::Expired, Status::Cancelled] {
        assert_eq!(
            settle(&debt(status, true, 0), pesos(100)),
            Settlement::Revives { overpaid: false }
        );
        let taken = settle(&debt(status, false, 0), pesos(100));
        assert_eq!(taken, Settlement::Refunds(RefundReason::NightsTaken));
        let short = settle(&debt(status, true, 0), pesos(99));
        assert_eq!(short, Settlement::Refunds(RefundReason::LateAndShort));
    }
}

#[test]
fn only_our_own_regular_money_in_the_right_currency_is_credited() {
    let evidence = Evidence {
        amount: pesos(100),
        collector: "77",
        operation: "regular_payment",
    };
    assert_eq!(guard(&evidence, Currency::ARS, Some("77")), Ok(pesos(100)));
    assert_eq!(
        guard(&evidence, Currency::USD, Some("77")),
        Err(ParkReason::WrongCurrency)
    );
    assert_eq!(
        guard(&evidence, Currency::ARS, Some("78")),
        Err(ParkReason::WrongCollector)
    );
    let validation = Evidence {
        operation: "card_validation",
        ..evidence
    };
    assert_eq!(
        guard(&validation, Currency::ARS, Some("77")),
        Err(ParkReason::WrongOperation)
    );
}

#[test]
fn a_word_of_the_provider_that_we_do_not_know_is_kept_as_it_is() {
    assert_eq!(
        PaymentState::from("melted"),
        PaymentState::Unknown("melted".to_owned())
    );
}

fn any_version() -> impl Strategy<Value = Version> {
    let word = prop::sample::select(vec![
        "pending",
        "in_process",
        "approved",
        "rejected",
        "refunded",
        "charged_back",
    ]);
    (0..4_i64, word, 0..3_i64).prop_map(|(seconds, word, refunded)| Version {
        updated_at: OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds),
        state: PaymentState::from(word),
        refunded: pesos(refunded),
    })
}

/// The version that is left when `versions` are read in this order.
fn last(versions: &[Version]) -> Option<Version> {
    versions
        .iter()
        .cloned()
        .reduce(|stored, found| if advances(&stored, &found) { found } else { stored })
}

proptest! {
    #[test]
    fn re_reads_in_any_order_and_number_end_in_one_version(
        mut versions in prop::collection::vec(any_version(), 1..8), seed in any::<prop::sample::Index>()
    ) {
        let in_order = last(&versions);
        let turn = seed.index(versions.len());
        versions.rotate_left(turn);
        versions.extend_from_within(..);
        versions.reverse();
        prop_assert_eq!(last(&versions), in_order);
    }

    #[test]
    fn no_money_is_ever_ignored(
        paid in 0..200_i64, incoming in 1..300_i64, free: bool, status in prop::sample::select(Status::ALL.to_vec())
    ) {
        let debt = debt(status, free, paid);
        match settle(&debt, pesos(incoming)) {
            Settlement::Confirms { .. } => prop_assert!(status != Status::Expired && status != Status::Cancelled),
            Settlement::Revives { .. } => prop_assert!(free && 100 <= paid + incoming),
            Settlement::PartiallyPays { missing } => {
                prop_assert_eq!(status, Status::PreReserved);
                prop_assert_eq!(missing.minor(), 100 - paid - incoming);
            }
            Settlement::Refunds(_) => prop_assert!(status != Status::PreReserved),
        }
    }
}
