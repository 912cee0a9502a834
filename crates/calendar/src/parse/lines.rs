//! From bytes to logical lines: unfolded before anything is decoded, because a fold may split a character.

use std::borrow::Cow;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The logical lines of a file: without line ends, folds, byte order marks and empty lines.
pub(super) struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Lines<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next physical line that is not empty; CRLF, LF and a bare CR end a line.
    fn physical(&mut self) -> Option<&'a [u8]> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let end = self.rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let (line, rest) = self.rest.split_at_checked(end.unwrap_or(self.rest.len()))?;
            self.rest = rest.get(1..).unwrap_or_default();
            if !line.is_empty() {
                return Some(line);
            }
        }
    }

    /// The rest of a fold, if the next physical line is one.
    fn folded(&mut self) -> Option<&'a [u8]> {
        let before = self.rest;
        let line = self.physical()?;
        if let Some((b' ' | b'\t', folded)) = line.split_first() {
            return Some(folded);
        }
        self.rest = before;
        None
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Cow<'a, [u8]>;

    fn next(&mut self) -> Option<Cow<'a, [u8]>> {
        let line = self.physical()?;
        let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        let mut line = Cow::Borrowed(line);
        while let Some(folded) = self.folded() {
            line.to_mut().extend_from_slice(folded);
        }
        Some(line)
    }
}
