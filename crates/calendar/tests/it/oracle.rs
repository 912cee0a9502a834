//! Other people's calendar libraries, which read what we write and expand what we expand.
//!
//! An oracle is evidence, not the law: where one disagrees with our contract, the test says so.

mod export;
mod import;
mod install;
mod recurrence;

use std::io::Write;
use std::process::{Command, Stdio};

use calendar::Nights;
use serde_json::Value;
use time::Date;
use time::macros::format_description;

use install::Workshop;

/// Nights of one file, sorted; `None` where the oracle refuses the file.
type Answer = Option<Vec<(String, String)>>;

/// Asks the script `name` and gives its answer for each body in the question.
fn ask(name: &str, question: &Value) -> Vec<Answer> {
    let script = format!("{}/tests/oracle/{name}", env!("CARGO_MANIFEST_DIR"));
    let workshop = Workshop::open();
    let is_python = std::path::Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "py");
    let program = if is_python {
        workshop.python()
    } else {
        "node".into()
    };
    // The longest that a library may think about all files.
    let mut oracle = Command::new("timeout")
        .args(["120".as_ref(), program.as_os_str(), script.as_ref()])
        .current_dir(workshop.path())
        .env("TZ", "America/Argentina/Buenos_Aires")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    oracle
        .stdin
        .take()
        .unwrap()
        .write_all(question.to_string().as_bytes())
        .unwrap();
    let output = oracle.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {}: {said}", output.status);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Ranges as an oracle tells them.
fn told(ranges: impl IntoIterator<Item = Nights>) -> Vec<(String, String)> {
    let mut told: Vec<_> = ranges
        .into_iter()
        .map(|range| (iso(range.start()), iso(range.end())))
        .collect();
    told.sort();
    told
}

fn iso(date: Date) -> String {
    date.format(format_description!("[year]-[month]-[day]")).unwrap()
}
