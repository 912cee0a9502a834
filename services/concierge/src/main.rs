//! Runs the service `concierge`.

use std::process::ExitCode;

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    service::start::run("concierge", concierge::app::start()).await
}
