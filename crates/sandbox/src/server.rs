//! Binding, routes, start and stop.

use std::net::{IpAddr, SocketAddr, TcpListener};

use actix_web::{
    App as Application, HttpServer,
    dev::ServerHandle,
    middleware::from_fn,
    web::{Data, PayloadConfig},
};
use tokio::{runtime::Handle, task::JoinHandle};

use crate::{channels, control, mercadopago, options::Options, pages, state::Shared, watch::watch, whatsapp};

/// The largest body taken, in bytes.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// A sandbox at work; it ends when dropped.
#[derive(Debug)]
pub struct Running {
    /// Where it listens, without a trailing slash: `http://127.0.0.1:8100`.
    pub url: String,
    /// Stops it by hand.
    pub handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Stops and waits until it has stopped.
    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It would have been reachable from outside this machine.
    #[error("the sandbox listens on loopback only, and {0} is not")]
    NotLoopback(IpAddr),
    /// The port is taken, or the system refused.
    #[error("listen on {0}")]
    Bind(SocketAddr, #[source] std::io::Error),
    /// The client for webhooks could not be built.
    #[error("build the HTTP client")]
    Client(#[source] reqwest::Error),
}

/// Starts a sandbox; call it inside a tokio runtime, where its background work will run.
///
/// # Errors
///
/// [`StartError`] when the address is not loopback or not free.
pub async fn start(options: Options) -> Result<Running, StartError> {
    if !options.host.is_loopback() {
        return Err(StartError::NotLoopback(options.host));
    }
    let address = SocketAddr::new(options.host, options.port);
    let listener = TcpListener::bind(address).map_err(|error| StartError::Bind(address, error))?;
    let bound = listener
        .local_addr()
        .map_err(|error| StartError::Bind(address, error))?;
    let base_url = match &options.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("http://{bound}"),
    };
    let shared = Data::new(Shared::new(options, base_url, client()?, Handle::current()));

    let server = HttpServer::new(move || {
        Application::new()
            .app_data(shared.clone())
            .app_data(PayloadConfig::new(BODY_LIMIT))
            .wrap(from_fn(watch))
            .configure(mercadopago::routes)
            .configure(whatsapp::routes)
            .configure(channels::routes)
            .configure(control::routes)
            .configure(pages::routes)
    })
    .workers(2)
    .shutdown_timeout(1)
    .disable_signals()
    .listen(listener)
    .map_err(|error| StartError::Bind(bound, error))?
    .run();
    let handle = server.handle();
    let task = tokio::spawn(server);
    Ok(Running {
        url: format!("http://{bound}"),
        handle,
        task,
    })
}

fn client() -> Result<reqwest::Client, StartError> {
    // A second sandbox in one process finds the provider installed.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(std::time::Duration::from_secs(22))
        .no_proxy()
        .build()
        .map_err(StartError::Client)
}
