//! What goes wrong in the world while guests book and pay.

use std::time::Duration;

use rand::Rng;
use serde_json::json;
use testkit::proxy::Fault;

use crate::world::{Service, World};

/// A trouble, and how long after the beginning of its round it comes.
#[derive(Debug)]
pub(super) struct Trouble {
    after: Duration,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// `kill -9`, and a new start.
    Crash(Service),
    /// Every connection to a store breaks.
    Cut(Store),
    /// A store cannot be reached for that long.
    Away(Store, Duration),
    /// Redis forgets everything.
    Flush,
    /// The provider answers so many calls of this method like this.
    Status {
        method: &'static str,
        status: u16,
        times: u32,
        after_effect: bool,
    },
    /// The provider does not answer so many calls.
    Silence {
        method: &'static str,
        times: u32,
        after_effect: bool,
        hang: bool,
    },
    /// The provider is slow.
    Slow { times: u32 },
    /// The next refunds turn out so.
    Refunds { outcome: &'static str, times: u32 },
    /// Each notification comes so often.
    Copies(u32),
}

#[derive(Debug, Clone, Copy)]
enum Store {
    Postgres,
    Rabbitmq,
    Redis,
}

impl Trouble {
    /// Up to three troubles for one round.
    pub(super) fn some(random: &mut impl Rng) -> Vec<Self> {
        let count = random.random_range(0..=3);
        (0..count).map(|_| Self::any(random)).collect()
    }

    fn any(random: &mut impl Rng) -> Self {
        let after = Duration::from_millis(random.random_range(0..600));
        let services = Service::ALL;
        let stores = [Store::Postgres, Store::Rabbitmq, Store::Redis];
        let method = ["GET", "POST", "PUT"][random.random_range(0..3)];
        let after_effect = random.random_bool(0.5);
        let kind = match random.random_range(0..12) {
            0..4 => Kind::Crash(services[random.random_range(0..services.len())]),
            4 => Kind::Cut(stores[random.random_range(0..stores.len())]),
            5 => {
                let length = Duration::from_millis(random.random_range(100..1_200));
                Kind::Away(stores[random.random_range(0..stores.len())], length)
            }
            6 => Kind::Flush,
            7 | 8 => Kind::Status {
                method,
                status: [429, 500, 502, 503][random.random_range(0..4)],
                times: random.random_range(1..12),
                after_effect,
            },
            9 => Kind::Silence {
                method,
                times: random.random_range(1..6),
                after_effect,
                hang: random.random_bool(0.3),
            },
            10 => match random.random_range(0..3) {
                0 => Kind::Slow {
                    times: random.random_range(1..10),
                },
                1 => Kind::Refunds {
                    outcome: "in_process",
                    times: random.random_range(1..4),
                },
                _ => Kind::Refunds {
                    outcome: "refused",
                    times: 1,
                },
            },
            _ => Kind::Copies(random.random_range(1..4)),
        };
        Self { after, kind }
    }
}

/// Lets them happen, each at its time.
pub(super) async fn make(world: &World, troubles: &[Trouble]) {
    let happening = troubles.iter().map(|trouble| async move {
        tokio::time::sleep(trouble.after).await;
        happen(world, &trouble.kind).await;
    });
    futures_util::future::join_all(happening).await;
}

async fn happen(world: &World, kind: &Kind) {
    match *kind {
        Kind::Crash(service) => {
            world.kill(service);
            world.start_service(service);
        }
        Kind::Cut(store) => proxy(world, store).cut(),
        Kind::Away(store, length) => {
            proxy(world, store).set(Fault::Refuse);
            tokio::time::sleep(length).await;
            proxy(world, store).set(Fault::None);
        }
        Kind::Flush => world.flush_redis().await,
        Kind::Status {
            method,
            status,
            times,
            after_effect,
        } => {
            fault(
                world,
                json!({
                    "provider": "mercadopago", "method": method, "status": status, "times": times,
                    "after_effect": after_effect,
                }),
            )
            .await;
        }
        Kind::Silence {
            method,
            times,
            after_effect,
            hang,
        } => {
            let then = if hang { "hang" } else { "close" };
            fault(
                world,
                json!({
                    "provider": "mercadopago", "method": method, "then": then, "times": times,
                    "after_effect": after_effect,
                }),
            )
            .await;
        }
        Kind::Slow { times } => {
            fault(
                world,
                json!({ "provider": "mercadopago", "delay_ms": 700, "times": times }),
            )
            .await;
        }
        Kind::Refunds { outcome, times } => {
            let body = json!({ "outcome": outcome, "times": times });
            world.provider.order("/mercadopago/refunds/next", &body).await;
        }
        Kind::Copies(copies) => {
            world
                .provider
                .order("/mercadopago/notifications", &json!({ "copies": copies }))
                .await;
        }
    }
}

async fn fault(world: &World, fault: serde_json::Value) {
    let (status, answer) = world.provider.order("/faults", &fault).await;
    assert_eq!(status, 204, "{answer}");
}

fn proxy(world: &World, store: Store) -> &testkit::Proxy {
    match store {
        Store::Postgres => &world.postgres,
        Store::Rabbitmq => &world.rabbitmq,
        Store::Redis => &world.redis,
    }
}

/// Ends what does not end by itself.
pub(super) async fn heal(world: &World) {
    world.provider.heal().await;
    world
        .provider
        .order("/mercadopago/notifications", &json!({ "copies": 1 }))
        .await;
    world.wait_until_ready().await;
}
