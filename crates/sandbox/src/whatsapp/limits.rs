//! What a message may contain; Meta's limits, as the contract lists them.

use std::collections::HashSet;

use serde_json::Value;

use super::failure::Failure;

/// Checks a message's own part of the request.
pub(crate) fn check(kind: &str, request: &Value) -> Result<(), Failure> {
    at_most(request, "/biz_opaque_callback_data", 512)?;
    match kind {
        "text" => required(request, "/text/body", 4_096),
        "template" => template(request),
        "interactive" => interactive(request),
        "image" | "audio" | "video" | "document" | "sticker" | "location" | "contacts" | "reaction" => {
            if request.get(kind).is_some() {
                Ok(())
            } else {
                Err(missing(&format!("/{kind}")))
            }
        }
        _ => Err(Failure::new(
            131_051,
            format!("Message type {kind} is not supported"),
        )),
    }
}

fn template(request: &Value) -> Result<(), Failure> {
    required(request, "/template/name", 512)?;
    required(request, "/template/language/code", 15)?;
    let components = request.pointer("/template/components").and_then(Value::as_array);
    let parameters = components
        .into_iter()
        .flatten()
        .filter_map(|component| component.get("parameters")?.as_array());
    for text in parameters
        .flatten()
        .filter_map(|parameter| parameter.get("text")?.as_str())
    {
        if text.contains(['\n', '\t']) || text.contains("    ") {
            let details = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces";
            return Err(Failure::new(132_012, details));
        }
    }
    Ok(())
}

fn interactive(request: &Value) -> Result<(), Failure> {
    required(request, "/interactive/body/text", 1_024)?;
    at_most(request, "/interactive/header/text", 60)?;
    at_most(request, "/interactive/footer/text", 60)?;
    match request.pointer("/interactive/type").and_then(Value::as_str) {
        Some("button") => buttons(request),
        Some("list") => list(request),
        Some(_) => Ok(()),
        None => Err(missing("/interactive/type")),
    }
}

fn buttons(request: &Value) -> Result<(), Failure> {
    let buttons = array(request, "/interactive/action/buttons")?;
    if buttons.is_empty() || 3 < buttons.len() {
        return Err(invalid(
            "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3",
        ));
    }
    for button in buttons {
        required(button, "/reply/id", 256)?;
        required(button, "/reply/title", 20)?;
    }
    distinct(buttons, "/reply/id")?;
    distinct(buttons, "/reply/title")
}

fn list(request: &Value) -> Result<(), Failure> {
    required(request, "/interactive/action/button", 20)?;
    let sections = array(request, "/interactive/action/sections")?;
    if sections.is_empty() || 10 < sections.len() {
        return Err(invalid(
            "Invalid sections count. Min allowed sections: 1, Max allowed sections: 10",
        ));
    }
    let mut rows = Vec::new();
    for section in sections {
        if 1 < sections.len() {
            required(section, "/title", 24)?;
        }
        at_most(section, "/title", 24)?;
        rows.extend(array(section, "/rows")?.iter().cloned());
    }
    if rows.is_empty() || 10 < rows.len() {
        return Err(invalid("Total row count exceed max allowed count: 10"));
    }
    for row in &rows {
        required(row, "/id", 200)?;
        required(row, "/title", 24)?;
        at_most(row, "/description", 72)?;
    }
    distinct(&rows, "/id")
}

fn array<'a>(value: &'a Value, pointer: &str) -> Result<&'a Vec<Value>, Failure> {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .ok_or_else(|| missing(pointer))
}

fn required(value: &Value, pointer: &str, limit: usize) -> Result<(), Failure> {
    match value.pointer(pointer).and_then(Value::as_str) {
        None | Some("") => Err(missing(pointer)),
        Some(_) => at_most(value, pointer, limit),
    }
}

fn at_most(value: &Value, pointer: &str, limit: usize) -> Result<(), Failure> {
    let text = value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    if limit < text.chars().count() {
        return Err(invalid(&format!(
            "{} length must be at most {limit}",
            dotted(pointer)
        )));
    }
    Ok(())
}

fn distinct(values: &[Value], pointer: &str) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    if values
        .iter()
        .filter_map(|value| value.pointer(pointer)?.as_str())
        .all(|text| seen.insert(text))
    {
        return Ok(());
    }
    Err(invalid(&format!("{} must be unique", dotted(pointer))))
}

fn missing(pointer: &str) -> Failure {
    Failure::new(131_008, format!("{} is required", dotted(pointer)))
}

fn invalid(details: &str) -> Failure {
    Failure::new(131_009, details)
}

fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}
