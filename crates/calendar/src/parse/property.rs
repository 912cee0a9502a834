//! A property: its name, the parameters that we use, and its value as it stands in the file.

use std::borrow::Cow;

use ical::PropertyParser;

/// The longest name with parameters that is read; what is longer is no property.
const LONGEST_HEAD: usize = 1_024;

/// A logical line, taken apart.
#[derive(Debug)]
pub(super) struct Property<'a> {
    /// Name and parameters, still one text.
    head: Cow<'a, str>,
    /// The text after the colon, not unescaped.
    pub(super) value: Cow<'a, str>,
    /// Whether bytes had to be replaced.
    pub(super) replaced: bool,
}

/// The parameters that change the meaning of a date.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters {
    /// `VALUE`, in upper case.
    pub(super) value_type: Option<String>,
    /// `TZID`, as written.
    pub(super) zone: Option<String>,
    /// Whether `RANGE` is there.
    pub(super) has_range: bool,
}

/// The name of the property on `line`, which ends at the first `:` or `;`.
pub(super) fn name(line: &[u8]) -> &[u8] {
    let end = line
        .iter()
        .position(|byte| matches!(byte, b':' | b';'))
        .unwrap_or(line.len());
    line.get(..end).unwrap_or_default().trim_ascii()
}

impl<'a> Property<'a> {
    /// Takes `line` apart; `None` if it is no property.
    pub(super) fn read(line: &'a [u8]) -> Option<Self> {
        let colon = unquoted_colon(line).or_else(|| line.iter().position(|byte| *byte == b':'))?;
        if LONGEST_HEAD < colon {
            return None;
        }
        let (head, value) = line.split_at_checked(colon)?;
        let value = value.get(1..).unwrap_or_default();
        let (head, value) = (String::from_utf8_lossy(head), String::from_utf8_lossy(value));
        let replaced = [&head, &value]
            .iter()
            .any(|text| matches!(text, Cow::Owned(_)) || text.contains('\0'));
        Some(Self {
            head,
            value,
            replaced,
        })
    }

    /// Its parameters; a head that cannot be read has none.
    pub(super) fn parameters(&self) -> Parameters {
        if !self.head.contains(';') {
            return Parameters::default();
        }
        let head = format!("{}:", self.head);
        let Some(Ok(property)) = PropertyParser::from_reader(head.as_bytes()).next() else {
            return Parameters::default();
        };
        let mut parameters = Parameters::default();
        for (name, values) in property.params.unwrap_or_default() {
            let first = values.into_iter().next();
            match name.trim() {
                "VALUE" => parameters.value_type = first.map(|value| value.trim().to_ascii_uppercase()),
                "TZID" => parameters.zone = first,
                "RANGE" => parameters.has_range = true,
                _ => {}
            }
        }
        parameters
    }

    /// The value without what can be no part of a date, a duration or a number.
    pub(super) fn plain(&self) -> String {
        self.value.chars().filter(char::is_ascii_graphic).collect()
    }

    /// The value with its escapes undone and at most `most` characters long.
    pub(super) fn text(&self, most: usize) -> String {
        let mut text = String::new();
        let mut characters = self.value.chars();
        while let Some(character) = characters.next() {
            let character = match character {
                '\\' => match characters.next() {
                    Some('n' | 'N') => '\n',
                    Some(escaped) => escaped,
                    None => break,
                },
                '\0' => char::REPLACEMENT_CHARACTER,
                _ => character,
            };
            text.push(character);
        }
        if most < text.len() {
            text.chars().take(most).collect()
        } else {
            text
        }
    }
}

fn unquoted_colon(line: &[u8]) -> Option<usize> {
    let mut quoted = false;
    line.iter().position(|byte| {
        quoted ^= *byte == b'"';
        *byte == b':' && !quoted
    })
}
