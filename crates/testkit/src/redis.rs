//! A numbered Redis database for one test.

use deadpool_redis::redis::{Client, aio::MultiplexedConnection, cmd};
use secrecy::SecretString;
use storage::redis::Redis;
use url::Url;

use crate::stores::stores;

/// An empty Redis database. They are handed out in turn, over and over: the test server has some thousands.
pub struct TestRedis {
    url: Url,
}

impl TestRedis {
    /// Takes the next one and empties it.
    ///
    /// # Panics
    ///
    /// If Redis is not there.
    pub async fn create() -> Self {
        let first = Url::parse(&stores().redis_url).expect("TEST_REDIS_URL is a URL");
        let mut conn = connect(&first).await;
        let answer: (String, u64) = cmd("CONFIG")
            .arg("GET")
            .arg("databases")
            .query_async(&mut conn)
            .await
            .expect("the number of databases");
        let turn: u64 = cmd("INCR")
            .arg("testkit:turn")
            .query_async(&mut conn)
            .await
            .expect("the next turn");
        // Number 0 keeps the count.
        let number = 1 + turn % (answer.1 - 1);
        let mut url = first;
        url.set_path(&number.to_string());
        let taken = Self { url };
        taken.flush().await;
        taken
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Forgets everything, as a restart of Redis does.
    ///
    /// # Panics
    ///
    /// If Redis does not answer.
    pub async fn flush(&self) {
        cmd("FLUSHDB")
            .exec_async(&mut connect(&self.url).await)
            .await
            .expect("an empty database");
    }

    /// A pool over it.
    ///
    /// # Panics
    ///
    /// Never: the address was used before.
    #[must_use]
    pub fn redis(&self) -> Redis {
        Redis::new(&SecretString::from(self.url.as_str())).expect("a valid address")
    }
}

async fn connect(url: &Url) -> MultiplexedConnection {
    let client = Client::open(url.as_str()).expect("a Redis address");
    client
        .get_multiplexed_async_connection()
        .await
        .unwrap_or_else(|error| panic!("no Redis: run `deploy/dev/stores.sh up test` ({error})"))
}
