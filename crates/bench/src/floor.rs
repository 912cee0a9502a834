//! The floor of a read: a process of its own with one actix handler that gives the same bytes.

use std::process::Stdio;
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::{Context as _, bail};
use tokio::process::{Child, Command};

/// Serves the answer of another address, asked once.
#[derive(Debug, clap::Args)]
pub(crate) struct Floor {
    /// Whose answer to give.
    #[arg(long)]
    like: String,
    /// Where to listen, on loopback.
    #[arg(long)]
    port: u16,
}

impl Floor {
    pub(crate) async fn serve(self) -> anyhow::Result<()> {
        let body = reqwest::get(&self.like)
            .await?
            .error_for_status()?
            .bytes()
            .await?;
        let server = HttpServer::new(move || {
            let body = body.clone();
            App::new().default_service(web::to(move || {
                let body = body.clone();
                async move { HttpResponse::Ok().content_type("application/json").body(body) }
            }))
        });
        server.workers(2).bind(("127.0.0.1", self.port))?.run().await?;
        Ok(())
    }
}

/// A running floor; it ends when dropped.
pub(crate) struct Running {
    pub(crate) url: String,
    _process: Child,
}

/// Starts one and waits until it answers.
pub(crate) async fn start(like: &str) -> anyhow::Result<Running> {
    let port = free_port()?;
    let program = std::env::current_exe()?;
    let process = Command::new(program)
        .args(["floor", "--like", like, "--port", &port.to_string()])
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("start the floor")?;
    let url = format!("http://127.0.0.1:{port}/");
    for _ in 0..100 {
        if reqwest::get(&url)
            .await
            .is_ok_and(|answer| answer.status().is_success())
        {
            return Ok(Running {
                url,
                _process: process,
            });
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("the floor does not answer")
}

fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?
        .local_addr()?
        .port())
}
