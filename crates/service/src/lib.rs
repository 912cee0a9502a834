//! What every service needs, and nothing that only one of them knows.
//!
//! - [`start`] is `main`: settings, logs, build, run, exit code.
//! - [`app`] binds the port, runs the server and the background work, and stops both gently.
//! - [`http`] is what handlers use: routes, bodies, queries, pages of lists; [`problem`] is how they refuse.
//! - [`bounded_text`] is what people may write.
//! - [`health`] and [`readiness`] answer the probes.
//! - [`upstream`] calls other services; [`jobs`] run by the clock; [`background`] owns tasks.

mod allocator;
pub mod app;
pub mod background;
pub mod bounded_text;
pub mod clock;
pub mod guest_token;
pub mod health;
pub mod http;
pub mod idempotency;
pub mod internal;
pub mod jobs;
pub mod password;
pub mod problem;
pub mod readiness;
pub mod retry_after;
pub mod secret;
pub mod settings;
pub mod start;
pub mod upstream;

/// The version that runs: set at build time by `ALOJAMIENTOS_VERSION`, else the package's.
pub const VERSION: &str = match option_env!("ALOJAMIENTOS_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};
