use domain::money::{Currency, Money};
use domain::reservation::Status;
use domain::stay::Stay;
use storage::messages::Booking;
use time::macros::{date, datetime};
use uuid::Uuid;

use super::News;
use crate::letter::{Letter, Parameter};

fn pesos(whole: i64) -> Money {
    Money::new(whole * 100, Currency::ARS).unwrap()
}

fn booking(paid: Money) -> Booking {
    Booking {
        reservation: Uuid::nil(),
        code: "RES261124K7M2QX".to_owned(),
        lodging: "Cabaña del Bosque".to_owned(),
        time_zone: "America/Argentina/Buenos_Aires".to_owned(),
        stay: Stay::new(date!(2026 - 12 - 10), date!(2026 - 12 - 13)).unwrap(),
        guests: 2,
        status: Status::Confirmed,
        total: pesos(150_000),
        paid,
        name: "Lucía Fernández".to_owned(),
        phone: Some("+5491123456789".to_owned()),
    }
}

fn told(news: &News, booking: &Booking) -> String {
    let letter = news.letter(booking);
    let fill = |parameter: &Parameter| match parameter {
        Parameter::Text(text) => text.clone(),
        Parameter::ManageLink => "<link>".to_owned(),
    };
    let parameters: Vec<_> = letter.parameters.iter().map(fill).collect();
    letter.subject.template().filled(&parameters)
}

#[test]
fn a_confirmation_says_everything_about_the_stay() {
    assert_eq!(
        told(&News::Confirmed, &booking(pesos(45_000))),
        "¡Hola, Lucía! Tu reserva RES261124K7M2QX en Cabaña del Bosque está confirmada.\n\n\
         Entrada: jueves 10 de diciembre de 2026\nSalida: domingo 13 de diciembre de 2026\nHuéspedes: 2\n\n\
         Total: ARS 150.000,00\nPagado: ARS 45.000,00\nResta pagar: ARS 105.000,00\n\n\
         Acá están todos los detalles: <link>\n\n¡Gracias por elegirnos!"
    );
}

#[test]
fn nothing_is_due_of_a_stay_that_is_paid() {
    let text = told(&News::Confirmed, &booking(pesos(150_000)));
    assert!(text.contains("Resta pagar: nada, está todo pago\n"), "{text}");
}

#[test]
fn a_payment_link_says_until_when_by_the_clock_of_the_lodging() {
    let news = News::PaymentLink {
        amount: pesos(45_000),
        url: "https://pagar.example/1".to_owned(),
        expires_at: datetime!(2026-11-24 15:30 UTC),
    };
    assert_eq!(
        told(&news, &booking(pesos(0))),
        "¡Hola, Lucía! Te guardamos Cabaña del Bosque del jueves 10 de diciembre de 2026 al domingo 13 de diciembre \
         de 2026 (reserva RES261124K7M2QX).\n\nPara confirmar la reserva falta el pago de ARS 45.000,00, antes del \
         martes 24 de noviembre a las 12:30: https://pagar.example/1\n\n¡Te esperamos!"
    );
}

#[test]
fn every_message_fills_every_place_of_its_template() {
    let payment = Uuid::nil();
    let all = [
        News::Confirmed,
        News::PaymentLink {
            amount: pesos(1),
            url: "https://pagar.example/1".to_owned(),
            expires_at: datetime!(2026-11-24 15:30 UTC),
        },
        News::Reminder {
            expires_at: datetime!(2026-11-24 15:30 UTC),
        },
        News::PaymentRejected {
            payment,
            amount: pesos(1),
        },
        News::PaymentRefunded {
            payment,
            amount: pesos(1),
            refunded: pesos(1),
            reason: "nights_taken".to_owned(),
        },
        News::Cancelled { event: payment },
        News::Expired,
    ];
    for news in all {
        let letter = news.letter(&booking(pesos(0)));
        let template = letter.subject.template();
        assert_eq!(
            letter.parameters.len(),
            template.examples.len(),
            "{}",
            template.name
        );
        let stored = letter.stored().unwrap();
        assert_eq!(Letter::read(&stored).unwrap(), letter);
    }
}
