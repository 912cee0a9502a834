//! Numbers and message ids.

use rand::RngCore;

/// The WhatsApp id of a number as a sender wrote it: digits only, and Argentine mobiles with their 9.
pub(crate) fn wa_id(written: &str) -> String {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix("54") {
        Some(national) if national.len() == 10 && !national.starts_with('9') => format!("549{national}"),
        _ => digits,
    }
}

/// A message id that looks like Meta's and repeats nobody's.
pub(crate) fn wamid() -> String {
    let mut bytes = [0; 24];
    rand::rng().fill_bytes(&mut bytes);
    format!("wamid.HBgN{}AA==", hex::encode_upper(bytes))
}
