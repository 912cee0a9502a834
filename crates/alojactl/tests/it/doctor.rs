//! `alojactl doctor`: what it finds missing, and that it shows no secret.

use testkit::{TestBroker, TestDatabase, TestRedis};

use crate::program;

const SECRETS: [&str; 11] = [
    "INTERNAL_API_TOKEN",
    "GUEST_TOKEN_SECRET",
    "JWT_SECRET",
    "MERCADOPAGO_ACCESS_TOKEN",
    "MERCADOPAGO_COLLECTOR_ID",
    "MERCADOPAGO_WEBHOOK_SECRET",
    "WHATSAPP_ACCESS_TOKEN",
    "WHATSAPP_PHONE_NUMBER_ID",
    "WHATSAPP_APP_SECRET",
    "WHATSAPP_VERIFY_TOKEN",
    "MERCADOPAGO_WEBHOOK_SECRET_PREVIOUS",
];

/// The lines that do not begin with `ok`.
fn complaints(out: &str) -> Vec<&str> {
    out.lines().filter(|line| !line.starts_with("ok ")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_everything_is_there_nothing_is_complained_of_and_no_secret_is_shown() {
    let (database, redis, rabbit) = (
        TestDatabase::create().await,
        TestRedis::create().await,
        TestBroker::create().await,
    );
    let amqp = rabbit.url();
    let mut environment = SECRETS.map(|name| (name, "a secret of the house")).to_vec();
    environment.extend([
        ("DATABASE_URL", database.url().as_str()),
        ("REDIS_URL", redis.url().as_str()),
        ("AMQP_URL", amqp.as_str()),
    ]);
    let said = program::run(&["doctor"], &environment).await;
    assert_eq!((said.code, complaints(&said.out)), (0, vec![]), "{}", said.err);
    assert!(said.out.contains("migraciones"), "{}", said.out);
    let all = program::run(&["--json", "doctor"], &environment).await.out + &said.out + &said.err;
    assert!(!all.contains("a secret of the house"), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_credential_is_a_warning_and_a_missing_store_an_error() {
    let database = TestDatabase::create().await;
    let environment = [
        ("DATABASE_URL", database.url().as_str()),
        ("INTERNAL_API_TOKEN", "a"),
        ("GUEST_TOKEN_SECRET", "b"),
        ("JWT_SECRET", "c"),
        ("REDIS_URL", "redis://127.0.0.1:1"),
        ("AMQP_URL", "amqp://127.0.0.1:1"),
    ];
    let degraded = program::run(&["doctor"], &environment).await;
    assert_eq!(degraded.code, 0, "{}{}", degraded.out, degraded.err);
    let complaints = complaints(&degraded.out);
    assert!(
        complaints.iter().all(|line| line.starts_with("aviso ")),
        "{complaints:?}"
    );
    for name in [
        "MERCADOPAGO_ACCESS_TOKEN",
        "WHATSAPP_APP_SECRET",
        "WHATSAPP_PHONE_NUMBER_ID",
        "redis",
        "rabbitmq",
    ] {
        assert!(
            complaints.iter().any(|line| line.contains(name)),
            "{name}: {complaints:?}"
        );
    }

    let nothing = program::run(&["doctor"], &[]).await;
    assert!(
        nothing.code == 1 && nothing.err.contains("fallaron"),
        "{}",
        nothing.err
    );
    for name in ["DATABASE_URL", "INTERNAL_API_TOKEN", "JWT_SECRET"] {
        let told = nothing
            .out
            .lines()
            .any(|line| line.starts_with("error") && line.contains(name));
        assert!(told, "{name}: {}", nothing.out);
    }
}
