//! Notifications: how they behave, and any of them on order.

use actix_web::{HttpResponse, web::Json};
use futures_util::future;
use rand::seq::SliceRandom;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::{
    control::{problem::Problem, sequence::Sequence},
    mercadopago::{Forgery, Notice, NoticeChannel, NotificationSettings, deliver_now},
    state::{App, lock},
};

/// `GET /_control/mercadopago/notifications`.
pub(crate) async fn settings(app: App) -> HttpResponse {
    HttpResponse::Ok().json(&lock(&app.mercadopago).notifications)
}

/// `POST /_control/mercadopago/notifications`: the given fields change, the others stay.
pub(crate) async fn change_settings(
    app: App,
    change: Json<Map<String, Value>>,
) -> Result<HttpResponse, Problem> {
    let mut world = lock(&app.mercadopago);
    let invalid = |error: serde_json::Error| Problem::Invalid(error.to_string());
    let mut merged = serde_json::to_value(&world.notifications).map_err(invalid)?;
    if let Value::Object(merged) = &mut merged {
        if let Some(secret) = &world.notifications.secret {
            merged.insert("secret".to_owned(), json!(secret));
        }
        merged.extend(change.into_inner());
    }
    world.notifications = NotificationSettings::deserialize(merged).map_err(invalid)?;
    Ok(HttpResponse::Ok().json(&world.notifications))
}

/// What to send; every field but the id has a usual value.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    /// The payment, or whatever the topic is about; the simulator sends 123456.
    data_id: String,
    #[serde(default = "payment")]
    topic: String,
    #[serde(default = "updated")]
    action: String,
    #[serde(default = "webhook")]
    channel: NoticeChannel,
    #[serde(default)]
    forgery: Forgery,
    /// The `data` of the body, if it is more than the id.
    data: Option<Value>,
    /// By default where the payment's own notices go.
    url: Option<Url>,
    #[serde(default = "once")]
    times: u32,
}

fn payment() -> String {
    "payment".to_owned()
}

fn updated() -> String {
    "payment.updated".to_owned()
}

fn webhook() -> NoticeChannel {
    NoticeChannel::Webhook
}

fn once() -> u32 {
    1
}

/// One notice or many, in which order, one by one or at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Orders {
    notices: Vec<Order>,
    #[serde(default)]
    order: Sequence,
    /// All at the same time.
    #[serde(default)]
    at_once: bool,
}

/// `POST /_control/mercadopago/notify`: sends without retries and lists what each receiver answered.
pub(crate) async fn send(app: App, orders: Json<Orders>) -> Result<HttpResponse, Problem> {
    let orders = orders.into_inner();
    let mut notices = Vec::new();
    for order in orders.notices {
        let url = order.url.clone().or_else(|| usual_url(&app, &order.data_id));
        let url = url.ok_or_else(|| Problem::Invalid(format!("no url is known for {}", order.data_id)))?;
        for _time in 0..order.times {
            let notice = Notice {
                channel: order.channel,
                topic: order.topic.clone(),
                action: order.action.clone(),
                data_id: order.data_id.clone(),
                data: order.data.clone(),
                url: url.clone(),
            };
            notices.push((notice, order.forgery));
        }
    }
    match orders.order {
        Sequence::Given => {}
        Sequence::Reversed => notices.reverse(),
        Sequence::Shuffled => notices.shuffle(&mut rand::rng()),
    }
    let sent = notices
        .iter()
        .map(|(notice, forgery)| deliver_now(&app, notice, *forgery));
    let attempts = if orders.at_once {
        future::join_all(sent).await
    } else {
        let mut attempts = Vec::new();
        for sending in sent {
            attempts.push(sending.await);
        }
        attempts
    };
    Ok(HttpResponse::Ok().json(json!({ "attempts": attempts })))
}

fn usual_url(app: &App, data_id: &str) -> Option<Url> {
    let world = lock(&app.mercadopago);
    let known = data_id.parse().ok().and_then(|id: u64| world.payments.get(&id));
    let own = known.and_then(|payment| payment.notification_url.clone());
    let any = || {
        world
            .preferences
            .values()
            .rev()
            .find_map(|preference| preference.terms.notification_url.clone())
    };
    own.or_else(|| app.options.mercadopago.panel_url.clone())
        .or_else(any)
}
