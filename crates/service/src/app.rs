//! A running service: its port, its probes, its routes, its background work, and their end.

mod probes;
mod stop;

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, HttpServer};
use tokio_util::sync::CancellationToken;

pub use probes::ScrapeHook;

use crate::background::Background;
use crate::clock::Clock;
use crate::health::Health;
use crate::http::body::BodyLimits;
use crate::http::errors;
use crate::http::layer::{Layer, around};
use crate::http::traffic::Traffic;
use crate::readiness::Readiness;
use crate::settings::HttpSettings;
use probes::Probes;

/// Why a service could not start to listen.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The port is taken, or may not be used.
    #[error("listen on {address} (HTTP_HOST, HTTP_PORT)")]
    Listen {
        /// Host and port.
        address: String,
        /// What the system said.
        source: io::Error,
    },
}

/// A bound service, ready to run.
pub struct Application {
    address: SocketAddr,
    server: Server,
    readiness: Readiness,
    background: Background,
    stop: CancellationToken,
    drain_wait: Duration,
    patience: Duration,
}

/// Collects the parts of an [`Application`].
pub struct Builder {
    name: &'static str,
    settings: HttpSettings,
    health: Option<Health>,
    readiness: Readiness,
    background: Background,
    hooks: Vec<ScrapeHook>,
}

impl Application {
    /// Starts with the service's name and its HTTP settings.
    #[must_use]
    pub fn builder(name: &'static str, settings: HttpSettings) -> Builder {
        Builder {
            name,
            settings,
            health: None,
            readiness: Readiness::default(),
            background: Background::new(),
            hooks: Vec::new(),
        }
    }

    /// Where it listens; tests ask for port 0 and read the real one here.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://address`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Cancel it to stop the service as SIGTERM does.
    #[must_use]
    pub fn stopper(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Serves until SIGTERM, SIGINT or [`stopper`](Self::stopper), then ends gently: `/readyz` fails, a moment for
    /// probers to notice, no new connections, requests finish, background work finishes.
    ///
    /// # Errors
    ///
    /// The server's own, if it breaks down.
    pub async fn run_until_stopped(self) -> io::Result<()> {
        let handle = self.server.handle();
        let mut server = tokio::spawn(self.server);
        tokio::select! {
            ended = &mut server => return ended.unwrap_or_else(|failure| Err(io::Error::other(failure))),
            () = stop::requested(&self.stop) => {}
        }
        tracing::info!("stopping: no longer ready");
        self.readiness.drain();
        tokio::time::sleep(self.drain_wait).await;
        handle.stop(true).await;
        let ended = server.await;
        if !self.background.stop(self.patience).await {
            tracing::warn!("some background work did not finish in time");
        }
        tracing::info!("stopped");
        ended.unwrap_or_else(|failure| Err(io::Error::other(failure)))
    }
}

impl Builder {
    /// What `/healthz` shows.
    #[must_use]
    pub fn health(self, health: Health) -> Self {
        Self {
            health: Some(health),
            ..self
        }
    }

    /// What `/readyz` follows.
    #[must_use]
    pub fn readiness(self, readiness: Readiness) -> Self {
        Self { readiness, ..self }
    }

    /// Tasks to be stopped with the service.
    #[must_use]
    pub fn background(self, background: Background) -> Self {
        Self { background, ..self }
    }

    /// Runs before each rendering of `/metrics`, for at most a second, to set gauges from a store.
    #[must_use]
    pub fn before_scrape<F, R>(mut self, hook: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        self.hooks.push(ScrapeHook::new(hook));
        self
    }

    /// Binds the port. `routes` is called once per worker thread; share state in it by clones of `web::Data`.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the port cannot be had.
    pub fn build<F>(self, routes: F) -> Result<Application, BuildError>
    where
        F: Fn(&mut ServiceConfig) + Send + Clone + 'static,
    {
        let settings = self.settings;
        let (listener, address) = listen(&settings)?;
        let layer = Layer {
            traffic: Traffic::new(self.name),
            hsts: settings.http_hsts,
            probes: Arc::new(Mutex::new(HashMap::new())),
        };
        let limits = BodyLimits {
            bytes: settings.http_body_limit_bytes,
            timeout: settings.body_timeout(),
        };
        let health = self
            .health
            .unwrap_or_else(|| Health::builder(Clock::system()).build());
        let probes = Probes::new(health, self.readiness.clone(), self.hooks);
        let patience = Duration::from_secs(settings.http_shutdown_seconds / 2);
        let server = HttpServer::new(move || {
            let (layer, probes, routes) = (layer.clone(), probes.clone(), routes.clone());
            App::new()
                .configure(|config| errors::configure(config, limits))
                .configure(|config| probes.configure(config))
                .configure(routes)
                .default_service(web::to(errors::not_found))
                .wrap(from_fn(move |request, next| around(layer.clone(), request, next)))
        })
        .workers(settings.http_workers.unwrap_or(1).max(1))
        .worker_max_blocking_threads(4)
        .max_connections(settings.http_max_connections)
        .client_request_timeout(Duration::from_secs(settings.http_header_timeout_seconds))
        .client_disconnect_timeout(Duration::from_secs(1))
        .keep_alive(Duration::from_secs(settings.http_keep_alive_seconds))
        .shutdown_timeout(patience.as_secs())
        .disable_signals()
        .listen(listener)
        .map_err(|source| BuildError::Listen {
            address: address.to_string(),
            source,
        })?
        .run();
        Ok(Application {
            address,
            server,
            readiness: self.readiness,
            background: self.background,
            stop: CancellationToken::new(),
            drain_wait: Duration::from_millis(settings.http_drain_wait_milliseconds),
            patience,
        })
    }
}

fn listen(settings: &HttpSettings) -> Result<(TcpListener, SocketAddr), BuildError> {
    let target = (settings.http_host.as_str(), settings.http_port.unwrap_or(0));
    let failed = |source| BuildError::Listen {
        address: format!("{}:{}", target.0, target.1),
        source,
    };
    let listener = TcpListener::bind(target).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

impl std::fmt::Debug for Application {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Application")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Builder")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
