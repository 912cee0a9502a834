//! Query strings as bytes: percent-decoded pairs, nothing lost and nothing guessed.

use percent_encoding::percent_decode;

/// A value of the query that may stand there at most once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Single {
    /// Not given, or given empty.
    Absent,
    /// Given once.
    One(Vec<u8>),
    /// Given more than once: which one counts is anybody's guess.
    Repeated,
}

/// The value of `name` in `query`, names and values percent-decoded.
pub(crate) fn single(query: &str, name: &str) -> Single {
    let mut values = pairs(query)
        .filter(|(key, _)| key == name.as_bytes())
        .map(|(_, value)| value);
    match (values.next(), values.next()) {
        (None, _) => Single::Absent,
        (Some(_), Some(_)) => Single::Repeated,
        (Some(value), None) if value.is_empty() => Single::Absent,
        (Some(value), None) => Single::One(value),
    }
}

/// The decoded pairs of `query`, in order.
fn pairs(query: &str) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

fn decode(text: &str) -> Vec<u8> {
    let spaced = text.replace('+', " ");
    percent_decode(spaced.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Single, single};

    #[test]
    fn names_and_values_are_percent_decoded() {
        assert_eq!(
            single("data%2Eid=1%2B2&type=payment", "data.id"),
            Single::One(b"1+2".to_vec())
        );
    }

    #[test]
    fn a_value_given_twice_is_neither_of_the_two() {
        assert_eq!(single("data.id=1&data%2eid=1", "data.id"), Single::Repeated);
        assert_eq!(single("data.id=&data.id=1", "data.id"), Single::Repeated);
    }

    #[test]
    fn nothing_and_the_empty_value_are_absent() {
        for query in ["", "&&", "data.id", "data.id=", "data_id=1"] {
            assert_eq!(single(query, "data.id"), Single::Absent, "{query}");
        }
    }
}
