//! The test's clock, followed over a socket: each line is an instant in microseconds, and is answered once it holds.

use std::io::{BufRead, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;
use service::clock::Clock;
use time::OffsetDateTime;

#[derive(Deserialize)]
struct Settings {
    /// `TEST_CLOCK_ADDRESS`: where the test tells the time.
    test_clock_address: SocketAddr,
}

/// A clock that shows what the test says, from the first moment on. The process ends with the test.
pub(crate) fn follow() -> anyhow::Result<Clock> {
    let settings: Settings = service::settings::load()?;
    let mut socket = TcpStream::connect_timeout(&settings.test_clock_address, Duration::from_secs(5))?;
    socket.set_nodelay(true)?;
    let mut lines = BufReader::new(socket.try_clone()?);
    let clock = Clock::frozen_at(read(&mut lines)?);
    socket.write_all(b"\n")?;
    let followed = clock.clone();
    std::thread::spawn(move || {
        while let Ok(now) = read(&mut lines) {
            followed.set(now);
            if socket.write_all(b"\n").is_err() {
                break;
            }
        }
        // Whoever told the time is gone, and there is nobody left to serve.
        std::process::exit(0);
    });
    Ok(clock)
}

fn read(lines: &mut impl BufRead) -> anyhow::Result<OffsetDateTime> {
    let mut line = String::new();
    lines.read_line(&mut line)?;
    let microseconds: i128 = line.trim().parse().context("an instant in microseconds")?;
    Ok(OffsetDateTime::from_unix_timestamp_nanos(microseconds * 1_000)?)
}
