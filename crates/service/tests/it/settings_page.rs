//! `docs/SETTINGS.md` names every variable that is read, with its default.

use std::collections::BTreeMap;
use std::fs;
use std::mem;
use std::path::{Path, PathBuf};

/// Variables with their defaults, as the page writes them.
type Variables = BTreeMap<String, String>;

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn source(path: &str) -> String {
    fs::read_to_string(repository(path)).unwrap()
}

/// The table below the heading `section`.
fn documented(section: &str) -> Variables {
    let page = source("docs/SETTINGS.md");
    let found = page
        .split("\n## ")
        .find(|part| part.lines().next() == Some(section));
    let rows = found
        .unwrap_or_default()
        .lines()
        .filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut cells = row
            .split('|')
            .map(|cell| cell.trim().trim_matches('`').to_owned());
        (cells.nth(1).unwrap(), cells.next().unwrap())
    })
    .collect()
}

/// The fields of every struct that `source` deserializes.
fn read_by(source: &str) -> Variables {
    let mut variables = Variables::new();
    let (mut deserialized, mut inside, mut whole_struct) = (false, false, false);
    let mut default = None;
    for line in source.lines() {
        let text = line.trim();
        if text.starts_with("#[derive(") {
            deserialized = text.contains("Deserialize");
        } else if let Some(rest) = text.strip_prefix("#[serde(default") {
            let function = rest.strip_prefix(" = \"").and_then(|rest| rest.split('"').next());
            default = Some(function.map(str::to_owned));
        } else if text.contains("struct ") && text.ends_with('{') {
            (inside, whole_struct) = (mem::take(&mut deserialized), default.take().is_some());
        } else if line == "}" {
            inside = false;
        } else if let Some((name, kind)) = field(line).filter(|_| inside) {
            let value = match default.take() {
                _ if whole_struct => value_after(source, &format!("        {name}: "), ","),
                Some(Some(function)) => value_after(source, &format!("fn {function}() -> "), "\n}"),
                Some(None) if kind == "bool" => "false".to_owned(),
                Some(None) => "–".to_owned(),
                None if kind.starts_with("Option<") => "–".to_owned(),
                None => "required".to_owned(),
            };
            variables.insert(name.to_uppercase(), value);
        }
    }
    variables
}

/// Name and type, if `line` is a field.
fn field(line: &str) -> Option<(&str, &str)> {
    let field = line.strip_prefix("    ")?.strip_suffix(',')?;
    let (name, kind) = field.strip_prefix("pub ").unwrap_or(field).split_once(": ")?;
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    plain.then_some((name, kind))
}

/// What stands between `begin` and `end`, without what makes a `String` or a `Url` of it.
fn value_after(source: &str, begin: &str, end: &str) -> String {
    let (_, rest) = source.split_once(begin).unwrap();
    let value = rest.split(end).next().unwrap();
    let value = value.rsplit('\n').next().unwrap().trim();
    let value = value.trim_start_matches("known(").trim_end_matches(".to_owned()");
    match value.trim_end_matches(')').trim_matches('"') {
        "None" => "–".to_owned(),
        number if number.starts_with(|first: char| first.is_ascii_digit()) => number.replace('_', ""),
        text => text.to_owned(),
    }
}

fn sources_below(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        if path.is_dir() {
            sources_below(&path)
        } else {
            fs::read_to_string(path).unwrap()
        }
    };
    entries.map(read).collect()
}

#[test]
fn every_variable_of_a_service_is_on_the_page_with_its_default() {
    let shared = read_by(&source("crates/service/src/settings.rs"));
    assert_eq!(documented("every service"), shared);
    let services = fs::read_dir(repository("services")).unwrap();
    let mut count = 0;
    for service in services.map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
        let read = read_by(&source(&format!("services/{service}/src/settings.rs")));
        assert_eq!(documented(&service), read, "{service}");
        count += read.len();
    }
    assert!(80 < count, "{count}");
}

#[test]
fn every_variable_of_the_command_line_is_on_the_page() {
    let read = read_by(&sources_below(&repository("crates/alojactl/src")));
    let names: Vec<String> = read.into_keys().collect();
    let documented: Vec<String> = documented("alojactl").into_keys().collect();
    assert_eq!(documented, names);
}
