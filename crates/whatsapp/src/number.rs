//! Phone numbers that are the same person's though they are written differently.
//!
//! The key is for matching only: messages go to the `wa_id` as it was received. If a key fits more than one
//! guest, a person decides.

/// A country whose mobile numbers are written in more than one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Country {
    /// `549…` for mobiles, typed with a trunk `0` and a local `15`.
    Argentina,
    /// A ninth digit in front of old mobile numbers.
    Brazil,
    /// `521…` for mobiles of before 2019.
    Mexico,
}

impl Country {
    /// Every country that needs a rule.
    pub const ALL: [Self; 3] = [Self::Argentina, Self::Brazil, Self::Mexico];

    /// Its calling code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Argentina => "54",
            Self::Brazil => "55",
            Self::Mexico => "52",
        }
    }

    /// The longer form of a canonical national number, if it has one; with calling code.
    fn mobile(self, national: &str) -> Option<String> {
        let code = self.code();
        match self {
            Self::Argentina if national.len() == 10 => Some(format!("{code}9{national}")),
            Self::Mexico if national.len() == 10 => Some(format!("{code}1{national}")),
            Self::Brazil if national.len() == 10 => {
                let (area, subscriber) = national.split_at_checked(2)?;
                Some(format!("{code}{area}9{subscriber}"))
            }
            Self::Argentina | Self::Mexico | Self::Brazil => None,
        }
    }

    /// The one form of a national number, without calling code; as it is if no rule fits.
    fn canonical(self, national: &str) -> String {
        let form = match self {
            Self::Argentina => argentine(national),
            Self::Brazil => brazilian(national),
            Self::Mexico => national
                .strip_prefix('1')
                .filter(|rest| rest.len() == 10)
                .map(str::to_owned),
        };
        form.unwrap_or_else(|| national.to_owned())
    }
}

/// The key of a `wa_id`, which is digits with a calling code; `None` if it is not.
#[must_use]
pub fn key_of_wa_id(wa_id: &str) -> Option<String> {
    let digits = wa_id.bytes().all(|byte| byte.is_ascii_digit());
    (digits && plausible(wa_id)).then(|| key_of_international(wa_id))
}

/// The key of a number as a person types it, at home in `home`; `None` if it is not a number.
#[must_use]
pub fn key_of_typed(text: &str, home: Country) -> Option<String> {
    let text = text.trim();
    if !text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-() ./".contains(&byte))
    {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let abroad = if text.starts_with('+') {
        Some(digits.as_str())
    } else {
        digits.strip_prefix("00")
    };
    let key = match abroad {
        Some(international) => key_of_international(international),
        // Ten digits are a national number; with its calling code it is longer.
        None => match digits.strip_prefix(home.code()).filter(|rest| 10 <= rest.len()) {
            Some(_) => key_of_international(&digits),
            None => format!("{}{}", home.code(), home.canonical(&digits)),
        },
    };
    plausible(&key).then_some(key)
}

/// The WhatsApp ids that the person with this number may have: the number as it is, then its other forms.
#[must_use]
pub fn possible_wa_ids(number: &str) -> Vec<String> {
    let mut forms = vec![number.to_owned()];
    if let Some(key) = key_of_wa_id(number) {
        let country = Country::ALL
            .into_iter()
            .find_map(|country| Some((country, key.strip_prefix(country.code())?)));
        let longer = country.and_then(|(country, national)| country.mobile(national));
        for form in [Some(key.clone()), longer].into_iter().flatten() {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
    }
    forms
}

/// The form in which Meta's test numbers have an Argentine mobile on their allow-list: without the 9.
///
/// Only for test numbers, by a switch that is off in production.
#[must_use]
pub fn without_the_nine(wa_id: &str) -> String {
    match wa_id.strip_prefix("549").filter(|rest| rest.len() == 10) {
        Some(subscriber) => format!("54{subscriber}"),
        None => wa_id.to_owned(),
    }
}

fn key_of_international(digits: &str) -> String {
    let rule = |country: &Country| digits.strip_prefix(country.code()).map(|rest| (*country, rest));
    match Country::ALL.iter().find_map(rule) {
        Some((country, national)) => format!("{}{}", country.code(), country.canonical(national)),
        None => digits.to_owned(),
    }
}

/// Source: ITU-T E.164 allows 15 digits.
fn plausible(digits: &str) -> bool {
    (7..=15).contains(&digits.len())
}

/// Area code and subscriber, ten digits: without the mobile 9, the trunk 0 and the local 15.
fn argentine(national: &str) -> Option<String> {
    let mobile = national
        .strip_prefix('9')
        .filter(|rest| 10 <= rest.len())
        .unwrap_or(national);
    let local = mobile.strip_prefix('0').unwrap_or(mobile);
    if local.len() == 10 {
        return Some(local.to_owned());
    }
    // Only Buenos Aires has an area code of two digits; at three and at four there cannot be a 15 at once.
    let areas: &[usize] = if local.starts_with("11") { &[2] } else { &[3, 4] };
    let split = |area: &usize| {
        let (area, rest) = local.split_at_checked(*area)?;
        Some(format!("{area}{}", rest.strip_prefix("15")?))
    };
    areas.iter().find_map(split).filter(|form| form.len() == 10)
}

/// Two digits of area and eight of subscriber: without the ninth digit, a 9 in front.
fn brazilian(national: &str) -> Option<String> {
    let (area, subscriber) = national.split_at_checked(2)?;
    let old = subscriber.strip_prefix('9').filter(|rest| rest.len() == 8)?;
    Some(format!("{area}{old}"))
}

#[cfg(test)]
mod tests;
