//! The oracles' packages, installed once from `PyPI` and npm under `.dev/oracles/calendar`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

const PYTHON: [&str; 3] = ["icalendar==7.3.0", "recurring-ical-events==3.8.2", "tzdata"];
const NODE: [&str; 2] = ["node-ical@0.26.1", "ical.js@2.2.1"];

/// A folder in which the oracles are installed.
pub(super) struct Workshop {
    path: PathBuf,
}

impl Workshop {
    /// Installs what is missing; tests that come at the same time wait for each other.
    pub(super) fn open() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.dev/oracles/calendar");
        fs::create_dir_all(&path).unwrap();
        let path = path.canonicalize().unwrap();
        let lock = File::create(path.join("lock")).unwrap();
        lock.lock().unwrap();

        let installed = path.join("installed");
        let wanted = [&PYTHON[..], &NODE[..]].concat().join("\n");
        let workshop = Self { path };
        if fs::read_to_string(&installed).ok().as_deref() != Some(&wanted) {
            workshop.install();
            fs::write(installed, wanted).unwrap();
        }
        workshop
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn python(&self) -> PathBuf {
        self.path.join("venv/bin/python")
    }

    fn install(&self) {
        run(Command::new("python3")
            .args(["-m", "venv", "venv"])
            .current_dir(&self.path));
        let mut pip = Command::new(self.python());
        run(pip
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(PYTHON));
        // Without a package.json npm would look for one in the folders above.
        fs::write(self.path.join("package.json"), "{\"private\":true}").unwrap();
        let mut npm = Command::new("npm");
        run(npm
            .args(["install", "--no-audit", "--no-fund", "--silent"])
            .args(NODE)
            .current_dir(&self.path));
    }
}

fn run(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}
