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
use crate::settings;

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
    let settings: Settings = settings::load()?;
    let mut checks = configuration(&settings);
    checks.push(database(settings.database_url.as_ref()).await);
    checks.push(reachable("redis", settings.redis_url.as_ref(), 6379, Finding::Warning).await);
    checks.push(reachable("rabbitmq", settings.amqp_url.as_ref(), 5672, Finding::Warning).await);
    let lines: Vec<String> = checks
        .iter()
        .map(|check| format!("{:<6} {:<36} {}", shown(check.finding), check.name, check.says))
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
        errors => bail!("controles que fallaron: {errors} de {}", checks.len()),
    }
}

fn configuration(settings: &Settings) -> Vec<Check> {
    let secret = |name, secret: &Option<SecretString>, finding, without: &str| Check {
        name,
        finding: if secret.is_some() { Finding::Ok } else { finding },
        says: match secret {
            Some(_) => "está".to_owned(),
            None => format!("falta: {without}"),
        },
    };
    let collector = settings.mercadopago_collector_id.clone().map(SecretString::from);
    let number = settings.whatsapp_phone_number_id.clone().map(SecretString::from);
    let rotating = match &settings.mercadopago_webhook_secret_previous {
        Some(_) => "está: se aceptan los dos secretos; quitarla un día después de la rotación",
        None => "no está: no hay una rotación en curso",
    };
    vec![
        secret(
            "INTERNAL_API_TOKEN",
            &settings.internal_api_token,
            Finding::Error,
            "los servicios no se responden entre sí; dar a todos el mismo valor",
        ),
        secret(
            "GUEST_TOKEN_SECRET",
            &settings.guest_token_secret,
            Finding::Error,
            "reservations y concierge no arrancan; dar a los dos el mismo valor",
        ),
        secret(
            "JWT_SECRET",
            &settings.jwt_secret,
            Finding::Error,
            "nadie del equipo puede entrar",
        ),
        secret(
            "MERCADOPAGO_ACCESS_TOKEN",
            &settings.mercadopago_access_token,
            Finding::Warning,
            "nadie puede pagar; está en el panel de Mercado Pago, «Credenciales de producción»",
        ),
        secret(
            "MERCADOPAGO_COLLECTOR_ID",
            &collector,
            Finding::Warning,
            "no se reconoce el dinero que entra en otra cuenta; es el número de usuario de la cuenta",
        ),
        secret(
            "MERCADOPAGO_WEBHOOK_SECRET",
            &settings.mercadopago_webhook_secret,
            Finding::Warning,
            "cada notificación se rechaza con 503, y los pagos solo se encuentran preguntando; está en el panel, \
             «Webhooks»",
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
            "no sale ningún mensaje",
        ),
        secret(
            "WHATSAPP_PHONE_NUMBER_ID",
            &number,
            Finding::Warning,
            "no sale ningún mensaje; es el id del número que envía, no el número mismo",
        ),
        secret(
            "WHATSAPP_APP_SECRET",
            &settings.whatsapp_app_secret,
            Finding::Warning,
            "cada mensaje de un huésped se rechaza con 503",
        ),
        secret(
            "WHATSAPP_VERIFY_TOKEN",
            &settings.whatsapp_verify_token,
            Finding::Warning,
            "Meta no puede confirmar la dirección del webhook",
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
        return check(Finding::Error, "falta DATABASE_URL".to_owned());
    };
    let Ok(database) = Database::new(&DatabaseSettings::new(url.clone(), "alojactl")) else {
        return check(
            Finding::Error,
            "DATABASE_URL no es una dirección de PostgreSQL".to_owned(),
        );
    };
    let Ok(Ok(conn)) = tokio::time::timeout(PATIENCE, database.connect_directly()).await else {
        return check(
            Finding::Error,
            "no se puede llegar; ¿está en marcha, y es correcta DATABASE_URL?".to_owned(),
        );
    };
    match migrations::status(conn).await {
        Err(error) => check(
            Finding::Error,
            format!("no se pueden leer sus migraciones: {error}"),
        ),
        Ok(all) => match all.iter().filter(|migration| !migration.applied).count() {
            0 => check(
                Finding::Ok,
                format!("responde, con todas sus migraciones ({})", all.len()),
            ),
            missing => check(
                Finding::Error,
                format!("faltan migraciones ({missing}): `alojactl migrate up`"),
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
            says: "falta su dirección, o no es una dirección".to_owned(),
        };
    };
    let port = url.and_then(|url| url.port()).unwrap_or(port);
    match tokio::time::timeout(PATIENCE, TcpStream::connect((host, port))).await {
        Ok(Ok(_connection)) => Check {
            name,
            finding: Finding::Ok,
            says: "acepta conexiones".to_owned(),
        },
        _ => Check {
            name,
            finding,
            says: "no se puede llegar; ¿está en marcha?".to_owned(),
        },
    }
}

fn shown(finding: Finding) -> &'static str {
    match finding {
        Finding::Ok => "ok",
        Finding::Warning => "aviso",
        Finding::Error => "error",
    }
}

/// The word of health, for scripts.
fn word(finding: Finding) -> &'static str {
    match finding {
        Finding::Ok => "ok",
        Finding::Warning => "warning",
        Finding::Error => "error",
    }
}
