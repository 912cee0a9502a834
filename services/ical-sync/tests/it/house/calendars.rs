//! Other channels' calendars, as they are played, read and stored.

use std::collections::BTreeSet;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Date as SqlDate, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use testkit::{Answer, wait_until};
use time::Date;
use uuid::Uuid;

use super::{House, Number, SOON, nights};

/// A closure as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub(crate) struct Block {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub(crate) feed_id: i64,
    #[diesel(sql_type = SqlDate)]
    pub(crate) starts_on: Date,
    #[diesel(sql_type = SqlDate)]
    pub(crate) ends_on: Date,
    #[diesel(sql_type = Text)]
    pub(crate) kind: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) echo_of: Option<Uuid>,
}

impl House {
    /// A channel's calendar, played, that the house reads; the channel's name is the beginning of `name`.
    pub(crate) async fn feed(&self, lodging: i64, name: &str) -> i64 {
        self.channel(&format!("/_control/channels/{name}"), json!({}))
            .await;
        let channel = name.split('-').next().unwrap();
        let feed = json!({ "channel": channel, "url": self.channel_url(name) });
        let added = self
            .post(&format!("/admin/accommodations/{lodging}/feeds"), feed)
            .await;
        assert_eq!(added.status, 201, "{}", added.text);
        let id = added.body["id"].as_i64().unwrap();
        self.quiet().await;
        id
    }

    pub(crate) fn channel_url(&self, name: &str) -> String {
        format!("{}/channels/{name}.ics", self.sandbox.url)
    }

    /// A guest books at a channel.
    pub(crate) async fn stay(&self, name: &str, from: Date, to: Date) -> String {
        self.entry(name, from, to, "reservation").await
    }

    pub(crate) async fn entry(&self, name: &str, from: Date, to: Date, kind: &str) -> String {
        let stay = json!({ "start": from.to_string(), "end": to.to_string(), "kind": kind });
        let made = self
            .channel(&format!("/_control/channels/{name}/stays"), stay)
            .await;
        made.body["key"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn move_stay(&self, name: &str, key: &str, from: Date, to: Date) {
        let stay = json!({ "start": from.to_string(), "end": to.to_string() });
        self.channel(&format!("/_control/channels/{name}/stays/{key}"), stay)
            .await;
    }

    pub(crate) async fn end_stay(&self, name: &str, key: &str) {
        let url = format!("{}/_control/channels/{name}/stays/{key}", self.sandbox.url);
        let answer = self.client.delete(url).send().await.unwrap();
        assert_eq!(answer.status(), 204);
    }

    /// What the channel answers next instead of its calendar.
    pub(crate) async fn script(&self, name: &str, answers: Value) {
        self.channel(&format!("/_control/channels/{name}/script"), answers)
            .await;
    }

    pub(crate) async fn end_script(&self, name: &str) {
        let url = format!("{}/_control/channels/{name}/script", self.sandbox.url);
        self.client.delete(url).send().await.unwrap();
    }

    /// Has the channel import these feeds and re-export them as its own.
    pub(crate) async fn echo(&self, name: &str, urls: &[String]) {
        self.channel(&format!("/_control/channels/{name}"), json!({ "echo": urls }))
            .await;
    }

    pub(crate) async fn channel(&self, path: &str, body: Value) -> Answer {
        let url = format!("{}{path}", self.sandbox.url);
        let answer = Answer::to(self.client.post(url).json(&body)).await;
        assert!(answer.status < 300, "{path}: {}", answer.text);
        answer
    }

    /// How often the sandbox was asked for a channel's calendar.
    pub(crate) async fn fetches(&self, name: &str) -> usize {
        let url = format!(
            "{}/_control/received?provider=channels&path=/channels/{name}.ics",
            self.sandbox.url
        );
        let received = Answer::to(self.client.get(url)).await.body;
        received.as_array().unwrap().len()
    }

    /// Reads every feed now.
    pub(crate) async fn sync(&self) {
        let answer = self.post("/admin/feeds/sync", json!({})).await;
        assert_eq!(answer.status, 202);
        self.quiet().await;
    }

    /// Waits until no feed is due or being read.
    pub(crate) async fn quiet(&self) {
        wait_until(SOON, async || self.restless().await == 0).await;
    }

    pub(crate) async fn restless(&self) -> i64 {
        let restless = diesel::sql_query(
            "SELECT count(*) AS number FROM ical_feeds WHERE removed_at IS NULL AND NOT paused \
             AND (next_fetch_at <= $1 OR next_fetch_at = last_attempt_at + interval '150 s')",
        );
        let restless: Number = restless
            .bind::<Timestamptz, _>(self.clock.now())
            .get_result(&mut self.database.conn().await)
            .await
            .unwrap();
        restless.number
    }

    /// What other channels close of the lodging, by their first nights.
    pub(crate) async fn blocks(&self, lodging: i64) -> Vec<Block> {
        let blocks = diesel::sql_query(
            "SELECT id, feed_id, starts_on, ends_on, kind, echo_of FROM calendar_blocks \
             WHERE accommodation_id = $1 AND removed_at IS NULL ORDER BY starts_on, ends_on, id",
        );
        blocks
            .bind::<BigInt, _>(lodging)
            .load(&mut self.database.conn().await)
            .await
            .unwrap()
    }

    /// The nights that other channels close.
    pub(crate) async fn closed(&self, lodging: i64) -> BTreeSet<Date> {
        let blocks = self.blocks(lodging).await;
        let nights = blocks
            .iter()
            .flat_map(|block| nights(block.starts_on, block.ends_on));
        nights.collect()
    }

    /// The feed as staff see it.
    pub(crate) async fn feed_state(&self, feed: i64) -> Value {
        self.get(&format!("/admin/feeds/{feed}")).await.body
    }

    /// The open conflicts: channel, first night, reservation's code.
    pub(crate) async fn conflicts(&self) -> Vec<Value> {
        let page = self.get("/admin/conflicts").await.body;
        page["items"].as_array().unwrap().clone()
    }

    /// A calendar of ours for a channel, as the public reads it.
    pub(crate) async fn export(&self, lodging: i64, channel: &str) -> String {
        let path = format!("/admin/accommodations/{lodging}/export-tokens");
        let made = self.post(&path, json!({ "channel": channel })).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let url = made.body["url"].as_str().unwrap();
        let (_, path) = url.split_once("/api/v1").unwrap();
        format!("{}{path}", self.front.url)
    }
}
