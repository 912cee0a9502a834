//! `alojactl ical`, beside a running `ical-sync` and played channels.

use messaging::topology::Topology;
use secrecy::SecretString;
use serde_json::{Value, json};
use service::clock::Clock;
use service::settings::{HttpSettings, InternalSettings};
use testkit::TestDatabase;

use crate::program::{self, Said};

const TOKEN: &str = "between services";

struct House {
    database: TestDatabase,
    sandbox: sandbox::Running,
    service: String,
    client: reqwest::Client,
}

impl House {
    /// Three lodgings, a service and an Airbnb calendar that lists one stay.
    async fn new() -> Self {
        service::start::install_crypto();
        let database = TestDatabase::create().await;
        let sandbox = sandbox::start(sandbox::Options::default()).await.unwrap();
        let allowed = sandbox.url.trim_start_matches("http://").to_owned();
        let settings = service::settings::load_from(&[
            ("DATABASE_URL", database.url().as_str()),
            ("AMQP_URL", "amqp://127.0.0.1:1/nowhere"),
            ("ICAL_ALLOWED_HOSTS", &allowed),
        ]);
        let internal = InternalSettings {
            internal_api_token: Some(SecretString::from(TOKEN)),
        };
        let application = ical_sync::app::build(
            HttpSettings::for_tests(),
            internal,
            settings.unwrap(),
            Clock::system(),
            Topology::of_services(&["ical-sync"]),
        );
        let application = application.unwrap();
        let service = application.base_url();
        tokio::spawn(application.run_until_stopped());
        let house = Self {
            database,
            sandbox,
            service,
            client: reqwest::Client::new(),
        };
        assert_eq!(house.run(&["seed", "demo"]).await.code, 0);
        let soon = Clock::system().now().date() + time::Duration::days(20);
        let stay = json!({ "start": soon.to_string(), "end": (soon + time::Duration::days(2)).to_string() });
        house.channel("stays", stay).await;
        house
    }

    async fn channel(&self, what: &str, body: Value) {
        let url = format!("{}/_control/channels/airbnb/{what}", self.sandbox.url);
        let answer = self.client.post(url).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{what}: {}", answer.status());
    }

    fn feed(&self) -> String {
        format!("{}/channels/airbnb.ics", self.sandbox.url)
    }

    async fn run(&self, arguments: &[&str]) -> Said {
        let environment = [
            ("DATABASE_URL", self.database.url().as_str()),
            ("ICAL_SYNC_URL", &self.service),
            ("INTERNAL_API_TOKEN", TOKEN),
        ];
        program::run(arguments, &environment).await
    }

    async fn ical(&self, arguments: &[&str]) -> Said {
        self.run(&[&["ical"], arguments].concat()).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_shown_added_read_and_removed() {
    let house = House::new().await;
    let url = house.feed();
    let add = [
        "add",
        "--accommodation",
        "1",
        "--channel",
        "airbnb",
        "--url",
        &url,
    ];
    let shown = house.ical(&add).await;
    assert_eq!(shown.code, 0, "{}", shown.err);
    assert!(
        shown
            .out
            .contains("leído como airbnb; cierres: 1, noches desde hoy: 2"),
        "{}",
        shown.out
    );
    assert_eq!(house.ical(&["feeds"]).await.out, "no hay feeds\n");

    let added = house.ical(&[&add[..], &["--yes"]].concat()).await;
    assert_eq!(
        added.out, "el feed 1 se lee de aquí en adelante\n",
        "{}",
        added.err
    );
    let synced = house.ical(&["sync", "--all"]).await;
    assert_eq!(synced.code, 0, "{}{}", synced.out, synced.err);
    assert!(synced.out.contains("Cabaña del Bosque"), "{}", synced.out);
    let feeds = house
        .run(&["--json", "ical", "feeds", "--accommodation", "1"])
        .await;
    let feeds: Value = serde_json::from_str(&feeds.out).unwrap();
    assert_eq!(
        (&feeds[0]["state"], &feeds[0]["exposure_minutes"]),
        (&json!("fresh"), &json!(180))
    );
    assert!(
        !feeds.to_string().contains("airbnb.ics"),
        "the address is a secret"
    );

    assert_eq!(house.ical(&["pause", "--feed", "1"]).await.code, 0);
    assert!(house.ical(&["feeds"]).await.out.contains("paused"));
    assert_eq!(house.ical(&["resume", "--feed", "1"]).await.code, 0);
    let edited = house.ical(&["edit", "--feed", "1", "--channel", "vrbo"]).await;
    assert_eq!(edited.code, 0, "{}", edited.err);
    assert!(house.ical(&["feeds"]).await.out.contains("vrbo"));
    let refused = house.ical(&["remove", "--feed", "1"]).await;
    assert!(
        refused.code == 1 && refused.err.contains("--yes"),
        "{}",
        refused.err
    );
    assert_eq!(house.ical(&["remove", "--feed", "1", "--yes"]).await.code, 0);
    assert_eq!(house.ical(&["feeds"]).await.out, "no hay feeds\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_told_and_is_the_exit_code() {
    let house = House::new().await;
    let url = house.feed();
    house
        .channel("script", json!([{ "kind": "html", "times": 1 }]))
        .await;
    let add = [
        "add",
        "--accommodation",
        "1",
        "--channel",
        "airbnb",
        "--url",
        &url,
        "--yes",
    ];
    let page = house.ical(&add).await;
    assert!(
        page.code == 1 && page.err.contains("a web page, not a calendar"),
        "{}",
        page.err
    );
    assert_eq!(house.ical(&add).await.code, 0);
    let inside = [
        "add",
        "--accommodation",
        "1",
        "--channel",
        "airbnb",
        "--url",
        "https://10.0.0.1/a.ics",
    ];
    let inside = house.ical(&inside).await;
    assert!(
        inside.code == 1 && inside.err.contains("not public"),
        "{}",
        inside.err
    );

    house
        .channel("script", json!([{ "kind": "status", "status": 403 }]))
        .await;
    let failing = house.ical(&["sync", "--feed", "1"]).await;
    assert_eq!(failing.code, 1);
    assert!(failing.out.contains("answered 403"), "{}", failing.out);
    let release = house.ical(&["release", "--feed", "1", "--yes"]).await;
    assert!(
        release.code == 1 && release.err.contains("not held"),
        "{}",
        release.err
    );
    assert_eq!(
        house.ical(&["conflicts"]).await.out,
        "no hay conflictos abiertos\n"
    );
    let unknown = "00000000-0000-0000-0000-000000000000";
    let resolve = [
        "resolve",
        unknown,
        "--decision",
        "nada",
        "--by",
        "ana@example.com",
    ];
    assert_eq!(house.ical(&resolve).await.code, 1);
    assert_eq!(house.ical(&["sync"]).await.code, 2, "which feeds?");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_made_anew() {
    let house = House::new().await;
    let regenerate = ["regenerate-token", "--accommodation", "2", "--channel", "booking"];
    let (first, second) = (house.ical(&regenerate).await, house.ical(&regenerate).await);
    assert_eq!((first.code, second.code), (0, 0), "{}", second.err);
    assert!(first.out.contains("/api/v1/ical/export/2/"), "{}", first.out);
    assert_ne!(first.out, second.out);
}
