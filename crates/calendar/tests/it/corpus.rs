//! The seed corpus, shared with the fuzz targets.

use std::fs;
use std::path::PathBuf;

fn folder(target: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "fuzz", "corpus", target]
        .iter()
        .collect()
}

/// Every seed of a target, by name.
pub(crate) fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder(target)).unwrap().map(Result::unwrap);
    let mut seeds: Vec<_> = entries
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                fs::read(entry.path()).unwrap(),
            )
        })
        .collect();
    seeds.sort();
    seeds
}

/// One seed as text.
pub(crate) fn text(target: &str, name: &str) -> String {
    fs::read_to_string(folder(target).join(name)).unwrap()
}
