//! Opening one AMQP connection within a time limit, and ending it for certain.

use std::{
    net::{Shutdown, TcpStream},
    os::fd::AsFd,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lapin::{
    AsyncTcpStream, Connection, ConnectionProperties,
    tcp::AMQPUriTcpExt,
    uri::{AMQPQueryString, AMQPUri},
};
use tokio::time::timeout;

/// How often a silent peer must show that it lives; it is given up after two such spans.
const HEARTBEAT_SECONDS: u16 = 10;

/// The largest frame we offer. lapin reserves 64 times this per connection, and our messages are far smaller; larger
/// ones are split over several frames.
const FRAME_MAX_BYTES: u32 = 16 * 1_024;

/// Why no connection came to be.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error("the broker did not answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    #[error("the broker refused the connection")]
    Refused(#[source] lapin::Error),
}

/// An open connection; dropping it closes the socket, whatever state the peer is in.
pub(super) struct Socket {
    pub(super) connection: Arc<Connection>,
    lifeline: Lifeline,
}

/// A second handle on the socket.
///
/// lapin's I/O thread waits for the peer without a limit while a connection opens or closes; a peer that accepts and
/// then is silent (a stopped process, a stalled network) would cost a thread per attempt. Shutting the socket down
/// ends that wait.
#[derive(Default, Clone)]
struct Lifeline(Arc<Mutex<Option<TcpStream>>>);

impl Socket {
    /// Connects, authenticates and opens the virtual host, within `limit`.
    pub(super) async fn open(uri: &AMQPUri, name: &str, limit: Duration) -> Result<Self, ConnectError> {
        let lifeline = Lifeline::default();
        let cut = lifeline.clone();
        let runtime = lapin::runtime::default_runtime().map_err(ConnectError::Refused)?;
        let connector = Connection::connector(
            with_limits(uri),
            runtime,
            async move |uri: AMQPUri, runtime| {
                let stream = timeout(limit, uri.connect_async(&runtime))
                    .await
                    .map_err(std::io::Error::from)??;
                if let AsyncTcpStream::Plain(plain) = &stream {
                    cut.hold(TcpStream::from(plain.get_ref().as_fd().try_clone_to_owned()?));
                }
                Ok(stream)
            },
            ConnectionProperties::default().with_connection_name(name.into()),
        );
        match timeout(limit, connector).await {
            Ok(Ok(connection)) => Ok(Self {
                connection: Arc::new(connection),
                lifeline,
            }),
            Ok(Err(error)) => {
                lifeline.cut();
                Err(ConnectError::Refused(error))
            }
            Err(_elapsed) => {
                lifeline.cut();
                Err(ConnectError::TimedOut(limit))
            }
        }
    }

    /// Says goodbye within `limit`.
    pub(super) async fn close(self, limit: Duration) {
        let goodbye = self
            .connection
            .close(lapin::protocol::constants::REPLY_SUCCESS, "closing".into());
        if let Ok(Err(error)) = timeout(limit, goodbye).await {
            tracing::debug!(%error, "the connection to RabbitMQ ended before it was closed");
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.lifeline.cut();
    }
}

impl Lifeline {
    fn hold(&self, stream: TcpStream) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(stream);
    }

    fn cut(&self) {
        if let Some(stream) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // It may be closed already, which is all we want.
            let _closed = stream.shutdown(Shutdown::Both);
        }
    }
}

/// The heartbeat and frame size of the address, or else ours.
fn with_limits(uri: &AMQPUri) -> AMQPUri {
    let mut uri = uri.clone();
    uri.query = AMQPQueryString {
        heartbeat: uri.query.heartbeat.or(Some(HEARTBEAT_SECONDS)),
        frame_max: uri.query.frame_max.or(Some(FRAME_MAX_BYTES)),
        ..uri.query
    };
    uri
}
