//! A new migration is a reason to build anew: `embed_migrations!` alone does not see it.
//!
//! The fingerprint of what is embedded tells databases apart that were migrated by different builds.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

const MIGRATIONS: &str = "../../migrations";

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed={MIGRATIONS}");
    let folders = fs::read_dir(MIGRATIONS)?.map(|entry| Ok(entry?.path()));
    let mut folders: Vec<PathBuf> = folders.collect::<std::io::Result<_>>()?;
    folders.sort();
    let mut hasher = DefaultHasher::new();
    for folder in folders {
        folder.file_name().hash(&mut hasher);
        fs::read(folder.join("up.sql"))?.hash(&mut hasher);
    }
    println!("cargo::rustc-env=MIGRATIONS_FINGERPRINT={:016x}", hasher.finish());
    Ok(())
}
