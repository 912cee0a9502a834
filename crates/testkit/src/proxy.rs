//! A TCP proxy that misbehaves on demand: it stands for the network between a service and a store.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};
use url::Url;

/// What happens to the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// They pass.
    None,
    /// Each chunk waits that long, both ways.
    Delay(Duration),
    /// Nothing passes, and nothing is closed: a stalled network, or a stopped process.
    Stall,
    /// Requests pass, answers do not.
    StallAnswers,
    /// New connections are closed at once; open ones are cut.
    Refuse,
}

/// A listening proxy; dropping it cuts everything.
pub struct Proxy {
    address: SocketAddr,
    fault: watch::Sender<Fault>,
    /// Counts the cuts: a connection ends when the number moves.
    cuts: watch::Sender<u64>,
    accepted: Arc<AtomicUsize>,
    _acceptor: JoinSet<()>,
}

impl Proxy {
    /// Starts one before `upstream`, such as `127.0.0.1:5672`.
    ///
    /// # Panics
    ///
    /// If no port is free.
    pub async fn to(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (fault, faults) = watch::channel(Fault::None);
        let (cuts, cut) = watch::channel(0);
        let accepted = Arc::new(AtomicUsize::new(0));
        let mut acceptor = JoinSet::new();
        acceptor.spawn(accept(
            listener,
            upstream.to_owned(),
            faults,
            cut,
            accepted.clone(),
        ));
        Self {
            address,
            fault,
            cuts,
            accepted,
            _acceptor: acceptor,
        }
    }

    /// Starts one before the server of `url`, and gives the address that leads through it.
    ///
    /// # Panics
    ///
    /// If `url` has no host and port.
    pub async fn before(url: &Url) -> (Self, Url) {
        let host = url.host_str().expect("a host");
        let port = url.port().expect("a port");
        let proxy = Self::to(&format!("{host}:{port}")).await;
        let mut through = url.clone();
        through.set_host(Some("127.0.0.1")).expect("a host");
        through.set_port(Some(proxy.address.port())).expect("a port");
        (proxy, through)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections have been opened so far.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    /// From now on, for open connections as well.
    pub fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
        if fault == Fault::Refuse {
            self.cut();
        }
    }

    /// Ends all open connections; new ones are served.
    pub fn cut(&self) {
        self.cuts.send_modify(|count| *count += 1);
    }
}

async fn accept(
    listener: TcpListener,
    upstream: String,
    faults: watch::Receiver<Fault>,
    cuts: watch::Receiver<u64>,
    accepted: Arc<AtomicUsize>,
) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        accepted.fetch_add(1, Ordering::Relaxed);
        if *faults.borrow() == Fault::Refuse {
            continue;
        }
        let (upstream, faults, mut cuts) = (upstream.clone(), faults.clone(), cuts.clone());
        cuts.mark_unchanged();
        connections.spawn(async move {
            tokio::select! {
                _ = serve(client, &upstream, faults) => {}
                _ = cuts.changed() => {}
            }
        });
    }
}

async fn serve(client: TcpStream, upstream: &str, faults: watch::Receiver<Fault>) -> io::Result<()> {
    let server = TcpStream::connect(upstream).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let requests = pump(from_client, to_server, faults.clone(), |fault| {
        fault == Fault::Stall
    });
    let answers = pump(from_server, to_client, faults, |fault| {
        matches!(fault, Fault::Stall | Fault::StallAnswers)
    });
    // One side's end is both sides' end: the stores' protocols know no half-open connections.
    tokio::select! {
        ended = requests => ended,
        ended = answers => ended,
    }
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut faults: watch::Receiver<Fault>,
    stalls: impl Fn(Fault) -> bool,
) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1_024];
    loop {
        let length = from.read(&mut buffer).await?;
        let Some(chunk) = buffer.get(..length).filter(|chunk| !chunk.is_empty()) else {
            return Ok(());
        };
        let fault = *faults
            .wait_for(|fault| !stalls(*fault))
            .await
            .map_err(io::Error::other)?;
        if let Fault::Delay(delay) = fault {
            tokio::time::sleep(delay).await;
        }
        to.write_all(chunk).await?;
    }
}
