//! The gateway's process.

use std::process::ExitCode;

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    service::start::run("gateway", gateway::app::start()).await
}
