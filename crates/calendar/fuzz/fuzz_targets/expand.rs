//! Any rule from any start: a line with days from today, then the rule.
#![no_main]

use calendar::expand;
use libfuzzer_sys::fuzz_target;
use time::Duration;
use time::macros::datetime;

fuzz_target!(|text: &str| {
    let Some((days, rule)) = text.split_once('\n') else { return };
    let Ok(days) = days.trim().parse::<i32>() else { return };
    let today = datetime!(2026-10-05 0:00);
    let Some(start) = today.checked_add(Duration::days(days.into())) else { return };
    let window = (today, today + Duration::days(730));
    if let Ok(expansion) = expand(rule.trim(), start, window, 1_000) {
        assert!(expansion.starts.len() <= 1_001);
        assert!(expansion.starts.is_sorted_by(|a, b| a < b));
        assert!(expansion.starts.iter().all(|start| window.0 <= *start && *start < window.1));
    }
});
