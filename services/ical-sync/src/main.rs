//! Runs the service `ical-sync`.

use std::process::ExitCode;

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    service::start::run("ical-sync", ical_sync::app::start()).await
}
