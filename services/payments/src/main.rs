//! Runs the service `payments`.

use std::process::ExitCode;

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    service::start::run("payments", payments::app::start()).await
}
