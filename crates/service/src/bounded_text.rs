//! Free text of people, within bounds.

/// `text` trimmed, if it has from `shortest` to `longest` characters and no NUL, which PostgreSQL cannot keep.
#[must_use]
pub fn bounded(text: &str, shortest: usize, longest: usize) -> Option<String> {
    let text = text.trim();
    let fits = (shortest..=longest).contains(&text.chars().count()) && !text.contains('\0');
    fits.then(|| text.to_owned())
}
