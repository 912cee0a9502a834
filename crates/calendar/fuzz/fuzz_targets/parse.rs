//! Any bytes, read as a feed of every kind of channel.
#![no_main]

use calendar::{Channel, ParseContext, Verdict, Zone, parse};
use libfuzzer_sys::fuzz_target;
use time::macros::date;

fuzz_target!(|bytes: &[u8]| {
    let zone = Zone::named("America/Argentina/Buenos_Aires").expect("a known zone");
    let mut context = ParseContext::new(zone, date!(2026 - 10 - 05));
    for channel in [None, Some(Channel::Airbnb), Some(Channel::Google)] {
        context.channel = channel;
        let parsed = parse(bytes, &context);
        assert_eq!(parsed.events.is_empty(), parsed.verdict != Verdict::Good);
        assert!(parsed.events.iter().all(|event| context.today < event.nights.end()));
    }
});
