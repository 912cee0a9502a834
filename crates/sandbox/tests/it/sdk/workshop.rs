//! The clients' packages, installed once under `.dev/sdk`.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

const NODE: [&str; 3] = [
    "mercadopago@3.6.1",
    "@kapso/whatsapp-cloud-api@0.3.0",
    "whatsapp-api-js@6.3.0",
];
const PYTHON: [&str; 2] = ["mercadopago==3.6.0", "pywa==4.5.0"];

type Variables = Vec<(&'static str, String)>;

/// A folder in which the clients are installed.
pub(crate) struct Workshop(PathBuf);

impl Workshop {
    /// Installs what is missing; tests that come at the same time wait for each other.
    pub(crate) async fn open() -> Self {
        tokio::task::spawn_blocking(install_once).await.unwrap()
    }

    pub(crate) async fn node(self, script: &str, variables: Variables) {
        self.play("node".into(), script, variables).await;
    }

    pub(crate) async fn python(self, script: &str, variables: Variables) {
        let python = self.0.join("venv/bin/python");
        self.play(python, script, variables).await;
    }

    async fn play(self, program: PathBuf, script: &str, variables: Variables) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/sdk")
            .join(script);
        let mut command = Command::new("timeout");
        command
            .arg("60")
            .arg(program)
            .arg(script)
            .env("SDK", &self.0)
            .envs(variables);
        tokio::task::spawn_blocking(move || run(&mut command))
            .await
            .unwrap();
    }
}

fn install_once() -> Workshop {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.dev/sdk");
    fs::create_dir_all(&path).unwrap();
    let path = path.canonicalize().unwrap();
    let lock = File::create(path.join("lock")).unwrap();
    lock.lock().unwrap();

    let installed = path.join("installed");
    let wanted = [&NODE[..], &PYTHON[..]].concat().join("\n");
    if fs::read_to_string(&installed).ok().as_deref() != Some(&wanted) {
        // Without a package.json npm would look for one in the folders above.
        fs::write(path.join("package.json"), "{\"private\":true}").unwrap();
        let npm = [
            "install",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
            "--silent",
        ];
        run(Command::new("npm").args(npm).args(NODE).current_dir(&path));
        run(Command::new("python3")
            .args(["-m", "venv", "venv"])
            .current_dir(&path));
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        run(Command::new(path.join("venv/bin/python")).args(pip).args(PYTHON));
        fs::write(installed, wanted).unwrap();
    }
    Workshop(path)
}

fn run(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}
