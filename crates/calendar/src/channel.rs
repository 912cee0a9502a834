//! Who speaks through a feed.

use std::fmt;
use std::str::FromStr;

use time::Duration;

/// The other side of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Airbnb.
    Airbnb,
    /// Booking.com.
    Booking,
    /// Vrbo, `HomeAway`, Abritel.
    Vrbo,
    /// Expedia.
    Expedia,
    /// `TripAdvisor`, `FlipKey`, Holiday Lettings.
    TripAdvisor,
    /// Smoobu, a channel manager.
    Smoobu,
    /// Another calendar written by us.
    Alojamientos,
    /// Google Calendar.
    Google,
    /// Outlook, Exchange, Office 365.
    Outlook,
    /// Apple's iCloud and macOS calendars.
    Apple,
    /// Anybody else; read like an OTA.
    Other,
}

/// What kind of calendar a channel keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelKind {
    /// It sells nights: whatever it lists is closed.
    Ota,
    /// A person's calendar: an event marked as free (TRANSPARENT) closes nothing.
    Personal,
}

/// A name that is no channel's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown channel")]
pub struct UnknownChannel;

/// Every channel with its name in storage, in the API and in metrics.
const NAMES: [(Channel, &str); 11] = [
    (Channel::Airbnb, "airbnb"),
    (Channel::Booking, "booking"),
    (Channel::Vrbo, "vrbo"),
    (Channel::Expedia, "expedia"),
    (Channel::TripAdvisor, "tripadvisor"),
    (Channel::Smoobu, "smoobu"),
    (Channel::Alojamientos, "alojamientos"),
    (Channel::Google, "google"),
    (Channel::Outlook, "outlook"),
    (Channel::Apple, "apple"),
    (Channel::Other, "other"),
];

/// What in a PRODID gives a channel away, in lower case.
const PRODIDS: [(&str, Channel); 14] = [
    ("airbnb", Channel::Airbnb),
    ("booking.com", Channel::Booking),
    ("homeaway", Channel::Vrbo),
    ("vrbo", Channel::Vrbo),
    ("abritel", Channel::Vrbo),
    ("expedia", Channel::Expedia),
    ("tripadvisor", Channel::TripAdvisor),
    ("flipkey", Channel::TripAdvisor),
    ("smoobu", Channel::Smoobu),
    ("alojamientos", Channel::Alojamientos),
    ("google", Channel::Google),
    ("microsoft", Channel::Outlook),
    ("outlook", Channel::Outlook),
    ("apple", Channel::Apple),
];

impl Channel {
    /// The stable name, for example `airbnb`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        NAMES
            .iter()
            .find(|(channel, _)| *channel == self)
            .map_or("other", |(_, name)| name)
    }

    /// Whether it sells nights or is a person's calendar.
    #[must_use]
    pub fn kind(self) -> ChannelKind {
        match self {
            Self::Google | Self::Outlook | Self::Apple => ChannelKind::Personal,
            Self::Airbnb
            | Self::Booking
            | Self::Vrbo
            | Self::Expedia
            | Self::TripAdvisor
            | Self::Smoobu
            | Self::Alojamientos
            | Self::Other => ChannelKind::Ota,
        }
    }

    /// How long it may take to read our calendar again: the longest time that is told of it.
    ///
    /// Source: the iCal contract, section 6. Nobody documents it, and sources disagree.
    #[must_use]
    pub fn pulls_within(self) -> Duration {
        match self {
            Self::Booking | Self::Alojamientos => Duration::hours(1),
            Self::Airbnb => Duration::hours(3),
            Self::Vrbo => Duration::hours(6),
            Self::Google | Self::Outlook | Self::Apple => Duration::hours(24),
            Self::Expedia | Self::TripAdvisor | Self::Smoobu | Self::Other => Duration::hours(4),
        }
    }

    /// The channel that a file's PRODID gives away; the text may still be escaped.
    #[must_use]
    pub fn from_prodid(prodid: &str) -> Option<Self> {
        let prodid = prodid.to_lowercase();
        PRODIDS
            .iter()
            .find(|(mark, _)| prodid.contains(mark))
            .map(|(_, channel)| *channel)
    }
}

impl FromStr for Channel {
    type Err = UnknownChannel;

    /// Reads [`Channel::as_str`] again, and a few spellings that people use.
    fn from_str(name: &str) -> Result<Self, UnknownChannel> {
        let name = name.trim().to_lowercase();
        if let Some((channel, _)) = NAMES.iter().find(|(_, known)| *known == name) {
            return Ok(*channel);
        }
        match name.as_str() {
            "booking.com" | "booking_com" | "bookingcom" => Ok(Self::Booking),
            "homeaway" | "abritel" => Ok(Self::Vrbo),
            "office365" | "exchange" => Ok(Self::Outlook),
            "icloud" => Ok(Self::Apple),
            _ => Err(UnknownChannel),
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
