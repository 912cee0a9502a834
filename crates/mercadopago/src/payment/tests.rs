use domain::payment::PaymentState;
use time::macros::datetime;

use super::{IncompletePayment, Payment};

const APPROVED: &str = r#"{
    "id": 9007199254740993, "status": "approved", "status_detail": "partially_refunded",
    "external_reference": "RES251014A1B2C3", "transaction_amount": 45000.50, "transaction_amount_refunded": 0.50,
    "currency_id": "ARS", "live_mode": true, "collector_id": 44444, "operation_type": "regular_payment",
    "payment_method_id": "visa", "payment_type_id": "credit_card", "captured": true,
    "date_created": "2026-12-01T11:31:00.000-03:00", "date_approved": "2026-12-01T11:32:00.000-03:00",
    "date_last_updated": "2026-12-01T11:32:00.123-03:00", "date_of_expiration": null, "money_release_date": "soon",
    "order": {"id": 262, "type": "mercadopago"}, "metadata": {"any_thing": 1}, "payer": {"email": "a@b.example"},
    "refunds": [{"id": 1, "amount": 0.50, "status": "approved", "date_created": "2026-12-02T00:00:00Z"}],
    "fee_details": [{"type": "mercadopago_fee", "amount": 2700.03, "fee_payer": "collector"}],
    "transaction_details": {"net_received_amount": 42300.47, "total_paid_amount": 45000.5, "overpaid_amount": 0}
}"#;

fn read(json: &str) -> Payment {
    serde_json::from_str(json).unwrap()
}

#[test]
fn a_whole_payment_is_read_exactly() {
    let payment = read(APPROVED);
    assert_eq!(payment.id.as_str(), "9007199254740993");
    assert_eq!(payment.state(), PaymentState::Approved);
    assert_eq!(payment.amount().unwrap().minor(), 4_500_050);
    assert_eq!(payment.date_approved, Some(datetime!(2026-12-01 14:32 UTC)));
    assert_eq!(payment.money_release_date, None);

    let version = payment.version().unwrap();
    assert_eq!(version.updated_at, datetime!(2026-12-01 14:32:00.123 UTC));
    assert_eq!(version.refunded.minor(), 50);

    let evidence = payment.evidence().unwrap();
    assert_eq!(evidence.amount.minor(), 4_500_000);
    assert_eq!(
        (evidence.collector, evidence.operation),
        ("44444", "regular_payment")
    );
}

#[test]
fn what_we_write_is_what_we_read() {
    let payment = read(APPROVED);
    assert_eq!(read(&serde_json::to_string(&payment).unwrap()), payment);
}

#[test]
fn two_fields_are_enough_and_null_is_absent() {
    let payment =
        read(r#"{"id":"5","status":"pending","refunds":null,"order":null,"transaction_amount":null}"#);
    assert_eq!(payment.state(), PaymentState::Pending);
    assert_eq!(payment.amount(), Err(IncompletePayment::Amount));
    assert_eq!(payment.version(), Err(IncompletePayment::LastUpdated));
}

#[test]
fn what_cannot_be_judged_is_named_and_never_guessed() {
    let with = |fields: &str| read(&format!(r#"{{"id":5,"status":"approved",{fields}}}"#));
    let foreign = with(r#""transaction_amount":1,"currency_id":"XTS""#);
    let too_fine = with(r#""transaction_amount":1.001,"currency_id":"ARS""#);
    let negative = with(r#""transaction_amount":1,"transaction_amount_refunded":-1,"currency_id":"ARS""#);
    let overdrawn = with(r#""transaction_amount":1,"transaction_amount_refunded":2,"currency_id":"ARS""#);
    assert_eq!(foreign.evidence(), Err(IncompletePayment::Currency));
    assert_eq!(too_fine.evidence(), Err(IncompletePayment::Amount));
    assert_eq!(negative.evidence(), Err(IncompletePayment::Amount));
    assert_eq!(overdrawn.evidence(), Err(IncompletePayment::Amount));
}

#[test]
fn an_unknown_status_is_unknown() {
    let payment = read(r#"{"id":5,"status":"quantum"}"#);
    assert_eq!(payment.state(), PaymentState::Unknown("quantum".to_owned()));
}
