//! The framework's own refusals, turned into problems of the same status.

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::error::PathError;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::web::{self, ServiceConfig};

use super::body::BodyLimits;
use crate::problem::{self, Problem};

/// Gives the framework's extractors our errors and limits.
pub(crate) fn configure(config: &mut ServiceConfig, limits: BodyLimits) {
    config
        .app_data(limits)
        .app_data(web::PathConfig::default().error_handler(|error, _| path(&error).into()))
        .app_data(web::PayloadConfig::new(limits.bytes))
        .app_data(
            web::JsonConfig::default()
                .limit(limits.bytes)
                .error_handler(|error, _| by_status(&error).into()),
        )
        .app_data(
            web::FormConfig::default()
                .limit(limits.bytes)
                .error_handler(|error, _| by_status(&error).into()),
        );
}

/// 404 for every path that nothing answers.
pub async fn not_found() -> Problem {
    Problem::plain(404)
}

/// Whether an answer is the framework's own words, or none at all, where a problem should be.
pub(crate) fn needs_problem<B: MessageBody>(response: &ServiceResponse<B>) -> bool {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return false;
    }
    let media = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    match media {
        Some(media) if media.starts_with(problem::CONTENT_TYPE) => false,
        Some(media) => response.response().error().is_some() && media.starts_with("text/plain"),
        None => response.response().error().is_some() || is_empty(response.response().body().size()),
    }
}

/// A problem with the status of `response`, and the headers that belong to that status.
pub(crate) fn problem_for<B>(response: &ServiceResponse<B>) -> Problem {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let mut problem = Problem::plain(response.status().as_u16());
    if let Some(methods) = header(&ALLOW) {
        problem = problem.allow(methods);
    }
    if let Some(challenge) = header(&WWW_AUTHENTICATE) {
        problem = problem.authenticate(challenge);
    }
    if let Some(seconds) = header(&RETRY_AFTER).and_then(|text| text.parse().ok()) {
        problem = problem.retry_after(seconds);
    }
    problem
}

/// A field that does not fit, from serde's words.
pub(crate) fn invalid_field(path: &str, words: &str) -> Problem {
    let quoted = words.split('`').nth(1);
    let (code, last) = if words.starts_with("missing field") {
        ("missing", quoted)
    } else if words.starts_with("unknown field") {
        ("unknown", None)
    } else if words.starts_with("duplicate field") {
        ("duplicate", quoted)
    } else if words.starts_with("invalid type") {
        ("wrong_type", None)
    } else {
        ("invalid", None)
    };
    let parent = if path == "." { "" } else { path };
    let field = match (parent, last) {
        ("", Some(last)) => last.to_owned(),
        (parent, Some(last)) => format!("{parent}.{last}"),
        (parent, None) => parent.to_owned(),
    };
    if field.is_empty() {
        Problem::invalid_request()
    } else {
        Problem::invalid_request().field(field, code)
    }
}

fn path(_error: &PathError) -> Problem {
    Problem::new(400, "/problems/invalid-path", "A part of the path does not fit")
}

fn by_status(error: &dyn actix_web::ResponseError) -> Problem {
    match error.status_code() {
        StatusCode::BAD_REQUEST => Problem::new(400, "/problems/malformed-body", "The body is malformed"),
        status => Problem::plain(status.as_u16()),
    }
}

fn is_empty(size: BodySize) -> bool {
    matches!(size, BodySize::None | BodySize::Sized(0))
}
