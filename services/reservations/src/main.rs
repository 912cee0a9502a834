//! Runs the service `reservations`.

use std::process::ExitCode;

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    service::start::run("reservations", reservations::app::start()).await
}
