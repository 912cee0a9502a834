//! Content lines: escaped, folded by octets, ended by CRLF.

use time::{Date, OffsetDateTime, UtcOffset};

/// The longest line in octets, without its CRLF (RFC 5545, 3.1).
const LONGEST: usize = 75;
/// What one event takes, about.
const EVENT_SIZE: usize = 320;

/// A file in the making.
pub(super) struct ContentLines {
    bytes: Vec<u8>,
}

impl ContentLines {
    pub(super) fn with_room_for(events: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(events.saturating_add(2).saturating_mul(EVENT_SIZE)),
        }
    }

    /// Adds `name:value` with a value that needs no escaping.
    pub(super) fn raw(&mut self, name: &str, value: &str) {
        let mut room = LONGEST;
        for character in name.chars().chain([':']).chain(value.chars()) {
            self.push(character, &mut room);
        }
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// Adds `name:value` with a value of type TEXT.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.raw(name, &escaped(value));
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn push(&mut self, character: char, room: &mut usize) {
        let size = character.len_utf8();
        if *room < size {
            self.bytes.extend_from_slice(b"\r\n ");
            *room = LONGEST - 1;
        }
        *room -= size;
        self.bytes
            .extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// A date as in `VALUE=DATE`.
pub(super) fn date(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), u8::from(date.month()), date.day())
}

/// An instant in UTC, in whole seconds.
pub(super) fn utc(instant: OffsetDateTime) -> String {
    let instant = instant.checked_to_offset(UtcOffset::UTC).unwrap_or(instant);
    let (hour, minute, second) = instant.to_hms();
    format!("{}T{hour:02}{minute:02}{second:02}Z", date(instant.date()))
}

/// TEXT escaped (RFC 5545, 3.3.11); control characters have no place in it and are left out.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' | ';' | ',' => text.extend(['\\', character]),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' | '\r' => text.push_str("\\n"),
            '\t' => text.push('\t'),
            _ if character.is_control() => {}
            _ => text.push(character),
        }
    }
    text
}
