//! The CPU time of processes, as the kernel counts it.

use std::time::Duration;

use anyhow::Context as _;
use procfs::process::{Process, all_processes};

use crate::target::Target;

/// What a process and all that it started have used so far.
pub(crate) fn of_family(pid: i32) -> anyhow::Result<Duration> {
    let mut ticks = ticks(&Process::new(pid).with_context(|| format!("process {pid}"))?)?;
    for process in all_processes()? {
        // One that ends while we look is in its parent's sum the next time.
        let Ok(process) = process else { continue };
        let Ok(stat) = process.stat() else { continue };
        if stat.ppid == pid {
            ticks += self::ticks(&process).unwrap_or_default();
        }
    }
    Ok(Duration::from_millis(ticks * 1_000 / procfs::ticks_per_second()))
}

/// Its own, and that of its children that have ended.
fn ticks(process: &Process) -> anyhow::Result<u64> {
    let stat = process.stat()?;
    let ended = u64::try_from(stat.cutime + stat.cstime).unwrap_or_default();
    Ok(stat.utime + stat.stime + ended)
}

/// What services and database have used so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// The services.
    pub(crate) app: Duration,
    /// PostgreSQL.
    pub(crate) database: Duration,
}

impl Cost {
    /// Now.
    pub(crate) fn so_far(target: &Target, services: &[&str]) -> anyhow::Result<Self> {
        let mut app = Duration::ZERO;
        for service in services {
            app += of_family(target.process(service)?)?;
        }
        Ok(Self {
            app,
            database: of_family(target.process("postgres")?)?,
        })
    }

    /// Since `earlier`, for each of `count` requests.
    pub(crate) fn since(self, earlier: Self, count: u64) -> Self {
        let each = |now: Duration, then: Duration| {
            now.saturating_sub(then) / u32::try_from(count.max(1)).unwrap_or(u32::MAX)
        };
        Self {
            app: each(self.app, earlier.app),
            database: each(self.database, earlier.database),
        }
    }
}
