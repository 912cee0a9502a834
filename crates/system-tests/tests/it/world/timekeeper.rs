//! The one clock of a world, told to every process: when moving it returns, no service shows the old time.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// How long a living process may take to look at its clock.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

pub(super) struct Timekeeper {
    address: SocketAddr,
    now: Arc<Mutex<OffsetDateTime>>,
    followers: Arc<tokio::sync::Mutex<Vec<TcpStream>>>,
    _acceptor: JoinSet<()>,
}

impl Timekeeper {
    pub(super) async fn start(now: OffsetDateTime) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (now, followers) = (Arc::new(Mutex::new(now)), Arc::default());
        let mut acceptor = JoinSet::new();
        acceptor.spawn(accept(listener, now.clone(), Arc::clone(&followers)));
        Self {
            address,
            now,
            followers,
            _acceptor: acceptor,
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn now(&self) -> OffsetDateTime {
        *self.now.lock().unwrap()
    }

    pub(super) async fn move_to(&self, now: OffsetDateTime) {
        let mut followers = self.followers.lock().await;
        *self.now.lock().unwrap() = now;
        let told = followers.drain(..).map(|follower| tell(follower, now));
        // The dead are forgotten.
        *followers = futures_util::future::join_all(told)
            .await
            .into_iter()
            .flatten()
            .collect();
    }
}

async fn accept(
    listener: TcpListener,
    now: Arc<Mutex<OffsetDateTime>>,
    followers: Arc<tokio::sync::Mutex<Vec<TcpStream>>>,
) {
    while let Ok((follower, _)) = listener.accept().await {
        let mut followers = followers.lock().await;
        let now = *now.lock().unwrap();
        followers.extend(tell(follower, now).await);
    }
}

/// Tells the time and waits until it holds; gives the follower back if it lives.
async fn tell(mut follower: TcpStream, now: OffsetDateTime) -> Option<TcpStream> {
    let microseconds = now.unix_timestamp_nanos() / 1_000;
    let talk = async {
        follower.write_all(format!("{microseconds}\n").as_bytes()).await?;
        follower.read_u8().await
    };
    match tokio::time::timeout(ANSWERS_WITHIN, talk).await {
        Ok(Ok(_answer)) => Some(follower),
        Ok(Err(_)) | Err(_) => None,
    }
}
