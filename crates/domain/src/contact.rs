//! How a guest can be reached: a phone, an e-mail address, or both.

use std::fmt;
use std::str::FromStr;

use email_address::{EmailAddress, Options};
use phonenumber::country;

/// A telephone number in E.164: `+5491123456789`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

/// An e-mail address, trimmed, its domain in lower case.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

/// Why a text is no way to reach a guest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContactError {
    /// Not a number that a telephone could have, read as Argentine where no country code is given.
    #[error("the phone number is not valid; write it with its country code, such as +54 9 11 2345-6789")]
    Phone,
    /// Not `local@domain.tld`, or over 254 characters.
    #[error("the e-mail address is not valid")]
    Email,
    /// Empty, or over 120 characters.
    #[error("the name must have from 1 to 120 characters")]
    Name,
    /// Neither a phone nor an e-mail address was given.
    #[error("a phone number or an e-mail address is required")]
    Unreachable,
}

/// Who books and how to reach them: a name, and a phone or an e-mail address.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    name: String,
    phone: Option<Phone>,
    email: Option<Email>,
}

impl Contact {
    /// # Errors
    ///
    /// [`ContactError`] of the first thing that is wrong.
    pub fn new(name: &str, phone: Option<&str>, email: Option<&str>) -> Result<Self, ContactError> {
        let name = name.trim();
        if name.is_empty() || 120 < name.chars().count() || name.chars().any(char::is_control) {
            return Err(ContactError::Name);
        }
        let given = |text: Option<&str>| {
            text.map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let phone = given(phone).map(|text| text.parse()).transpose()?;
        let email = given(email).map(|text| text.parse()).transpose()?;
        if phone.is_none() && email.is_none() {
            return Err(ContactError::Unreachable);
        }
        Ok(Self {
            name: name.to_owned(),
            phone,
            email,
        })
    }

    /// The guest's name as given, trimmed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The phone, if one was given.
    #[must_use]
    pub fn phone(&self) -> Option<&Phone> {
        self.phone.as_ref()
    }

    /// The e-mail address, if one was given.
    #[must_use]
    pub fn email(&self) -> Option<&Email> {
        self.email.as_ref()
    }

    /// What tells whether two bookings are of one contact: the phone's key and the lower-cased e-mail address.
    ///
    /// One or two keys, the phone's first; two contacts are the same if they share one.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.phone_key().into_iter().chain(self.email_key()).collect()
    }

    /// The key of the phone, if there is one.
    #[must_use]
    pub fn phone_key(&self) -> Option<String> {
        let phone = self.phone.as_ref()?;
        Some(format!("phone:{}", phone.key()))
    }

    /// The key of the e-mail address, if there is one.
    #[must_use]
    pub fn email_key(&self) -> Option<String> {
        let email = self.email.as_ref()?;
        Some(format!("email:{}", email.0.to_lowercase()))
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(…)")
    }
}

impl Phone {
    /// The number in E.164, with its plus sign.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits without the plus sign, as WhatsApp writes a `wa_id`.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.strip_prefix('+').unwrap_or(&self.0)
    }

    /// The form in which one person's number is always the same: digits, for an Argentine mobile without the 9.
    ///
    /// Source: the WhatsApp contract, section 7. For matching only, never for sending.
    #[must_use]
    pub fn key(&self) -> String {
        let digits = self.digits();
        match digits.strip_prefix("549") {
            Some(subscriber) if subscriber.len() == 10 => format!("54{subscriber}"),
            _ => digits.to_owned(),
        }
    }
}

impl FromStr for Phone {
    type Err = ContactError;

    fn from_str(text: &str) -> Result<Self, ContactError> {
        if 40 < text.len() {
            return Err(ContactError::Phone);
        }
        let number = phonenumber::parse(Some(country::AR), text).or(Err(ContactError::Phone))?;
        if !phonenumber::is_valid(&number) {
            return Err(ContactError::Phone);
        }
        Ok(Self(number.format().mode(phonenumber::Mode::E164).to_string()))
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

impl Email {
    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = ContactError;

    fn from_str(text: &str) -> Result<Self, ContactError> {
        let options = Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        let address = EmailAddress::parse_with_options(text.trim(), options).or(Err(ContactError::Email))?;
        Ok(Self(format!(
            "{}@{}",
            address.local_part(),
            address.domain().to_lowercase()
        )))
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}
