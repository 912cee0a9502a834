use domain::money::{Currency, Money};
use time::Duration;
use time::macros::{datetime, offset};
use url::Url;

use super::{BackUrls, NewPreference, Preference, PreferenceBody};

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

fn link(lasts: Duration) -> NewPreference {
    let valid_from = datetime!(2026-12-01 14:30 UTC);
    NewPreference {
        title: "Cabaña 1, 2 noches".to_owned(),
        amount: Money::new(4_500_050, Currency::ARS).unwrap(),
        external_reference: "bk-17".to_owned(),
        notification_url: url("https://reservas.example/mp"),
        back_urls: BackUrls {
            success: url("https://reservas.example/ok"),
            failure: url("https://reservas.example/no"),
            pending: url("https://reservas.example/wait"),
        },
        valid_from,
        valid_until: valid_from + lasts,
        offset: offset!(-3),
        statement_descriptor: Some("ALOJAMIENTOS".to_owned()),
    }
}

/// The example of the contract, byte for byte.
const EXAMPLE: &str = concat!(
    r#"{"items":[{"id":"bk-17","title":"Cabaña 1, 2 noches","quantity":1,"currency_id":"ARS","unit_price":45000.50}],"#,
    r#""external_reference":"bk-17","notification_url":"https://reservas.example/mp?source_news=webhooks","#,
    r#""back_urls":{"success":"https://reservas.example/ok","failure":"https://reservas.example/no","#,
    r#""pending":"https://reservas.example/wait"},"auto_return":"approved","expires":true,"#,
    r#""expiration_date_from":"2026-12-01T11:30:00.000-03:00","expiration_date_to":"2026-12-01T12:00:00.000-03:00","#,
    r#""payment_methods":{"excluded_payment_types":[{"id":"ticket"},{"id":"atm"}]},"statement_descriptor":"ALOJAMIENTOS"}"#,
);

#[test]
fn a_link_of_half_an_hour_is_the_example_of_the_contract() {
    let body = link(Duration::minutes(30)).body().unwrap();
    assert_eq!(serde_json::to_string(&body).unwrap(), EXAMPLE);
    assert_eq!(serde_json::from_str::<PreferenceBody>(EXAMPLE).unwrap(), body);
}

#[test]
fn cash_is_offered_only_to_holds_longer_than_a_day_and_ends_with_them() {
    let day = link(Duration::days(1)).body().unwrap();
    assert!(day.payment_methods.is_some() && day.date_of_expiration.is_none());

    let longer = link(Duration::days(2)).body().unwrap();
    assert_eq!(longer.payment_methods, None);
    assert_eq!(longer.date_of_expiration, longer.expiration_date_to);

    let months = link(Duration::days(90)).body().unwrap();
    assert_eq!(
        months.date_of_expiration.as_deref(),
        Some("2026-12-31T11:30:00.000-03:00")
    );
}

#[test]
fn only_webhooks_are_asked_for_whatever_the_address_says() {
    let address = url("https://reservas.example/mp?source_news=ipn&ours=a%20b");
    let body = NewPreference {
        notification_url: address,
        ..link(Duration::HOUR)
    }
    .body()
    .unwrap();
    let expected = "https://reservas.example/mp?ours=a+b&source_news=webhooks";
    assert_eq!(body.notification_url.unwrap().as_str(), expected);
}

#[test]
fn an_answer_is_read() {
    let json = r#"{"id":"44444-0f2d6a1e-5f0c","init_point":"https://www.mercadopago.com.ar/checkout/v1/redirect?pref_id=1",
        "sandbox_init_point":"https://sandbox.mercadopago.com.ar/","collector_id":44444,"client_id":"963",
        "date_created":"2026-12-01T11:30:00.000-03:00","items":[]}"#;
    let preference: Preference = serde_json::from_str(json).unwrap();
    assert_eq!(preference.id.as_str(), "44444-0f2d6a1e-5f0c");
    assert_eq!(preference.collector_id.unwrap().as_str(), "44444");
}
