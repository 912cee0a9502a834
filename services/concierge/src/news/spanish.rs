//! Dates, hours and money as people write them in Spanish.

use domain::money::Money;
use domain::payment::RefundReason;
use time::{Date, Month, OffsetDateTime, Weekday};

/// `jueves 10 de diciembre de 2026`.
pub(super) fn date(date: Date) -> String {
    format!("{} de {}", day(date), date.year())
}

/// `martes 24 de noviembre a las 12:30`, by the clock that `moment` shows.
pub(super) fn moment(moment: OffsetDateTime) -> String {
    let (hour, minute) = (moment.hour(), moment.minute());
    // "a la 1:30", but "a las 12:30".
    let article = if hour == 1 { "la" } else { "las" };
    format!("{} a {article} {hour}:{minute:02}", day(moment.date()))
}

/// `ARS 150.000,00`; with the separators that the currency's country uses.
pub(super) fn money(amount: Money) -> String {
    let currency = amount.currency();
    let decimal = amount.decimal();
    let (whole, cents) = decimal.split_once('.').unwrap_or((&decimal, ""));
    let (thousands, point) = match currency.code() {
        "MXN" | "PEN" | "USD" => (',', '.'),
        _ => ('.', ','),
    };
    let mut text = format!("{currency} {}", grouped(whole, thousands));
    if !cents.is_empty() {
        text.push(point);
        text.push_str(cents);
    }
    text
}

/// Why money goes back, for its owner.
pub(super) fn refund_reason(reason: &str) -> &'static str {
    let known = RefundReason::ALL
        .into_iter()
        .find(|known| known.as_str() == reason);
    match known {
        Some(RefundReason::NightsTaken) => "el pago llegó cuando las fechas ya estaban ocupadas",
        Some(RefundReason::LateAndShort) => "el pago llegó tarde y no alcanzaba para confirmar",
        Some(RefundReason::SecondPayment) => "el pago estaba repetido",
        Some(RefundReason::CancelledByPolicy) => "cancelación de la reserva",
        Some(RefundReason::Host) => "decisión del alojamiento",
        Some(RefundReason::DepositIncomplete) => "la seña no llegó a completarse a tiempo",
        None => "devolución del pago",
    }
}

fn day(date: Date) -> String {
    let weekday = match date.weekday() {
        Weekday::Monday => "lunes",
        Weekday::Tuesday => "martes",
        Weekday::Wednesday => "miércoles",
        Weekday::Thursday => "jueves",
        Weekday::Friday => "viernes",
        Weekday::Saturday => "sábado",
        Weekday::Sunday => "domingo",
    };
    let month = match date.month() {
        Month::January => "enero",
        Month::February => "febrero",
        Month::March => "marzo",
        Month::April => "abril",
        Month::May => "mayo",
        Month::June => "junio",
        Month::July => "julio",
        Month::August => "agosto",
        Month::September => "septiembre",
        Month::October => "octubre",
        Month::November => "noviembre",
        Month::December => "diciembre",
    };
    format!("{weekday} {} de {month}", date.day())
}

/// The digits with a separator before each three of them.
fn grouped(digits: &str, separator: char) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if 0 < index && (digits.len() - index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use domain::money::{Currency, Money};
    use time::macros::{date, datetime};

    #[test]
    fn days_and_hours() {
        assert_eq!(
            super::date(date!(2026 - 12 - 10)),
            "jueves 10 de diciembre de 2026"
        );
        let moment = |moment| super::moment(moment);
        assert_eq!(
            moment(datetime!(2026-11-24 12:30 -3)),
            "martes 24 de noviembre a las 12:30"
        );
        assert_eq!(
            moment(datetime!(2026-11-25 01:05 -3)),
            "miércoles 25 de noviembre a la 1:05"
        );
    }

    #[test]
    fn amounts() {
        let cases = [
            (0, "ARS", "ARS 0,00"),
            (99_999, "ARS", "ARS 999,99"),
            (4_500_050, "ARS", "ARS 45.000,50"),
            (12_345_678_900, "UYU", "UYU 123.456.789,00"),
            (4_500_050, "USD", "USD 45,000.50"),
            (45_000, "CLP", "CLP 45.000"),
        ];
        for (minor, currency, expected) in cases {
            let currency: Currency = currency.parse().unwrap();
            assert_eq!(super::money(Money::new(minor, currency).unwrap()), expected);
        }
    }
}
