//! Who may call the API.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use secrecy::ExposeSecret;

use super::failure::Failure;
use crate::state::Shared;

/// Proof that the request had a right bearer token.
pub(crate) struct Bearer;

impl FromRequest for Bearer {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let right = request.app_data::<Data<Shared>>().is_some_and(|app| {
            let wanted = app.options.mercadopago.access_token.as_ref();
            let given = request
                .headers()
                .get("authorization")
                .and_then(|value| value.to_str().ok());
            let given = given
                .and_then(|value| value.strip_prefix("Bearer "))
                .unwrap_or_default();
            !given.is_empty() && wanted.is_none_or(|wanted| wanted.expose_secret() == given)
        });
        ready(if right {
            Ok(Self)
        } else {
            Err(Failure::unauthorized())
        })
    }
}
