//! Instants of the wire, in the forms that Mercado Pago has been seen to send.

use time::format_description::well_known::Rfc3339;
use time::format_description::{BorrowedFormatItem, StaticFormatDescription};
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

/// `yyyy-MM-dd'T'HH:mm:ss.SSSXXX`, the form of expiration dates.
const MILLISECONDS: &[BorrowedFormatItem<'_>] = format_description!(
    "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3][offset_hour sign:mandatory]:[offset_minute]"
);

/// Writes `instant` in `offset`, to the millisecond.
pub(crate) fn format(instant: OffsetDateTime, offset: UtcOffset) -> Result<String, time::error::Format> {
    let description: StaticFormatDescription = MILLISECONDS;
    instant.to_offset(offset).format(description)
}

/// Reads RFC 3339 in any offset, also one without its colon (`-0400`); `None` for anything else.
pub(crate) fn parse(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim();
    let strict = OffsetDateTime::parse(text, &Rfc3339).ok();
    strict.or_else(|| {
        let (start, minutes) = text.split_at_checked(text.len().checked_sub(2)?)?;
        OffsetDateTime::parse(&format!("{start}:{minutes}"), &Rfc3339).ok()
    })
}

/// A field whose malformed value counts as absent: the provider sends some dates broken.
pub(crate) mod lenient {
    use serde::{Deserialize, Deserializer, Serializer};
    use serde_json::value::RawValue;
    use time::{OffsetDateTime, UtcOffset};

    use crate::id::text_of;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<OffsetDateTime>, D::Error> {
        let raw = Option::<Box<RawValue>>::deserialize(deserializer)?;
        Ok(raw
            .and_then(|raw| text_of(&raw))
            .and_then(|text| super::parse(&text)))
    }

    #[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
    pub(crate) fn serialize<S: Serializer>(
        instant: &Option<OffsetDateTime>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match instant {
            None => serializer.serialize_none(),
            Some(instant) => {
                let offset: UtcOffset = instant.offset();
                let text = super::format(*instant, offset).map_err(serde::ser::Error::custom)?;
                serializer.serialize_str(&text)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{datetime, offset};

    use super::{format, parse};

    #[test]
    fn every_form_seen_is_read() {
        let expected = Some(datetime!(2015-03-25 14:04:58.396 UTC));
        for text in [
            "2015-03-25T10:04:58.396-04:00",
            "2015-03-25T10:04:58.396-0400",
            "2015-03-25T14:04:58.396Z",
            " 2015-03-25T14:04:58.396+00:00 ",
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
        assert_eq!(
            parse("2024-12-18T13:33:59Z"),
            Some(datetime!(2024-12-18 13:33:59 UTC))
        );
    }

    #[test]
    fn nonsense_is_no_date() {
        for text in [
            "",
            "ñ",
            "2015-03-25",
            "2015-03-25T10:04:58.396",
            "2015-13-25T10:04:58Z",
            "1760000000",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn expiration_dates_are_in_the_offset_of_the_property() {
        let written = format(datetime!(2026-12-01 15:00 UTC), offset!(-3)).unwrap();
        assert_eq!(written, "2026-12-01T12:00:00.000-03:00");
    }
}
