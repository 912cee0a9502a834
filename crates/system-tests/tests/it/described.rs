//! What the gateway answers is what its description says.

use std::time::Duration;

use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};
use service::password;
use storage::staff::{self, Role};

use crate::world::World;
use crate::world::provider::Payment;

const SOON: Duration = Duration::from_secs(20);
const PASSWORD: &str = "correct horse battery staple";

/// The staff token of somebody who may everything.
async fn log_in(world: &World) -> String {
    let hash = password::hash(&SecretString::from(PASSWORD)).unwrap();
    let roles = [Role::Host, Role::Oncall];
    let mut conn = world.conn().await;
    staff::put(&mut conn, world.now(), "ana@example.com", &hash, &roles)
        .await
        .unwrap();
    let body = json!({ "email": "ana@example.com", "password": PASSWORD });
    let answer = world.post("/api/v1/admin/login", None, &body).await;
    answer.body["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_as_the_description_says() {
    let world = World::start().await;
    let (ana, lodging) = (log_in(&world).await, world.lodging().await);
    let season = json!({
        "name": "Verano", "starts_on": "2027-01-01", "ends_on": "2027-02-01", "multiplier_bp": 15_000,
    });
    let seasons = format!("/api/v1/admin/accommodations/{lodging}/seasons");
    assert_eq!(world.post(&seasons, Some(&ana), &season).await.status, 201);
    let stay = json!({
        "accommodation_id": lodging.0, "check_in": "2026-12-20", "check_out": "2026-12-22", "guests": 2,
        "contact_name": "Luis", "contact_phone": "+54 9 11 2345-6789",
    });
    let by_staff = world.post("/api/v1/admin/reservations", Some(&ana), &stay).await;
    assert_eq!(by_staff.status, 201, "{}", by_staff.body);
    let hold = world.hold(lodging, 10, 2).await.unwrap();
    let link = world.link(&hold).await;
    let payment = world.provider.pay(&link, &Payment::approved()).await.unwrap();
    world.wait_for_status(&hold, "confirmed", SOON).await;

    let payment = world.payment_id(payment).await.unwrap().to_string();
    let listed = world
        .call(Method::GET, "/api/v1/admin/deliveries", Some(&ana), None)
        .await;
    let delivery = listed.body["items"][0]["id"].as_str().unwrap();
    let (guest, ana, code) = (hold.token.as_str(), ana.as_str(), hold.code.as_str());
    let lodging = lodging.to_string();
    let (lodging, payment) = (lodging.as_str(), payment.as_str());
    let document = world
        .call(Method::GET, "/api/openapi.json", None, None)
        .await
        .body;
    for (path, value, query, token) in [
        ("/accommodations", "", "", guest),
        ("/accommodations/{id}", lodging, "", guest),
        (
            "/accommodations/{id}/availability",
            lodging,
            "?from=2026-12-01&to=2027-01-05",
            guest,
        ),
        (
            "/accommodations/{id}/quote",
            lodging,
            "?check_in=2027-01-02&check_out=2027-01-05",
            guest,
        ),
        ("/reservations/{code}", code, "", guest),
        ("/admin/accommodations", "", "", ana),
        ("/admin/accommodations/{id}", lodging, "", ana),
        ("/admin/accommodations/{id}/seasons", lodging, "", ana),
        ("/admin/reservations", "", "", ana),
        ("/admin/reservations/{code}", code, "", ana),
        ("/admin/calendar", "", "?month=2026-12", ana),
        ("/admin/stats", "", "", ana),
        ("/admin/payments", "", "", ana),
        ("/admin/payments/parked", "", "", ana),
        ("/admin/payments/{id}", payment, "", ana),
        ("/admin/deliveries", "", "", ana),
        ("/admin/deliveries/{id}", delivery, "", ana),
    ] {
        let address = path.replace("{id}", value).replace("{code}", value);
        let address = format!("/api/v1{address}{query}");
        let answer = world.call(Method::GET, &address, Some(token), None).await;
        assert_eq!(answer.status, 200, "{address}: {}", answer.body);
        let operation = &document["paths"][format!("/api/v1{path}")]["get"];
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{path} has no schema");
        let faults = faults(&document, schema, &answer.body, path);
        assert_eq!(faults, Vec::<String>::new(), "{}", answer.body);
    }
}

/// Where `value` is not as `schema` says: another type, a member that is missing, one that is not described.
fn faults(document: &Value, schema: &Value, value: &Value, place: &str) -> Vec<String> {
    if let Some(one_of) = schema["oneOf"].as_array() {
        let fits = |schema: &Value| faults(document, schema, value, place).is_empty();
        let none = !one_of.iter().any(fits);
        return none
            .then(|| format!("{place}: none of {schema}"))
            .into_iter()
            .collect();
    }
    let parts = parts(document, schema);
    let mut found: Vec<String> = parts
        .iter()
        .filter(|part| !has_type_of(part, value))
        .map(|part| format!("{place}: not {}", part["type"]))
        .collect();
    let described = |name: &String| parts.iter().find_map(|part| part["properties"].get(name));
    let closed = parts.iter().any(|part| part["properties"].is_object());
    for (name, member) in value.as_object().into_iter().flatten() {
        match described(name) {
            Some(schema) => found.extend(faults(document, schema, member, &format!("{place}.{name}"))),
            None if closed => found.push(format!("{place}.{name}: not described")),
            None => {}
        }
    }
    for required in parts
        .iter()
        .filter_map(|part| part["required"].as_array())
        .flatten()
    {
        if value.get(required.as_str().unwrap()).is_none() {
            found.push(format!("{place}.{required}: missing"));
        }
    }
    for item in value.as_array().into_iter().flatten() {
        for part in parts.iter().filter(|part| part["items"].is_object()) {
            found.extend(faults(document, &part["items"], item, &format!("{place}[]")));
        }
    }
    found
}

/// `schema` with its references and parts, all of which a value is.
fn parts<'a>(document: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let reference = schema["$ref"].as_str().and_then(|text| text.strip_prefix('#'));
    let referred = reference.map(|pointer| document.pointer(pointer).unwrap());
    let all_of = schema["allOf"].as_array().into_iter().flatten();
    let inner = referred.into_iter().chain(all_of);
    std::iter::once(schema)
        .chain(inner.flat_map(|inner| parts(document, inner)))
        .collect()
}

fn has_type_of(schema: &Value, value: &Value) -> bool {
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    match &schema["type"] {
        Value::String(one) => one == name || (one == "number" && name == "integer"),
        Value::Array(several) => several.iter().any(|one| one == name),
        _ => true,
    }
}
