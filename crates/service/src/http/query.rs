//! Query strings: what does not fit is refused by its parameter's name.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use super::errors;
use crate::problem::{Problem, ToProblem};

/// The query string: 422 with the parameter if it does not fit `T`.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

/// The query string of a path that has no parameters: a filter that is none is refused, not passed over.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

/// A parameter that does not fit: 422 `invalid-request`.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {detail}")]
pub struct InvalidParameter {
    name: &'static str,
    code: &'static str,
    detail: String,
}

impl InvalidParameter {
    /// Refuses the parameter `name`: `code` is for programs, `detail` for people.
    #[must_use]
    pub fn new(name: &'static str, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            code,
            detail: detail.into(),
        }
    }
}

impl ToProblem for InvalidParameter {
    fn to_problem(&self) -> Problem {
        Problem::invalid_request()
            .detail(&self.detail)
            .field(self.name, self.code)
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let pairs = form_urlencoded::parse(request.query_string().as_bytes());
        let parsed = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs));
        ready(parsed.map(Self).map_err(|error| {
            let path = error.path().to_string();
            errors::invalid_field(&path, &error.into_inner().to_string())
        }))
    }
}
