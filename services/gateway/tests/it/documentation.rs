//! The description of the API: it lists every route, and only routes that are there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;
use testkit::Answer;

use crate::world::World;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Public paths that are pages or descriptions, not operations of the API.
const NOT_OPERATIONS: [&str; 7] = [
    "/api/docs",
    "/api/docs/{file:.*}",
    "/api/openapi.json",
    "/pago/aprobado",
    "/pago/pendiente",
    "/pago/rechazado",
    "/reservas/{code}",
];

/// What services ask of each other, and nobody else.
const BETWEEN_SERVICES: [&str; 1] = ["/accommodations/{id}/feeds/recheck"];

/// `/reservations/{code}` with something in each place.
pub(crate) fn with_values(path: &str) -> String {
    let place = |part: &str| match part {
        "{code}" => "RES261124K7M2QX".to_owned(),
        "{token}.ics" => "token.ics".to_owned(),
        part if part.starts_with('{') => "5".to_owned(),
        part => part.to_owned(),
    };
    path.split('/').map(place).collect::<Vec<_>>().join("/")
}

/// Method and path of every documented operation.
pub(crate) async fn description() -> BTreeSet<(String, String)> {
    let world = World::start().await;
    operations(&document(&world).await)
}

async fn document(world: &World) -> Value {
    let answer = Answer::to(world.get("/api/openapi.json")).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "application/json")
    );
    answer.body
}

fn operations(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, operations)| {
            METHODS
                .into_iter()
                .filter(|method| operations.get(*method).is_some())
                .map(|method| (method.to_uppercase(), path.clone()))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_documented_is_there_with_just_these_methods() {
    let world = World::start().await;
    let mut methods: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (method, path) in operations(&document(&world).await) {
        let of_path = methods.entry(path).or_default();
        if method == "GET" {
            of_path.insert("HEAD".to_owned());
        }
        of_path.insert(method);
        of_path.insert("OPTIONS".to_owned());
    }
    for (path, documented) in methods {
        let options = Answer::to(world.request("OPTIONS", &with_values(&path))).await;
        let allowed: BTreeSet<String> = options.header("allow").split(", ").map(str::to_owned).collect();
        assert_eq!((options.status, allowed), (204, documented), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_there_is_documented() {
    let documented: BTreeSet<String> = description().await.into_iter().map(|(_, path)| path).collect();
    let mut routed = BTreeSet::new();
    routes_below(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http"),
        &mut routed,
    );
    routed.extend(routes_of(&source("src/http.rs")));
    assert!(50 <= routed.len(), "{routed:?}");
    for path in routed {
        let path = if NOT_OPERATIONS.contains(&path.as_str()) {
            continue;
        } else {
            format!("/api/v1{path}")
        };
        assert!(documented.contains(&path), "{path} is not documented");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_that_a_service_offers_to_the_gateway_is_open_to_somebody() {
    let documented: BTreeSet<String> = description().await.into_iter().map(|(_, path)| path).collect();
    for owner in ["reservations", "payments", "ical-sync", "webhooks"] {
        for path in routes_of(&source(&format!("../{owner}/src/http.rs"))) {
            if BETWEEN_SERVICES.contains(&path.as_str()) {
                continue;
            }
            let public = format!("/api/v1{}", path.strip_prefix("/api/v1").unwrap_or(&path));
            let known = documented
                .iter()
                .any(|documented| with_values(documented) == with_values(&public));
            assert!(known, "{owner} offers {path}, which nobody can reach");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_operation_has_a_name_a_sentence_and_typed_answers() {
    let world = World::start().await;
    let document = document(&world).await;
    let mut names = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let what = format!("{method} {path}");
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} is there twice");
            assert!(
                operation["summary"].as_str().is_some_and(|text| 3 < text.len()),
                "{what}"
            );
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('2')), "{what}");
            let staff = path.contains("/admin/") && !path.ends_with("/login");
            for status in ["401", "403"] {
                assert!(!staff || responses.contains_key(status), "{what}: {status}");
            }
            assert_eq!(operation["security"][0].get("staff").is_some(), staff, "{what}");
            for place in path.split('/').filter(|part| part.starts_with('{')) {
                let place = place.trim_start_matches('{').split('}').next().unwrap();
                let parameters = operation["parameters"].as_array().unwrap();
                assert!(
                    parameters
                        .iter()
                        .any(|parameter| parameter["in"] == "path" && parameter["name"] == place),
                    "{what}: {place}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_always_a_page() {
    let world = World::start().await;
    let document = document(&world).await;
    for (path, operations) in document["paths"].as_object().unwrap() {
        let schema = &operations["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        assert_ne!(schema["type"], "array", "{path} answers a page, not a bare list");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_a_default_may_be_left_out() {
    let world = World::start().await;
    let document = document(&world).await;
    for (path, optional) in [
        (
            "/api/v1/accommodations/{id}/availability",
            ["from", "to"].as_slice(),
        ),
        ("/api/v1/accommodations/{id}/quote", &["guests"]),
    ] {
        let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap();
        let left_out: Vec<&str> = parameters
            .iter()
            .filter(|parameter| parameter["required"] == false)
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        assert_eq!(left_out, optional, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_reference_in_the_description_leads_somewhere() {
    let world = World::start().await;
    let document = document(&world).await;
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    assert!(40 < references.len());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_to_read_it_loads_nothing_from_outside() {
    let world = World::start().await;
    let moved = Answer::to(world.get("/api/docs")).await;
    assert_eq!((moved.status, moved.header("location")), (308, "/api/docs/"));
    let page = Answer::to(world.get("/api/docs/")).await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'self'"), "{policy}");
    assert!(!policy.contains("http") && !policy.contains('*'), "{policy}");
    let loads: Vec<&str> = page
        .text
        .split(['"', '\''])
        .filter(|text| {
            [".js", ".css", ".png"]
                .iter()
                .any(|ending| text.ends_with(ending))
                || text.starts_with("http")
        })
        .collect();
    assert!(3 <= loads.len(), "{}", page.text);
    for path in loads {
        assert!(!path.contains("//"), "{path} is elsewhere");
        let path = path.trim_start_matches("./");
        let part = Answer::to(world.get(&format!("/api/docs/{path}"))).await;
        assert_eq!(part.status, 200, "{path}");
    }
}

fn source(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn routes_below(folder: &Path, routes: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            routes_below(&path, routes);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            routes.extend(routes_of(&fs::read_to_string(&path).unwrap()));
        }
    }
}

/// What stands in `resource("…")`.
fn routes_of(source: &str) -> BTreeSet<String> {
    let parts = source.split("resource(\"").skip(1);
    parts
        .map(|part| part.split('"').next().unwrap().to_owned())
        .collect()
}

fn collect_references<'a>(value: &'a Value, references: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(target) if name == "$ref" => references.push(target),
                    member => collect_references(member, references),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, references)),
        _ => {}
    }
}
