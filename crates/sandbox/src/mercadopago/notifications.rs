//! Who is told about a change, how often, and in which order.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use super::{
    dispute::{Dispute, DisputeKind},
    notice::{Forgery, Notice, NoticeChannel, Signing},
};
use crate::{
    delivery::{self, Attempt, Standing},
    options::MercadoPagoOptions,
    provider::Provider,
    state::{App, lock},
};

/// How notifications behave from now on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NotificationSettings {
    /// `false` loses them all; the log shows what was lost.
    pub(crate) automatic: bool,
    /// Every notice is sent this many times.
    pub(crate) copies: u32,
    /// How long after the change the first attempt leaves.
    pub(crate) delay_ms: u64,
    /// The waits between attempts.
    pub(crate) retry_after_ms: Vec<u64>,
    /// `ts` in milliseconds.
    pub(crate) milliseconds: bool,
    /// Signs with this secret instead of the configured one, as after a rotation.
    #[serde(skip_serializing)]
    pub(crate) secret: Option<String>,
    /// What is wrong with every signature.
    pub(crate) forgery: Forgery,
}

impl NotificationSettings {
    pub(crate) fn new(options: &MercadoPagoOptions) -> Self {
        let milliseconds = |wait: &Duration| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        Self {
            delay_ms: milliseconds(&options.notify_after),
            retry_after_ms: options.retry_after.iter().map(milliseconds).collect(),
            ..Self::default()
        }
    }

    fn signing(&self, options: &MercadoPagoOptions) -> Signing {
        let secret = self
            .secret
            .clone()
            .map(Into::into)
            .or_else(|| options.webhook_secret.clone());
        Signing {
            secret,
            milliseconds: self.milliseconds,
            forgery: self.forgery,
        }
    }
}

impl Default for NotificationSettings {
    fn default() -> Self {
        Self {
            automatic: true,
            copies: 1,
            delay_ms: 20,
            retry_after_ms: vec![500, 2_000, 5_000, 10_000, 20_000, 30_000],
            milliseconds: false,
            secret: None,
            forgery: Forgery::None,
        }
    }
}

/// Tells the receivers of a payment that it changed.
pub(crate) fn announce(app: &App, payment: u64, action: &str) {
    let notices = {
        let world = lock(&app.mercadopago);
        let Some(known) = world.payments.get(&payment) else {
            return;
        };
        let notified = known.notification_url.clone();
        let Some(url) = notified.or_else(|| app.options.mercadopago.panel_url.clone()) else {
            app.deliveries.open(
                Provider::MercadoPago,
                &format!("payment {payment}"),
                "webhook",
                None,
            );
            return;
        };
        fan_out(&url, payment, known.order, action)
    };
    for notice in notices {
        dispatch(app, &notice);
    }
}

/// Tells about a dispute.
pub(crate) fn announce_dispute(app: &App, dispute: &Dispute) {
    let (topic, action) = match dispute.kind {
        DisputeKind::Chargeback => ("topic_chargebacks_wh", "changed_case_status"),
        DisputeKind::Claim => ("claim", "claim.created"),
        DisputeKind::FraudAlert => ("stop_delivery_op_wh", "Created"),
    };
    let (url, order) = {
        let world = lock(&app.mercadopago);
        let known = world.payments.get(&dispute.payment);
        let url = known.and_then(|payment| payment.notification_url.clone());
        (
            url.or_else(|| app.options.mercadopago.panel_url.clone()),
            known.and_then(|payment| payment.order),
        )
    };
    let Some(url) = url else {
        app.deliveries.open(
            Provider::MercadoPago,
            &format!("{topic} {}", dispute.id),
            "webhook",
            None,
        );
        return;
    };
    let data = match dispute.kind {
        DisputeKind::Chargeback => json!({
            "checkout": "PRO", "id": dispute.id, "payment_id": dispute.payment, "site_id": "MLA",
            "transaction_intent_id": "",
        }),
        DisputeKind::Claim => {
            json!({ "id": dispute.id.to_string(), "resource": format!("/post-purchase/v1/claims/{}", dispute.id) })
        }
        DisputeKind::FraudAlert => json!({
            "description": "desc", "merchant_order": order, "payment_id": dispute.payment, "site_id": "MLA",
        }),
    };
    let data_id = if dispute.kind == DisputeKind::FraudAlert {
        dispute.payment
    } else {
        dispute.id
    }
    .to_string();
    let (topic, action) = (topic.to_owned(), action.to_owned());
    dispatch(
        app,
        &Notice {
            channel: NoticeChannel::Webhook,
            topic,
            action,
            data_id,
            data: Some(data),
            url,
        },
    );
}

/// Which notices one change makes: without `source_news` a receiver gets four.
fn fan_out(url: &Url, payment: u64, order: Option<u64>, action: &str) -> Vec<Notice> {
    let wanted = url
        .query_pairs()
        .find(|(name, _)| name == "source_news")
        .map(|(_, value)| value.into_owned());
    let notice = |channel, topic: &str, id: u64| Notice {
        channel,
        topic: topic.to_owned(),
        action: action.to_owned(),
        data_id: id.to_string(),
        data: None,
        url: url.clone(),
    };
    let webhook = notice(NoticeChannel::Webhook, "payment", payment);
    if wanted.as_deref() == Some("webhooks") {
        return vec![webhook];
    }
    let mut notices = Vec::new();
    if let Some(order) = order {
        notices.push(notice(NoticeChannel::Feed, "merchant_order", order));
    }
    notices.push(notice(NoticeChannel::Feed, "payment", payment));
    if let Some(order) = order {
        notices.push(notice(NoticeChannel::Feed, "merchant_order", order));
    }
    if wanted.as_deref() != Some("ipn") {
        notices.push(webhook);
    }
    notices
}

/// Starts the delivery of a notice in the background, or loses it when notifications are paused.
fn dispatch(app: &App, notice: &Notice) {
    let settings = lock(&app.mercadopago).notifications.clone();
    for _copy in 0..settings.copies {
        let number = app.deliveries.open(
            Provider::MercadoPago,
            &notice.about(),
            notice.kind(),
            Some(&notice.url),
        );
        if settings.automatic {
            app.runtime.spawn(deliver(app.clone(), notice.clone(), number));
        } else {
            app.deliveries.settle(number, Standing::Lost);
        }
    }
}

/// Attempts until a 2xx, re-signed each time; a newer notice about the same thing ends the older one.
async fn deliver(app: App, notice: Notice, number: u64) {
    let epoch = app.epoch();
    let settings = lock(&app.mercadopago).notifications.clone();
    // Fraud alerts are not retried.
    let retries = if notice.topic == "stop_delivery_op_wh" {
        Vec::new()
    } else {
        settings.retry_after_ms
    };
    let waits = std::iter::once(settings.delay_ms).chain(retries);
    for (attempts, wait) in waits.enumerate() {
        if !delivery::pause(&app, epoch, Duration::from_millis(wait)).await {
            return;
        }
        if 0 < attempts && app.deliveries.has_newer(number, &notice.about(), notice.kind()) {
            app.deliveries.settle(number, Standing::Replaced);
            return;
        }
        let attempt = attempt(&app, &notice, None).await;
        let done = attempt.succeeded(Provider::MercadoPago);
        app.deliveries.record(number, attempt);
        if done {
            return;
        }
    }
    app.deliveries.settle(number, Standing::GivenUp);
}

/// Sends a notice once, now, and says what came of it.
pub(crate) async fn deliver_now(app: &App, notice: &Notice, forgery: Forgery) -> Attempt {
    let number = app.deliveries.open(
        Provider::MercadoPago,
        &notice.about(),
        notice.kind(),
        Some(&notice.url),
    );
    let attempt = attempt(app, notice, Some(forgery)).await;
    app.deliveries.settle(number, Standing::GivenUp);
    app.deliveries.record(number, attempt.clone());
    attempt
}

async fn attempt(app: &App, notice: &Notice, forgery: Option<Forgery>) -> Attempt {
    let mut signing = lock(&app.mercadopago)
        .notifications
        .signing(&app.options.mercadopago);
    signing.forgery = forgery.unwrap_or(signing.forgery);
    let outgoing = notice.attempt(&signing, app.options.mercadopago.collector_id, app.clock.now());
    delivery::send(app, &outgoing).await
}
