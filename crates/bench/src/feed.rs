//! One huge calendar: read, expanded and compared with what is stored, beside `icalendar` of `PyPI` on the same bytes.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use calendar::{Block, Content, DiffContext, ImportedEvent, ParseContext, Zone, diff, parse};
use procfs::process::Process;
use time::Date;
use time::macros::date;

use crate::table::Row;

const EVENTS: u32 = 10_000;
const ROUNDS: usize = 20;

/// Measures it in this process, which does nothing else: its largest resident set tells the memory.
#[derive(Debug, clap::Args)]
pub(crate) struct Feed {
    /// A Python that can import `icalendar`.
    #[arg(long)]
    python: PathBuf,
    /// The script that reads a file with it and prints the milliseconds.
    #[arg(long, default_value = "deploy/bench/read_feed.py")]
    script: PathBuf,
}

impl Feed {
    pub(crate) fn measure(&self) -> anyhow::Result<Row> {
        let bytes = written();
        let context = ParseContext::new(Zone::named("America/Argentina/Buenos_Aires")?, today());
        // What was there an hour ago: most of it, and some of it elsewhere.
        let before = parse(&bytes, &context);
        ensure!(
            before.events.len() > 9_000,
            "only {} events were read",
            before.events.len()
        );
        let stored: Vec<Block<usize>> = before.events.iter().skip(100).enumerate().map(stored).collect();
        drop(before);

        let memory_before = largest_resident_set()?;
        let mut took = Vec::new();
        for _ in 0..ROUNDS {
            let began = Instant::now();
            let parsed = parse(&bytes, &context);
            let plan = diff(
                &stored,
                &parsed.events,
                &DiffContext {
                    today: today(),
                    own: &[],
                },
            );
            took.push(began.elapsed());
            ensure!(plan.add.len() == 100, "{} added", plan.add.len());
        }
        took.sort_unstable();
        let median = took.get(ROUNDS / 2).copied().unwrap_or_default();
        let memory = largest_resident_set()?.saturating_sub(memory_before);

        let python = self.python_reads(&bytes)?;
        let times = python.as_secs_f64() / median.as_secs_f64();
        let memory = f64::from(u32::try_from(memory)?) / 1_024.0;
        Ok(Row {
            what: format!("a feed of {EVENTS} events: parsed, expanded, compared"),
            latency: Some((median, took.last().copied().unwrap_or_default())),
            aim: "≤ 50 ms, ≤ 30 MB, ≥ 50 times as fast as PyPI icalendar",
            reached: median <= Duration::from_millis(50) && memory <= 30.0 && 50.0 <= times,
            note: format!(
                "{memory:.1} MB; icalendar only parses, in {:.0} ms: {times:.0} times as long",
                python.as_secs_f64() * 1_000.0
            ),
            ..Row::default()
        })
    }

    fn python_reads(&self, bytes: &[u8]) -> anyhow::Result<Duration> {
        let file = std::env::temp_dir().join(format!("alojamientos-feed-{}.ics", std::process::id()));
        std::fs::write(&file, bytes)?;
        let output = std::process::Command::new(&self.python)
            .arg(&self.script)
            .arg(&file)
            .output();
        std::fs::remove_file(&file)?;
        let output = output.context("run Python")?;
        let text = String::from_utf8_lossy(&output.stdout);
        ensure!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(Duration::from_secs_f64(text.trim().parse::<f64>()? / 1_000.0))
    }
}

fn today() -> Date {
    date!(2026 - 11 - 24)
}

/// Single nights and short stays, one after the other, every hundredth of them weekly for a while.
fn written() -> Vec<u8> {
    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\n".to_owned();
    for number in 0..EVENTS {
        let start = today() + time::Duration::days(i64::from(number % 700));
        let end = start + time::Duration::days(1 + i64::from(number % 3));
        let day = |date: Date| format!("{:04}{:02}{:02}", date.year(), u8::from(date.month()), date.day());
        let _never_fails = write!(
            text,
            "BEGIN:VEVENT\r\nUID:{number}@bench.example\r\nDTSTAMP:20261124T120000Z\r\nDTSTART;VALUE=DATE:{}\r\n\
             DTEND;VALUE=DATE:{}\r\nSUMMARY:Reserved\r\nDESCRIPTION:Reservation URL: https://bench.example/{number}\r\n",
            day(start),
            day(end),
        );
        if number.is_multiple_of(100) {
            text.push_str("RRULE:FREQ=WEEKLY;COUNT=8\r\n");
        }
        text.push_str("END:VEVENT\r\n");
    }
    text.push_str("END:VCALENDAR\r\n");
    text.into_bytes()
}

fn stored((id, event): (usize, &ImportedEvent)) -> Block<usize> {
    Block {
        id,
        content: Content {
            uid: event.uid.to_string(),
            instance: event.instance,
            nights: event.nights,
            kind: event.kind,
            is_tentative: event.is_tentative,
            echo_of: None,
        },
    }
}

/// In KiB.
fn largest_resident_set() -> anyhow::Result<u64> {
    Process::myself()?
        .status()?
        .vmhwm
        .context("no largest resident set")
}
