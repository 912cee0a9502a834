//! `alojactl doctor`: is everything there that the services need? It looks and changes nothing.

use std::time::Duration;

use anyhow::bail;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use storage::{Database, DatabaseSettings, migrations};
use tokio::net::TcpStream;
use url::Url;

use crate::output::Output;

/// How long a store has to take a connection.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Deserialize)]
struct Settings {
    database_url: Option<SecretString>,
    redis_url: Option<SecretString>,
    amqp_url: Option<SecretString>,
    internal_api_token: Option<SecretString>,
    guest_token_secret: Option<SecretString>,
    jwt_secret: Option<SecretString>,
    mercadopago_access_token: Option<SecretString>,
    mercadopago_collector_id: Option<String>,
    mercadopago_webhook_secret: Option<SecretString>,
    mercadopago_webhook_secret_previous: Option<SecretString>,
    whatsapp_access_token: Option<SecretString>,
    whatsapp_phone_number_id: Option<String>,
    whatsapp_app_secret: Option<SecretString>,
    whatsapp_verify_token: Option<SecretString>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finding {
    Ok,
    /// The system runs, and something does not work.
    Warning,
    /// Services do not start, or nothing works.
    Error,
}

struct Check {
    name: &'static str,
    finding: Finding,
    says: String,
}

/// Looks at everything; fails if there is an error, so that scripts notice.
pub(crate) async fn run(output: Output) -> anyhow::Result<()> {
    let settings: Settings = service::settings::load()?;
    let mut checks = configuration(&settings);
    checks.push(database(settings.database_url.as_ref()).await);
    checks.push(reachable("redis", settings.redis_url.as_ref(), 6379, Finding::Warning).await);
    checks.push(reachable("rabbitmq", settings.amqp_url.as_ref(), 5672, Finding::Warning).await);
    let lines: Vec<String> = checks
        .iter()
        .map(|check| format!("{:<8} {:<34} {}", word(check.finding), check.name, check.says))
        .collect();
    let value: Vec<_> = checks
        .iter()
        .map(|check| json!({ "check": check.name, "status": word(check.finding), "says": check.says }))
        .collect();
    output.answer(&lines.join("\n"), &json!(value));
    match checks
        .iter()
        .filter(|check| check.finding == Finding::Error)
        .count()
    {
        0 => Ok(()),
        errors => bail!("{errors} of {} checks failed", checks.len()),
    }
}

fn configuration(settings: &Settings) -> Vec<Check> {
    let secret = |name, secret: &Option<SecretString>, finding, without: &str| Check {
        name,
        finding: if secret.is_some() { Finding::Ok } else { finding },
        says: match secret {
            Some(_) => "set".to_owned(),
            None => format!("not set: {without}"),
        },
    };
    let collector = settings.mercadopago_collector_id.clone().map(SecretString::from);
    let number = settings.whatsapp_phone_number_id.clone().map(SecretString::from);
    let rotating = match &settings.mercadopago_webhook_secret_previous {
        Some(_) => "set: both secrets are accepted; unset it a day after the rotation",
        None => "not set: no rotation is under way",
    };
    vec![
        secret(
            "INTERNAL_API_TOKEN",
            &settings.internal_api_token,
            Finding::Error,
            "the services do not answer each other; give all of them the same",
        ),
        secret(
            "GUEST_TOKEN_SECRET",
            &settings.guest_token_secret,
            Finding::Error,
            "reservations does not start; give reservations and concierge the same",
        ),
        secret(
            "JWT_SECRET",
            &settings.jwt_secret,
            Finding::Error,
            "nobody of the staff can log in",
        ),
        secret(
            "MERCADOPAGO_ACCESS_TOKEN",
            &settings.mercadopago_access_token,
            Finding::Warning,
            "nobody can pay; take it from Mercado Pago's panel, «Credenciales de producción»",
        ),
        secret(
            "MERCADOPAGO_COLLECTOR_ID",
            &collector,
            Finding::Warning,
            "money in other accounts is not recognised as such; it is the user id of the account",
        ),
        secret(
            "MERCADOPAGO_WEBHOOK_SECRET",
            &settings.mercadopago_webhook_secret,
            Finding::Warning,
            "the receiver refuses every notification with 503, and payments are only found by asking; take it from \
             the panel, «Webhooks»",
        ),
        Check {
            name: "MERCADOPAGO_WEBHOOK_SECRET_PREVIOUS",
            finding: Finding::Ok,
            says: rotating.to_owned(),
        },
        secret(
            "WHATSAPP_ACCESS_TOKEN",
            &settings.whatsapp_access_token,
            Finding::Warning,
            "no message is sent",
        ),
        secret(
            "WHATSAPP_PHONE_NUMBER_ID",
            &number,
            Finding::Warning,
            "no message is sent; it is the id of the sending number, not the number itself",
        ),
        secret(
            "WHATSAPP_APP_SECRET",
            &settings.whatsapp_app_secret,
            Finding::Warning,
            "the receiver refuses every message of a guest with 503",
        ),
        secret(
            "WHATSAPP_VERIFY_TOKEN",
            &settings.whatsapp_verify_token,
            Finding::Warning,
            "Meta cannot confirm the webhook's address",
        ),
    ]
}

async fn database(url: Option<&SecretString>) -> Check {
    let check = |finding, says: String| Check {
        name: "database",
        finding,
        says,
    };
    let Some(url) = url else {
        return check(Finding::Error, "DATABASE_URL is not set".to_owned());
    };
    let Ok(database) = Database::new(&DatabaseSettings::new(url.clone(), "alojactl")) else {
        return check(
            Finding::Error,
            "DATABASE_URL is no address of PostgreSQL".to_owned(),
        );
    };
    let Ok(Ok(conn)) = tokio::time::timeout(PATIENCE, database.connect_directly()).await else {
        return check(
            Finding::Error,
            "it cannot be reached; is it running, and is DATABASE_URL right?".to_owned(),
        );
    };
    match migrations::status(conn).await {
        Err(error) => check(Finding::Error, format!("its migrations cannot be read: {error}")),
        Ok(all) => match all.iter().filter(|migration| !migration.applied).count() {
            0 => check(Finding::Ok, format!("reached, with all {} migrations", all.len())),
            missing => check(
                Finding::Error,
                format!("{missing} migrations are missing: `alojactl migrate up`"),
            ),
        },
    }
}

/// Whether somebody listens there.
async fn reachable(name: &'static str, url: Option<&SecretString>, port: u16, finding: Finding) -> Check {
    let url = url.and_then(|url| Url::parse(url.expose_secret()).ok());
    let host = url.as_ref().and_then(Url::host_str).map(str::to_owned);
    let Some(host) = host else {
        return Check {
            name,
            finding,
            says: "its address is not set, or none".to_owned(),
        };
    };
    let port = url.and_then(|url| url.port()).unwrap_or(port);
    match tokio::time::timeout(PATIENCE, TcpStream::connect((host, port))).await {
        Ok(Ok(_connection)) => Check {
            name,
            finding: Finding::Ok,
            says: "it takes connections".to_owned(),
        },
        _ => Check {
            name,
            finding,
            says: "it cannot be reached; is it running?".to_owned(),
        },
    }
}

fn word(finding: Finding) -> &'static str {
    match finding {
        Finding::Ok => "ok",
        Finding::Warning => "warning",
        Finding::Error => "error",
    }
}
