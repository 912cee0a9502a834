//! `metadata` comes back with its keys in `snake_case`.

use serde_json::Value;

/// The value with every key of every object in `snake_case`.
pub(crate) fn keys(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .map(|(name, value)| (key(&name), keys(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(keys).collect(),
        other => other,
    }
}

fn key(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut after_small = false;
    for letter in name.chars() {
        if letter.is_uppercase() && after_small {
            snake.push('_');
        }
        after_small = letter.is_lowercase() || letter.is_ascii_digit();
        snake.extend(letter.to_lowercase());
    }
    snake.replace('-', "_")
}
