//! The call that Meta makes when the callback URL is saved.

use actix_web::{HttpResponse, web::Json};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::{control::problem::Problem, delivery::is_local, state::App};

/// What the call says; a `null` parameter is left out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    url: Option<Url>,
    #[serde(default = "subscribe")]
    mode: Option<String>,
    #[serde(default = "challenge")]
    challenge: Option<String>,
    /// By default the configured one.
    #[serde(default)]
    verify_token: Token,
}

/// The token offered.
#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Token {
    #[default]
    #[serde(skip)]
    Configured,
    Other(Option<String>),
}

#[expect(clippy::unnecessary_wraps, reason = "a default of an optional field")]
fn subscribe() -> Option<String> {
    Some("subscribe".to_owned())
}

#[expect(clippy::unnecessary_wraps, reason = "a default of an optional field")]
fn challenge() -> Option<String> {
    Some("1158201444".to_owned())
}

/// `POST /_control/whatsapp/handshake` → status, content type and body of the answer.
pub(crate) async fn call(app: App, call: Json<Call>) -> Result<HttpResponse, Problem> {
    let call = call.into_inner();
    let url = call.url.or_else(|| app.options.whatsapp.callback_url.clone());
    let mut url = url.ok_or_else(|| Problem::Invalid("no callback url is known".to_owned()))?;
    if !is_local(&url) {
        return Err(Problem::Invalid("the sandbox calls loopback only".to_owned()));
    }
    let configured = app
        .options
        .whatsapp
        .verify_token
        .as_ref()
        .map(|token| token.expose_secret().to_owned());
    let token = match call.verify_token {
        Token::Configured => configured,
        Token::Other(token) => token,
    };
    let parameters = [
        ("hub.mode", call.mode),
        ("hub.challenge", call.challenge),
        ("hub.verify_token", token),
    ];
    for (name, value) in parameters {
        if let Some(value) = value {
            url.query_pairs_mut().append_pair(name, &value);
        }
    }
    let failed = |error: reqwest::Error| Problem::Conflict(error.to_string());
    let response = app.client.get(url).send().await.map_err(failed)?;
    let status = response.status().as_u16();
    let content_type = response
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok());
    let content_type = content_type.map(str::to_owned);
    let body = response.text().await.map_err(failed)?;
    Ok(HttpResponse::Ok().json(json!({ "status": status, "content_type": content_type, "body": body })))
}
