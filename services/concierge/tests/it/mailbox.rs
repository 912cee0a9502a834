//! The other end of WhatsApp's webhooks: it stores what comes and announces it, as `webhooks` does.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpResponse, HttpServer, web};
use domain::reservation::Actor;
use events::{Event, v1};
use messaging::topology::EVENTS_EXCHANGE;
use messaging::{Message, Publisher};
use service::clock::Clock;
use storage::webhook_deliveries::{self, NewDelivery, Source, Verdict};
use storage::{Connection, Context, Database};
use uuid::Uuid;

/// A receiver on a free port; it stops when dropped.
pub(crate) struct Mailbox {
    pub(crate) url: String,
    desk: Arc<Desk>,
    handle: ServerHandle,
}

struct Desk {
    database: Database,
    publisher: Publisher,
    clock: Clock,
    announces: AtomicBool,
}

impl Mailbox {
    pub(crate) fn open(database: Database, publisher: Publisher, clock: Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let desk = Arc::new(Desk {
            database,
            publisher,
            clock,
            announces: AtomicBool::new(true),
        });
        let shared = web::Data::from(desk.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .app_data(web::PayloadConfig::new(4 << 20))
                .default_service(web::to(receive))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, desk, handle }
    }

    /// From now on what comes is stored, and nobody hears of it.
    pub(crate) fn fall_silent(&self) {
        self.desk.announces.store(false, Ordering::Relaxed);
    }

    /// Stores a delivery and announces it; gives its id.
    pub(crate) async fn deliver(&self, body: &[u8]) -> Uuid {
        let conn = self.desk.database.get().await.unwrap();
        take(&self.desk, conn, body).await
    }

    /// Announces a stored delivery, as the sweep of `webhooks` does.
    pub(crate) async fn announce(&self, id: Uuid) {
        announce(&self.desk, id).await;
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

/// Answers what makes WhatsApp send it again if there is no connection.
async fn receive(desk: web::Data<Desk>, body: web::Bytes) -> HttpResponse {
    match desk.database.get().await {
        Ok(conn) => {
            take(&desk, conn, &body).await;
            HttpResponse::Ok().finish()
        }
        Err(_) => HttpResponse::ServiceUnavailable().finish(),
    }
}

async fn take(desk: &Desk, mut conn: Connection, body: &[u8]) -> Uuid {
    let now = desk.clock.now();
    let id = Uuid::new_v4();
    let delivery = NewDelivery {
        id,
        source: Source::Whatsapp,
        dedupe_key: id.to_string(),
        query: String::new(),
        headers: serde_json::json!({}),
        body: body.to_vec(),
        verdict: Verdict::Authentic,
        topic: None,
        resource_id: None,
        received_at: now,
    };
    let context = Context::new(now, Actor::System("webhooks"), None);
    webhook_deliveries::store(&mut conn, &context, &delivery, &event(id))
        .await
        .unwrap();
    drop(conn);
    if desk.announces.load(Ordering::Relaxed) {
        announce(desk, id).await;
    }
    id
}

async fn announce(desk: &Desk, id: Uuid) {
    let name = v1::WebhookWhatsappReceived::NAME;
    let body = prost::Message::encode_to_vec(&event(id));
    let message = Message::to_exchange(EVENTS_EXCHANGE, name, Uuid::new_v4(), body);
    desk.publisher.publish(&message).await.unwrap();
}

fn event(id: Uuid) -> v1::WebhookWhatsappReceived {
    v1::WebhookWhatsappReceived {
        delivery_id: id.to_string(),
    }
}
