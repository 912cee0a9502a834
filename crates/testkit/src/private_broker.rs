//! A RabbitMQ node of one's own, to be killed and started again. It takes some five seconds to boot.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{self, Command},
    sync::Once,
    thread,
    time::Duration,
};

use url::Url;

use crate::stores::repository;

/// Runs one function of `deploy/dev/rabbitmq.sh` for the node that the variables describe.
const SCRIPT: &str = r#"
set -euo pipefail
cd "$REPOSITORY"
source deploy/dev/process.sh
source deploy/dev/rabbitmq.sh
"$@"
"#;

/// A running node; dropping it kills it and removes its data.
pub struct PrivateBroker {
    node: Node,
}

#[derive(Clone)]
struct Node {
    home: PathBuf,
    port: u16,
    management_port: u16,
    epmd_port: u16,
    distribution_port: u16,
}

impl PrivateBroker {
    /// Starts one with empty data, and waits until it answers.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn start() -> Self {
        blocking(|| {
            sweep_once();
            let [port, management_port, epmd_port, distribution_port] = free_ports();
            let home = private_home().join(format!("broker-{port}"));
            fs::create_dir_all(&home).expect("a directory below .dev");
            fs::write(home.join("owner"), process::id().to_string()).expect("the owner's process id");
            fs::write(home.join("epmd"), epmd_port.to_string()).expect("the port of its epmd");
            let node = Node {
                home,
                port,
                management_port,
                epmd_port,
                distribution_port,
            };
            node.call(&["start_rabbitmq"]);
            Self { node }
        })
        .await
    }

    /// Its address.
    ///
    /// # Panics
    ///
    /// Never.
    #[must_use]
    pub fn url(&self) -> Url {
        Url::parse(&format!(
            "amqp://alojamientos:alojamientos@127.0.0.1:{}/%2f",
            self.node.port
        ))
        .expect("a URL")
    }

    /// `kill -9`, and waits until the process is gone.
    ///
    /// # Panics
    ///
    /// If it does not run.
    pub async fn kill(&self) {
        let pid = fs::read_to_string(self.node.home.join("rabbitmq/pid")).expect("the node's process id");
        let pid = pid.trim().to_owned();
        blocking(move || {
            let killed = Command::new("kill").args(["-KILL", &pid]).status().expect("kill");
            assert!(killed.success(), "the node was not there to be killed");
            while PathBuf::from(format!("/proc/{pid}/exe")).canonicalize().is_ok() {
                thread::sleep(Duration::from_millis(5));
            }
        })
        .await;
    }

    /// Starts it again with the data it had, and waits until it answers.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub async fn start_again(&self) {
        let node = self.node.clone();
        blocking(move || node.call(&["start_rabbitmq"])).await;
    }

    /// Raises or ends the memory alarm: publishers are blocked while it lasts.
    ///
    /// # Panics
    ///
    /// If the node does not run.
    pub async fn memory_alarm(&self, on: bool) {
        let node = self.node.clone();
        let share = if on { "0.000001" } else { "0.9" };
        blocking(move || {
            node.call(&[
                "with_rabbitmq",
                "/usr/lib/rabbitmq/bin/rabbitmqctl",
                "set_vm_memory_high_watermark",
                share,
            ]);
        })
        .await;
    }
}

impl Node {
    fn call(&self, words: &[&str]) {
        let output = Command::new("bash")
            .args(["-c", SCRIPT, "bash"])
            .args(words)
            .env("REPOSITORY", repository())
            .env("HOME_OF_PROFILE", &self.home)
            .env("CHECKOUT", "private")
            .env("PROFILE", self.port.to_string())
            .env("RABBITMQ_AT", self.port.to_string())
            .env("MANAGEMENT_AT", self.management_port.to_string())
            .env("EPMD_AT", self.epmd_port.to_string())
            .env("DISTRIBUTION_AT", self.distribution_port.to_string())
            .env("RABBITMQ_PORT_NAME", "its port")
            .env("MANAGEMENT_PORT_NAME", "its management port")
            .output()
            .expect("bash");
        assert!(
            output.status.success(),
            "{words:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

impl Drop for PrivateBroker {
    fn drop(&mut self) {
        remove(&self.node.home, self.node.epmd_port);
    }
}

/// Ends the node with this home, and what it left.
fn remove(home: &PathBuf, epmd_port: u16) {
    if let Ok(pid) = fs::read_to_string(home.join("rabbitmq/pid")) {
        let command_line = fs::read_to_string(format!("/proc/{}/cmdline", pid.trim())).unwrap_or_default();
        // Its home is on its command line (`-home …`); the node's name is not.
        if command_line.contains(&*home.join("rabbitmq").to_string_lossy()) {
            let _gone = Command::new("kill").args(["-KILL", pid.trim()]).status();
        }
    }
    end_epmd(epmd_port);
    let _gone = fs::remove_dir_all(home);
}

/// The node's own epmd outlives it, and refuses to go until it has noticed that the node is gone.
fn end_epmd(port: u16) {
    let listens = || TcpStream::connect(("127.0.0.1", port)).is_ok();
    for _ in 0..100 {
        if !listens() {
            return;
        }
        let _refused = Command::new("epmd")
            .args(["-port", &port.to_string(), "-kill"])
            .output();
        thread::sleep(Duration::from_millis(20));
    }
}

/// Ends nodes whose test process was killed; once in each process.
fn sweep_once() {
    static SWEPT: Once = Once::new();
    SWEPT.call_once(|| {
        let entries = fs::read_dir(private_home()).into_iter().flatten().flatten();
        for home in entries.map(|entry| entry.path()) {
            let owner = fs::read_to_string(home.join("owner")).unwrap_or_default();
            if !owner.is_empty() && !PathBuf::from(format!("/proc/{owner}")).exists() {
                let epmd_port = fs::read_to_string(home.join("epmd"))
                    .ok()
                    .and_then(|text| text.parse().ok());
                remove(&home, epmd_port.unwrap_or(0));
            }
        }
    });
}

fn private_home() -> PathBuf {
    repository().join(".dev/test-private")
}

fn free_ports() -> [u16; 4] {
    // All are held until all are known, so that they differ.
    let listeners = [(); 4].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    listeners.map(|listener| listener.local_addr().expect("an address").port())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
