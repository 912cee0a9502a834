//! `alojactl payments`, beside a running `payments` and a played Mercado Pago.

use std::time::Duration;

use diesel_async::SimpleAsyncConnection as _;
use messaging::topology::Topology;
use sandbox::{MercadoPagoOptions, Options};
use secrecy::SecretString;
use serde_json::{Value, json};
use service::clock::Clock;
use service::settings::{HttpSettings, InternalSettings};
use testkit::{TestDatabase, wait_for};

use crate::program::{self, Said};

const SOON: Duration = Duration::from_secs(20);
const TOKEN: &str = "between services";
const ACCESS_TOKEN: &str = "APP_USR-a-token-that-no-answer-shows";
const WORD: [&str; 4] = ["--reason", "nobody's money", "--by", "ana@example.com"];

struct House {
    database: TestDatabase,
    sandbox: sandbox::Running,
    service: String,
}

impl House {
    async fn new() -> Self {
        service::start::install_crypto();
        let database = TestDatabase::create().await;
        let collector_id = 2_079_614_828;
        let provider = MercadoPagoOptions {
            access_token: Some(ACCESS_TOKEN.into()),
            collector_id,
            ..MercadoPagoOptions::default()
        };
        let sandbox = sandbox::start(Options {
            mercadopago: provider,
            ..Options::default()
        })
        .await
        .unwrap();
        let settings = service::settings::load_from(&[
            ("DATABASE_URL", database.url().as_str()),
            ("AMQP_URL", "amqp://127.0.0.1:1/nowhere"),
            ("MERCADOPAGO_BASE_URL", &sandbox.url),
            ("MERCADOPAGO_ACCESS_TOKEN", ACCESS_TOKEN),
            ("MERCADOPAGO_COLLECTOR_ID", &collector_id.to_string()),
            ("PAYMENT_JOB_TICK_MILLISECONDS", "30"),
        ]);
        let application = payments::app::build(
            HttpSettings::for_tests(),
            InternalSettings {
                internal_api_token: Some(SecretString::from(TOKEN)),
            },
            &settings.unwrap(),
            Clock::system(),
            Topology::of_services(&["payments"]),
        );
        let application = application.unwrap();
        let service = application.base_url();
        tokio::spawn(application.run_until_stopped());
        Self {
            database,
            sandbox,
            service,
        }
    }

    /// 300 pesos for something that is no reservation of ours; gives the payment's number.
    async fn strays(&self) -> String {
        let url = format!("{}/_control/mercadopago/payments", self.sandbox.url);
        let payment = json!({ "external_reference": "bk-17", "transaction_amount": 300, "notify": false });
        let made = reqwest::Client::new()
            .post(url)
            .json(&payment)
            .send()
            .await
            .unwrap();
        let made: Value = made.json().await.unwrap();
        made.get("id").unwrap().to_string()
    }

    async fn run(&self, arguments: &[&str]) -> Said {
        let environment = [
            ("DATABASE_URL", self.database.url().as_str()),
            ("PAYMENTS_URL", &self.service),
            ("INTERNAL_API_TOKEN", TOKEN),
        ];
        program::run(&[&["payments"], arguments].concat(), &environment).await
    }

    /// The same, which must go well.
    async fn says(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments).await;
        assert_eq!(said.code, 0, "{arguments:?}: {}{}", said.out, said.err);
        said.out
    }

    async fn refuses(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments).await;
        assert_eq!(said.code, 1, "{arguments:?}: {}", said.out);
        said.err
    }

    /// A payment that waits for a person; gives its number.
    async fn parked(&self) -> String {
        let payment = self.strays().await;
        let found = self.says(&["reconcile", "--since", "1d"]).await;
        assert!(
            found.contains(&format!(
                "en espera {payment}: no se conocía, ahora unknown_reservation"
            )),
            "{found}"
        );
        payment
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn money_of_nobody_is_found_shown_and_decided_on() {
    let house = House::new().await;
    assert_eq!(
        house.says(&["parked"]).await,
        "no hay pagos que esperen una decisión\n"
    );
    let payment = house.parked().await;

    let parked = house.says(&["parked"]).await;
    for part in [
        payment.as_str(),
        "ARS 300.00",
        "referencia bk-17",
        "unknown_reservation (su referencia no es de ninguna reserva)",
        "credit, refund, dismiss",
    ] {
        assert!(parked.contains(part), "{part}: {parked}");
    }
    house
        .says(&[&["resolve", &payment, "--decision", "dismiss"], &WORD[..]].concat())
        .await;
    assert_eq!(
        house.says(&["parked"]).await,
        "no hay pagos que esperen una decisión\n"
    );
    let shown = house.says(&["show", &payment]).await;
    assert!(
        shown.contains("dismiss por staff:ana@example.com") && shown.contains("nobody's money"),
        "{shown}"
    );
    let again = [&["resolve", &payment, "--decision", "dismiss"], &WORD[..]].concat();
    assert!(house.refuses(&again).await.contains("payments lo rechaza (409)"));
}

#[tokio::test(flavor = "multi_thread")]
async fn money_goes_back_only_on_a_plain_word() {
    let house = House::new().await;
    let payment = house.parked().await;
    let refund = [&["resolve", &payment, "--decision", "refund"], &WORD[..]].concat();
    assert!(house.refuses(&refund).await.contains("--yes"));
    let by_amount = [&["refund", &payment, "--amount", "100.00"], &WORD[..]].concat();
    assert!(house.refuses(&by_amount).await.contains("--yes"));

    house.says(&[&refund[..], &["--yes"]].concat()).await;
    let given_back = wait_for(SOON, async || {
        let shown = house.says(&["--json", "show", &payment]).await;
        let shown: Value = serde_json::from_str(&shown).unwrap();
        (shown["payment"]["refunded"] == "300.00").then_some(shown)
    })
    .await;
    assert_eq!(given_back["refunds"][0]["state"], "done");
    assert!(!given_back.to_string().contains(ACCESS_TOKEN));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_payment_and_a_service_that_is_away_are_told() {
    let house = House::new().await;
    let unknown = house.refuses(&["show", "4711"]).await;
    assert!(unknown.contains("payments reconcile"), "{unknown}");
    let no_time = house.refuses(&["reconcile", "--since", "yesterday"]).await;
    assert!(
        no_time.contains("no es 2h, 3d, un día ni un instante"),
        "{no_time}"
    );

    let environment = [
        ("DATABASE_URL", house.database.url().as_str()),
        ("PAYMENTS_URL", "http://127.0.0.1:1"),
        ("INTERNAL_API_TOKEN", TOKEN),
    ];
    let away = program::run(&["payments", "reconcile", "--since", "1d"], &environment).await;
    assert!(away.code == 1 && away.err.contains("payments"), "{}", away.err);
    let still_listed = program::run(&["payments", "parked"], &environment).await;
    assert_eq!(still_listed.code, 0, "{}", still_listed.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_wait_all_of_them_are_listed() {
    let house = House::new().await;
    let statement = "INSERT INTO payments (id, provider_payment_id, state, amount_minor, currency, provider_updated_at, \
                     found_by, park_reason, parked_at, created_at, updated_at) SELECT gen_random_uuid(), n::text, \
                     'approved', 30000, 'ARS', now(), 'webhook', 'unknown_reservation', now(), now(), now() \
                     FROM generate_series(1, 501) AS n";
    let mut conn = house.database.conn().await;
    conn.batch_execute(statement).await.unwrap();
    let listed: Value = serde_json::from_str(&house.says(&["--json", "parked"]).await).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 501);
}
