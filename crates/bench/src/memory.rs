//! What each service keeps in memory after its work.

use anyhow::Context as _;
use procfs::process::Process;

use crate::table::Row;
use crate::target::Target;

const KIBIBYTES: u64 = 40 * 1_024;

/// One row for each process named, but the database.
pub(crate) fn measure(target: &Target) -> anyhow::Result<Vec<Row>> {
    let services = target.processes.iter().filter(|(name, _)| name != "postgres");
    services
        .map(|(name, pid)| {
            let status = Process::new(*pid)?.status()?;
            let now = status.vmrss.context("no resident set")?;
            let most = status.vmhwm.context("no largest resident set")?;
            Ok(Row {
                what: format!("memory of `{name}`"),
                aim: "< 40 MB after its work",
                reached: now < KIBIBYTES,
                note: format!("{:.1} MB now, {:.1} MB at most", mebibytes(now), mebibytes(most)),
                ..Row::default()
            })
        })
        .collect()
}

fn mebibytes(kibibytes: u64) -> f64 {
    f64::from(u32::try_from(kibibytes).unwrap_or(u32::MAX)) / 1_024.0
}
