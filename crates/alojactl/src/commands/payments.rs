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

/// A comparison of many days takes many calls.
const TIMEOUT: std::time::Duration = std::time::Duration::from_mins(10);

/// No list ends before its end.
const ALL: i64 = i64::MAX;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Payments that wait for a person, longest first: why, what is known, and what can be decided.
    Parked,
    /// One payment with its refunds and the decisions on it.
    Show {
        /// Our id of it, or Mercado Pago's number.
        payment: String,
    },
    /// Decide on a parked payment; the decision is kept with its reason.
    Resolve {
        /// Our id of it, or Mercado Pago's number.
        payment: String,
        /// credit: it pays for its reservation, or for --reservation; refund: what is left of it goes back; dismiss:
        /// there is nothing to do.
        #[arg(long)]
        decision: Decision,
        /// The code of the reservation to credit, if the payment's reference names none.
        #[arg(long)]
        reservation: Option<String>,
        #[command(flatten)]
        word: Word,
        /// Yes, send the money back (for refund).
        #[arg(long)]
        yes: bool,
    },
    /// Give money of a payment back.
    Refund {
        /// Our id of it, or Mercado Pago's number.
        payment: String,
        /// How much, such as 150.00; without it, all that is left.
        #[arg(long)]
        amount: Option<String>,
        #[command(flatten)]
        word: Word,
        /// Yes, send the money back.
        #[arg(long)]
        yes: bool,
    },
    /// Compare what changed at Mercado Pago since then with what is here: repair what is certain, park the rest.
    Reconcile {
        /// From when on: 2h, 3d, 2026-11-24 or 2026-11-24T12:00:00Z; days without a time begin at 0:00 UTC.
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
    /// Why, for whoever reads it later.
    #[arg(long)]
    reason: String,
    /// The e-mail address of who decides.
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
                bail!("this sends the money back; say --yes if that is right");
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
            output.answer(&format!("payment {payment} no longer waits"), &resolved);
        }
        Command::Refund {
            payment,
            amount,
            word,
            yes,
        } => {
            if !yes {
                bail!("this sends money back; say --yes if that is right");
            }
            let found = find(&payment).await?;
            let amount = amount.map(|amount| json!({ "amount": amount, "currency": found.currency }));
            let body = json!({ "amount": amount, "reason": word.reason });
            let path = format!("/admin/payments/{}/refunds", found.id);
            let stored = post(&path, &word.by, &body).await?;
            let text = format!("the refund is stored and made now; follow it with `payments show {payment}`");
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
        .with_context(|| format!("{since} is neither 2h, 3d, a day nor an instant"))?;
    let body = json!({ "since": since.format(&Rfc3339)? });
    let answer = post("/admin/payments/reconcile", "alojactl", &body).await?;
    let found: Reconciliation = serde_json::from_value(answer.clone())?;
    output.answer(&shown::reconciliation_text(&found), &answer);
    if !found.failed.is_empty() {
        bail!(
            "{} payments could not be read; compare again later",
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
        format!("payment {payment} is not known here; `payments reconcile` asks Mercado Pago for it")
    })
}

/// Asks the service for something on behalf of `by`, and gives its answer; a refusal is an error in its own words.
async fn post(path: &str, by: &str, body: &Value) -> anyhow::Result<Value> {
    let settings: Settings = service::settings::load()?;
    let token = Some(settings.internal_api_token);
    let service = Upstream::with_timeout("payments", &settings.payments_url, token, TIMEOUT)?;
    let request = service
        .request(Method::POST, &format!("/internal/v1{path}"))
        .header("x-actor", format!("staff:{by}"))
        .header("idempotency-key", Uuid::new_v4().to_string())
        .json(body);
    let response = service.send(request).await?;
    let status = response.status();
    let answer: Value = response.json().await.unwrap_or_default();
    if status.is_success() {
        return Ok(answer);
    }
    let text = |field: &str| answer.get(field).and_then(Value::as_str).unwrap_or_default();
    bail!(
        "payments refuses ({}): {} {}",
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
