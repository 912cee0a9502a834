//! A service as a process.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running service; dropping it is `kill -9`.
pub(crate) struct Process(Child);

impl Process {
    /// Starts `service` on `port` with exactly these variables; what it says is added to `log`.
    pub(super) fn spawn(service: &str, port: u16, variables: &HashMap<String, String>, log: &Path) -> Self {
        let log = OpenOptions::new().create(true).append(true).open(log).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_service-under-test"))
            .arg(service)
            .env_clear()
            .envs(variables)
            .env("HTTP_PORT", port.to_string())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn();
        Self(child.unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, which its log tells.
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}
