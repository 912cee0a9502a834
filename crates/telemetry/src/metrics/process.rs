//! The usual `process_*` metrics, read from `/proc`.

use std::fs;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use prometheus::Counter;

use super::gauge::{Gauge, from_count};
use super::registry;

/// Linux reports CPU time in ticks of 10 ms to every program, whatever the kernel uses inside.
const TICK: Duration = Duration::from_millis(10);

struct Process {
    cpu: Option<Counter>,
    cpu_seen: Mutex<Duration>,
    resident: Gauge,
    virtual_memory: Gauge,
    started: Gauge,
    threads: Gauge,
    open_files: Gauge,
    max_files: Gauge,
}

static PROCESS: LazyLock<Process> = LazyLock::new(|| {
    let gauge = |name, help| Gauge::new(name, help, &[]);
    Process {
        cpu: cpu_counter(),
        cpu_seen: Mutex::default(),
        resident: gauge("process_resident_memory_bytes", "Resident memory."),
        virtual_memory: gauge("process_virtual_memory_bytes", "Virtual memory."),
        started: gauge(
            "process_start_time_seconds",
            "When the process started, Unix time.",
        ),
        threads: gauge("process_threads", "Threads of the process."),
        open_files: gauge("process_open_fds", "Open file descriptors."),
        max_files: gauge("process_max_fds", "The limit on open file descriptors."),
    }
});

fn cpu_counter() -> Option<Counter> {
    let counter = Counter::new("process_cpu_seconds_total", "User and system CPU time.").ok()?;
    registry::registry().register(Box::new(counter.clone())).ok()?;
    Some(counter)
}

pub(super) fn refresh() {
    let process = &*PROCESS;
    if let Ok(stat) = fs::read_to_string("/proc/self/stat") {
        process.set_times(&stat);
    }
    if let Ok(status) = fs::read_to_string("/proc/self/status") {
        let bytes = |name| number_after(&status, name).and_then(|kib| kib.checked_mul(1024));
        set(&process.resident, bytes("VmRSS:"));
        set(&process.virtual_memory, bytes("VmSize:"));
        set(&process.threads, number_after(&status, "Threads:"));
    }
    if let Ok(limits) = fs::read_to_string("/proc/self/limits") {
        set(&process.max_files, number_after(&limits, "Max open files"));
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        set(&process.open_files, i64::try_from(files.count()).ok());
    }
}

impl Process {
    fn set_times(&self, stat: &str) {
        // The second field is the program's name in brackets and may itself contain spaces.
        let Some((_, fields)) = stat.rsplit_once(')') else {
            return;
        };
        let ticks = |position: usize| fields.split_whitespace().nth(position)?.parse::<u32>().ok();
        if let (Some(cpu), Some(user), Some(system)) = (&self.cpu, ticks(11), ticks(12)) {
            let used = TICK * user + TICK * system;
            let mut seen = self.cpu_seen.lock().unwrap_or_else(PoisonError::into_inner);
            cpu.inc_by(used.saturating_sub(*seen).as_secs_f64());
            *seen = used;
        }
        let boot = fs::read_to_string("/proc/stat")
            .ok()
            .and_then(|text| number_after(&text, "btime"));
        if let (Some(boot), Some(after)) = (boot.and_then(|boot| u64::try_from(boot).ok()), ticks(19)) {
            self.started
                .set(&[], (Duration::from_secs(boot) + TICK * after).as_secs_f64());
        }
    }
}

fn set(gauge: &Gauge, value: Option<i64>) {
    if let Some(value) = value {
        gauge.set(&[], from_count(value));
    }
}

/// The first number after `name` in `text`.
fn number_after(text: &str, name: &str) -> Option<i64> {
    let (_, rest) = text.split_once(name)?;
    rest.split_whitespace().next()?.parse().ok()
}
