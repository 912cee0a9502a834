//! The service `webhooks`.

use std::process::ExitCode;

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    service::start::run("webhooks", webhooks::app::start()).await
}
