//! iCal content lines: escaping and folding.

/// A file under construction; every line ends in CRLF.
#[derive(Default)]
pub(crate) struct Lines(String);

impl Lines {
    /// Adds a line that is already escaped, folded so that none is longer than 75 octets.
    pub(crate) fn line(&mut self, text: &str) {
        let mut octets = 0;
        for letter in text.chars() {
            if 75 < octets + letter.len_utf8() {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            self.0.push(letter);
            octets += letter.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    /// Adds a property whose value is TEXT.
    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.line(&format!("{name}:{}", escape(value)));
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}

fn escape(value: &str) -> String {
    value
        .replace('\\', r"\\")
        .replace(';', r"\;")
        .replace(',', r"\,")
        .replace('\n', r"\n")
}
