//! `alojactl payments`: money that waits for a person, and the comparison with Mercado Pago.
//!
//! Lists are read from the database, so that they are there when the service is not; what changes something goes
//! through the service.

mod shown;

use anyhow::{Context as _, bail};
use api::payment::{ParkedDecision, Reconciliation};
use clap::{Args, Subcommand, ValueEnum};
use reqwest::Method;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use service::clock::Clock;
use service::upstream::Upstream;
use storage::payments as stored;
use storage::refunds;
use time::format_description::well_known::Rfc3339;
use time::{Date, Duration, OffsetDateTime, Time};
use uuid::Uuid;

use crate::commands::database;
use crate::output::Output;
use crate::settings;

/// A comparison of many days takes many calls.
const TIMEOUT: std::time::Duration = std::time::Duration::from_mins(10);

/// No list ends before its end.
const ALL: i64 = i64::MAX;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Los pagos que esperan una decisión, primero el que más espera: por qué, qué se sabe y qué se puede decidir.
    Parked,
    /// Un pago, con sus devoluciones y las decisiones sobre él.
    Show {
        /// Nuestro id, o el número de Mercado Pago.
        payment: String,
    },
    /// Decidir sobre un pago en espera; la decisión queda guardada con su motivo.
    Resolve {
        /// Nuestro id, o el número de Mercado Pago.
        payment: String,
        /// credit: paga su reserva, o la de --reservation; refund: se devuelve lo que queda de él; dismiss: no hay nada
        /// que hacer.
        #[arg(long)]
        decision: Decision,
        /// El código de la reserva que se paga, si la referencia del pago no nombra ninguna.
        #[arg(long)]
        reservation: Option<String>,
        #[command(flatten)]
        word: Word,
        /// Sí, devolver el dinero (para refund).
        #[arg(long)]
        yes: bool,
    },
    /// Devolver dinero de un pago.
    Refund {
        /// Nuestro id, o el número de Mercado Pago.
        payment: String,
        /// Cuánto, por ejemplo 150.00; sin esta opción, todo lo que queda.
        #[arg(long)]
        amount: Option<String>,
        #[command(flatten)]
        word: Word,
        /// Sí, devolver el dinero.
        #[arg(long)]
        yes: bool,
    },
    /// Comparar lo que cambió en Mercado Pago con lo que hay aquí: reparar lo seguro, dejar en espera el resto.
    Reconcile {
        /// Desde cuándo: 2h, 3d, 2026-11-24 o 2026-11-24T12:00:00Z; un día sin hora empieza a las 0:00 UTC.
        #[arg(long)]
        since: String,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Decision {
    Credit,
    Refund,
    Dismiss,
}

/// Who acts, and why.
#[derive(Debug, Args)]
pub(crate) struct Word {
    /// Por qué, para quien lo lea después.
    #[arg(long)]
    reason: String,
    /// La dirección de correo de quien decide.
    #[arg(long)]
    by: String,
}

#[derive(Deserialize)]
struct Settings {
    #[serde(default = "payments_url")]
    payments_url: String,
    internal_api_token: SecretString,
}

fn payments_url() -> String {
    "http://127.0.0.1:8003".to_owned()
}

pub(crate) async fn run(command: Command, output: Output) -> anyhow::Result<()> {
    match command {
        Command::Parked => {
            let parked = stored::parked(&mut database::connect().await?, None, ALL).await?;
            let list: Vec<Value> = parked.iter().map(shown::payment).collect();
            output.answer(&shown::parked_text(&parked), &Value::Array(list));
        }
        Command::Show { payment } => show(&payment, output).await?,
        Command::Resolve {
            payment,
            decision,
            reservation,
            word,
            yes,
        } => {
            if matches!(decision, Decision::Refund) && !yes {
                bail!("esto devuelve el dinero; si es lo que se quiere, agregar --yes");
            }
            let id = find(&payment).await?.id;
            let decision = match decision {
                Decision::Credit => ParkedDecision::Credit,
                Decision::Refund => ParkedDecision::Refund,
                Decision::Dismiss => ParkedDecision::Dismiss,
            };
            let body =
                json!({ "decision": decision, "reason": word.reason, "reservation_code": reservation });
            let resolved = post(&format!("/admin/payments/{id}/resolve"), &word.by, &body).await?;
            output.answer(&format!("el pago {payment} ya no espera"), &resolved);
        }
        Command::Refund {
            payment,
            amount,
            word,
            yes,
        } => {
            if !yes {
                bail!("esto devuelve dinero; si es lo que se quiere, agregar --yes");
            }
            let found = find(&payment).await?;
            let amount = amount.map(|amount| json!({ "amount": amount, "currency": found.currency }));
            let body = json!({ "amount": amount, "reason": word.reason });
            let path = format!("/admin/payments/{}/refunds", found.id);
            let stored = post(&path, &word.by, &body).await?;
            let text = format!(
                "la devolución está guardada y se hace ahora; se sigue con `payments show {payment}`"
            );
            output.answer(&text, &stored);
        }
        Command::Reconcile { since } => reconcile(&since, output).await?,
    }
    Ok(())
}

async fn show(payment: &str, output: Output) -> anyhow::Result<()> {
    let found = find(payment).await?;
    let mut conn = database::connect().await?;
    let refunds = refunds::of_payment(&mut conn, found.id).await?;
    let decisions = stored::decisions_of(&mut conn, found.id).await?;
    let (text, value) = shown::detail(&found, &refunds, &decisions);
    output.answer(&text, &value);
    Ok(())
}

async fn reconcile(since: &str, output: Output) -> anyhow::Result<()> {
    let since = instant(since, Clock::system().now())
        .with_context(|| format!("«{since}» no es 2h, 3d, un día ni un instante"))?;
    let body = json!({ "since": since.format(&Rfc3339)? });
    let answer = post("/admin/payments/reconcile", "alojactl", &body).await?;
    let found: Reconciliation = serde_json::from_value(answer.clone())?;
    output.answer(&shown::reconciliation_text(&found), &answer);
    if !found.failed.is_empty() {
        bail!(
            "pagos que no se pudieron leer: {}; comparar de nuevo más tarde",
            found.failed.len()
        );
    }
    Ok(())
}

async fn find(payment: &str) -> anyhow::Result<stored::StoredPayment> {
    let mut conn = database::connect().await?;
    let found = match payment.parse::<Uuid>() {
        Ok(id) => stored::find(&mut conn, id).await?,
        Err(_not_ours) => stored::find_by_provider_id(&mut conn, payment).await?,
    };
    found.with_context(|| {
        format!("el pago {payment} no se conoce aquí; `payments reconcile` se lo pregunta a Mercado Pago")
    })
}

/// Asks the service for something on behalf of `by`, and gives its answer; a refusal is an error in its own words.
async fn post(path: &str, by: &str, body: &Value) -> anyhow::Result<Value> {
    let settings: Settings = settings::load()?;
    let token = Some(settings.internal_api_token);
    let service = Upstream::with_timeout("payments", &settings.payments_url, token, TIMEOUT)?;
    let request = service
        .request(Method::POST, &format!("/internal/v1{path}"))
        .header("x-actor", format!("staff:{by}"))
        .header("idempotency-key", Uuid::new_v4().to_string())
        .json(body);
    let response = service
        .send(request)
        .await
        .context("no se puede llegar a payments; ¿está en marcha, y es correcta PAYMENTS_URL?")?;
    let status = response.status();
    let answer: Value = response.json().await.unwrap_or_default();
    if status.is_success() {
        return Ok(answer);
    }
    let text = |field: &str| answer.get(field).and_then(Value::as_str).unwrap_or_default();
    bail!(
        "payments lo rechaza ({}): {} {}",
        status.as_u16(),
        text("title"),
        text("detail")
    )
}

/// `2h` and `3d` before `now`, a day, or an instant.
fn instant(text: &str, now: OffsetDateTime) -> Option<OffsetDateTime> {
    if let Some(hours) = text.strip_suffix('h') {
        return now.checked_sub(Duration::hours(hours.parse::<u32>().ok()?.into()));
    }
    if let Some(days) = text.strip_suffix('d') {
        return now.checked_sub(Duration::days(days.parse::<u32>().ok()?.into()));
    }
    let day = time::macros::format_description!("[year]-[month]-[day]");
    match Date::parse(text, &day) {
        Ok(day) => Some(day.with_time(Time::MIDNIGHT).assume_utc()),
        Err(_no_day) => OffsetDateTime::parse(text, &Rfc3339).ok(),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::instant;

    #[test]
    fn a_span_a_day_and_an_instant_are_understood_and_nothing_else() {
        let now = datetime!(2026-11-24 12:00 UTC);
        assert_eq!(instant("2h", now), Some(datetime!(2026-11-24 10:00 UTC)));
        assert_eq!(instant("3d", now), Some(datetime!(2026-11-21 12:00 UTC)));
        assert_eq!(instant("2026-11-20", now), Some(datetime!(2026-11-20 0:00 UTC)));
        let precise = instant("2026-11-24T09:00:00-03:00", now).unwrap();
        assert_eq!(precise, now);
        for nonsense in ["", "h", "-1h", "yesterday", "24/11/2026", "2026-13-01"] {
            assert_eq!(instant(nonsense, now), None, "{nonsense}");
        }
    }
}
