//! Refusals in the shape of Meta's Graph API.

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use rand::RngCore;
use serde_json::{Value, json};

/// A refusal by its code; everything else follows from it.
#[derive(Debug, thiserror::Error)]
#[error("(#{code}) {details}")]
pub(crate) struct Failure {
    code: i64,
    subcode: Option<u32>,
    details: String,
}

impl Failure {
    pub(crate) fn new(code: i64, details: impl Into<String>) -> Self {
        Self {
            code,
            subcode: None,
            details: details.into(),
        }
    }

    /// Text that only templates may carry now.
    pub(crate) fn window_closed() -> Self {
        let details = "Message failed to send because more than 24 hours have passed since the customer last \
                       replied to this number.";
        Self::new(131_047, details)
    }

    pub(crate) fn unknown_object(id: &str) -> Self {
        let details = format!("Unsupported post request. Object with ID '{id}' does not exist");
        Self {
            code: 100,
            subcode: Some(33),
            details,
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        usual(self.code).0
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).json(body(self.code, self.subcode, &self.details))
    }
}

/// The answer of a call that a test told to fail.
pub(crate) fn error_answer(code: i64, status: Option<StatusCode>) -> HttpResponse {
    let (usual_status, title) = usual(code);
    HttpResponse::build(status.unwrap_or(usual_status)).json(body(code, None, title))
}

/// The errors of a `failed` status.
pub(crate) fn late_errors(code: i64) -> Value {
    let (_, title) = usual(code);
    json!([{ "code": code, "title": title, "message": title, "error_data": { "details": title } }])
}

fn body(code: i64, subcode: Option<u32>, details: &str) -> Value {
    let (status, title) = usual(code);
    let mut trace = [0; 12];
    rand::rng().fill_bytes(&mut trace);
    let mut error = json!({
        "message": format!("(#{code}) {title}"),
        "type": "OAuthException",
        "code": code,
        "error_data": { "messaging_product": "whatsapp", "details": details },
        "is_transient": status.is_server_error(),
        "fbtrace_id": hex::encode(trace),
    });
    if let (Value::Object(error), Some(subcode)) = (&mut error, subcode) {
        error.insert("error_subcode".to_owned(), json!(subcode));
    }
    json!({ "error": error })
}

/// The status and the title that go with a code.
fn usual(code: i64) -> (StatusCode, &'static str) {
    let (status, title) = match code {
        0 | 190 => (401, "Invalid OAuth access token"),
        1 | 2 => (503, "Service temporarily unavailable"),
        3 | 10 | 200..=299 | 131_005 => (403, "Access denied"),
        4 => (429, "Application request limit reached"),
        80_007 => (429, "Rate limit issues"),
        100 => (400, "Invalid parameter"),
        368 => (403, "Temporarily blocked for policies violations"),
        130_429 => (429, "Rate limit hit"),
        131_000 => (500, "Something went wrong"),
        131_008 => (400, "Required parameter is missing"),
        131_009 => (400, "Parameter value is not valid"),
        131_016 | 131_057 => (503, "Service unavailable"),
        131_026 => (400, "Message undeliverable"),
        131_030 => (400, "Recipient phone number not in allowed list"),
        131_031 => (403, "Account has been locked"),
        131_047 => (400, "Re-engagement message"),
        131_048 => (400, "Spam rate limit hit"),
        131_049 => (
            400,
            "This message was not delivered to maintain healthy ecosystem engagement",
        ),
        131_050 => (400, "User has stopped marketing messages"),
        131_051 => (400, "Unsupported message type"),
        131_056 => (400, "(Business Account, Consumer Account) pair rate limit hit"),
        131_062 => (
            400,
            "Business-scoped user id is not allowed for this message type",
        ),
        132_000 => (
            400,
            "Number of parameters does not match the expected number of params",
        ),
        132_001 => (404, "Template name does not exist in the translation"),
        132_012 => (
            400,
            "Parameter format does not match format in the created template",
        ),
        132_015 => (400, "Template is paused"),
        132_016 => (400, "Template is disabled"),
        _ => (400, "Something went wrong"),
    };
    (
        StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST),
        title,
    )
}
