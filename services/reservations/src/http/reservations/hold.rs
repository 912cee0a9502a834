use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, web};
use api::hold::{HeldReservation, HoldRequest};
use domain::accommodation::AccommodationId;
use domain::code::ReservationCode;
use domain::contact::Contact;
use domain::reservation::Channel;
use domain::stay::Stay;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use service::http::Json;
use service::idempotency::{IdempotencyKey, fingerprint};
use service::internal::{Actor, ClientAddress, subscriber};
use service::problem::{self, ToProblem};
use storage::idempotency::{Answer, Scope};
use storage::reservations::{self, Reservation};

use crate::http::actor::{actor, staff};
use crate::http::error::{About, ApiError};
use crate::state::AppState;
use crate::use_cases::hold_nights::{Once, Outcome, Wish, hold_nights};

const OPERATION: &str = "POST /reservations";

/// Holds nights for an unpaid guest: 201, 404 `accommodation-not-found`, 409 `nights-taken`, 422 `invalid-stay`,
/// `invalid-contact` and `too-many-holds`.
#[tracing::instrument(name = "http.reservations.hold", skip_all)]
pub(in crate::http) async fn hold(
    state: web::Data<AppState>,
    caller: Actor,
    ClientAddress(address): ClientAddress,
    key: IdempotencyKey,
    request: Json<HoldRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut request = request.0;
    let channel = channel(request.channel.as_deref(), &caller)?;
    // One that is left out and the same one said are the same request.
    request.channel = Some(channel.as_str().to_owned());
    let wish = wish(&request, channel, address.map(subscriber))?;
    let once = Once {
        scope: Scope {
            caller: scope_of(&caller, &wish.contact),
            operation: OPERATION,
            key: key.as_str().to_owned(),
        },
        fingerprint: fingerprint(
            "POST",
            "/reservations",
            &serde_json::to_value(&request).unwrap_or_default(),
        ),
        answer: stored_answer,
    };
    state.calendars.recheck(wish.accommodation).await;
    let context = state.context(actor(&caller));
    match hold_nights(&state, &context, wish, &once).await? {
        Outcome::Held(held) => {
            let mut answer = stored(&held);
            add_token(&state, &held, &mut answer.body);
            Ok(respond(&answer))
        }
        Outcome::Refused(refusal) => Err(refusal.into()),
        Outcome::Answered(answer) => replay(&state, answer).await,
    }
}

/// Holds nights that a person of the house books for a guest: as for guests, and 403.
#[tracing::instrument(name = "http.reservations.hold_as_staff", skip_all)]
pub(in crate::http) async fn hold_as_staff(
    state: web::Data<AppState>,
    caller: Actor,
    address: ClientAddress,
    key: IdempotencyKey,
    request: Json<HoldRequest>,
) -> Result<HttpResponse, ApiError> {
    staff(&caller)?;
    hold(state, caller, address, key, request).await
}

/// Guests come over the web and people of the house book as staff; only a service that books for others says how they
/// came.
fn channel(asked: Option<&str>, caller: &Actor) -> Result<Channel, ApiError> {
    let usual = match caller {
        Actor::Guest | Actor::System(_) => Channel::Web,
        Actor::Staff(_) => Channel::Staff,
    };
    let refused = |code, detail| ApiError::invalid(About::Request, "channel", code, detail);
    let Some(asked) = asked else {
        return Ok(usual);
    };
    let channel = asked
        .parse()
        .map_err(|_unknown| refused("unknown", "not a channel"))?;
    if channel == usual || matches!(caller, Actor::System(_)) {
        Ok(channel)
    } else {
        Err(refused("not_allowed", "leave it out: it follows from who books"))
    }
}

fn wish(request: &HoldRequest, channel: Channel, address: Option<String>) -> Result<Wish, ApiError> {
    Ok(Wish {
        accommodation: AccommodationId(request.accommodation_id),
        stay: Stay::new(request.check_in, request.check_out)?,
        guests: request.guests,
        channel,
        contact: Contact::new(
            &request.contact_name,
            request.contact_phone.as_deref(),
            request.contact_email.as_deref(),
        )?,
        client_address: address,
    })
}

/// Guests are told apart by how they can be reached. Not by their address in the net: a phone that has lost the answer
/// on its way from Wi-Fi to the mobile network asks again from another one.
fn scope_of(caller: &Actor, contact: &Contact) -> String {
    match caller {
        Actor::Guest => format!("guest:{}", contact.keys().join(" ")),
        Actor::Staff(_) | Actor::System(_) => caller.to_string(),
    }
}

/// What is kept of an answer: all but the guest's token, which is derived again.
fn stored_answer(outcome: &Outcome) -> Answer {
    match outcome {
        Outcome::Held(held) => stored(held),
        Outcome::Answered(answer) => answer.clone(),
        Outcome::Refused(refusal) => {
            let problem = ApiError::from(*refusal).to_problem();
            Answer {
                status: problem.status().as_u16(),
                headers: json!({}),
                body: problem.to_json(),
            }
        }
    }
}

fn stored(held: &Reservation) -> Answer {
    let body = HeldReservation {
        code: held.code.to_string(),
        status: held.status.as_str().to_owned(),
        accommodation_id: held.accommodation.0,
        check_in: held.stay.check_in(),
        check_out: held.stay.check_out(),
        nights: held.stay.nights(),
        guests: held.guests,
        total: held.total.into(),
        deposit: held.deposit.into(),
        expires_at: held.expires_at.unwrap_or(held.created_at),
        access_token: String::new(),
        quote: (&held.quote).into(),
    };
    Answer {
        status: StatusCode::CREATED.as_u16(),
        headers: json!({ "location": format!("/api/v1/reservations/{}", held.code) }),
        body: serde_json::to_value(body).unwrap_or_default(),
    }
}

fn add_token(state: &AppState, held: &Reservation, body: &mut Value) {
    let token = state.tokens.of(held.id);
    if let Some(members) = body.as_object_mut() {
        members.insert("access_token".to_owned(), token.expose_secret().into());
    }
}

/// The answer of the first time, its token derived again.
async fn replay(state: &AppState, mut answer: Answer) -> Result<HttpResponse, ApiError> {
    if answer.status == StatusCode::CREATED.as_u16() {
        let code = answer
            .body
            .get("code")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let code: ReservationCode = code.parse().map_err(|_invalid| ApiError::UnknownReservation)?;
        let conn = state.database.get().await?;
        let held = reservations::find_by_code(&conn, &code).await?;
        let held = held.ok_or(ApiError::UnknownReservation)?;
        add_token(state, &held, &mut answer.body);
    }
    Ok(respond(&answer))
}

fn respond(answer: &Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    if let Some(location) = answer.headers.get("location").and_then(Value::as_str) {
        response.insert_header((LOCATION, location));
    }
    if status.is_success() {
        return response.json(&answer.body);
    }
    response
        .content_type(problem::CONTENT_TYPE)
        .body(answer.body.to_string())
}
