//! The labels of a counter or histogram, and the values they may have.

use opentelemetry::KeyValue;

/// A label's name and its known values: `("channel", &["web", "whatsapp"])`.
///
/// An empty list leaves the values to the caller, who answers for their number being small (route templates,
/// lodging ids): never a phone, an address, a code or a raw path.
pub type Label = (&'static str, &'static [&'static str]);

/// What stands for a value outside a label's list.
pub(super) const OTHER: &str = "other";

/// Label values in the order of `declared`: unknown ones become `other`, missing ones the empty text.
pub(super) fn attributes(declared: &[Label], given: &[(&str, &str)]) -> Vec<KeyValue> {
    let attribute = |(name, known): &Label| {
        let value = given
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| *value);
        if known.is_empty() {
            return KeyValue::new(*name, value.to_owned());
        }
        let value = known
            .iter()
            .find(|candidate| **candidate == value)
            .copied()
            .unwrap_or(OTHER);
        KeyValue::new(*name, value)
    };
    declared.iter().map(attribute).collect()
}

/// Every combination of the known values; empty if some label's values are not known beforehand.
pub(super) fn combinations(declared: &[Label]) -> Vec<Vec<KeyValue>> {
    let mut all: Vec<Vec<KeyValue>> = vec![Vec::new()];
    for (name, known) in declared {
        let mut longer = Vec::new();
        for start in &all {
            for value in *known {
                let mut next = start.clone();
                next.push(KeyValue::new(*name, *value));
                longer.push(next);
            }
        }
        all = longer;
    }
    all
}
