//! From the staff's words to a lodging: every field is looked at, and refused by its name.

use api::Money as WireMoney;
use api::accommodation::{AccommodationDraft, Photo};
use calendar::Zone;
use domain::accommodation::Terms;
use domain::cancellation::CancellationPolicy;
use domain::money::{BasisPoints, Currency, Money};
use service::bounded_text::bounded;
use storage::accommodations::Facts;

use crate::http::error::{About, ApiError};

/// The lodging that a draft describes.
pub(super) fn facts(draft: &AccommodationDraft) -> Result<Facts, ApiError> {
    let terms = terms(draft)?;
    let zone =
        Zone::named(&draft.time_zone).map_err(|error| refused("time_zone", "unknown", error.to_string()))?;
    let country = draft.country.trim().to_owned();
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(refused("country", "malformed", "two capital letters"));
    }
    let amenities = draft.amenities.iter().map(|name| bounded(name, 1, 60));
    let amenities: Option<Vec<_>> = amenities.collect();
    let amenities = amenities
        .filter(|all| all.len() <= 100)
        .ok_or_else(|| refused("amenities", "out_of_range", "at most 100 of 1 to 60 characters"))?;
    if 50 < draft.photos.len() {
        return Err(refused("photos", "out_of_range", "at most 50"));
    }
    Ok(Facts {
        name: text("name", &draft.name, 1, 120)?,
        description: text("description", &draft.description, 0, 5_000)?,
        city: text("city", &draft.city, 0, 120)?,
        country,
        time_zone: zone.name().to_owned(),
        terms,
        check_in_time: draft.check_in_time,
        check_out_time: draft.check_out_time,
        photos: draft.photos.iter().map(photo).collect::<Result<_, _>>()?,
        amenities,
        house_rules: text("house_rules", &draft.house_rules, 0, 5_000)?,
    })
}

fn terms(draft: &AccommodationDraft) -> Result<Terms, ApiError> {
    let base_price = money("base_price", &draft.base_price, None)?;
    let currency = base_price.currency();
    if base_price.is_zero() {
        return Err(refused("base_price", "out_of_range", "above zero"));
    }
    let fee = |field: &'static str, fee: &Option<WireMoney>| match fee {
        None => Ok(Money::zero(currency)),
        Some(fee) => money(field, fee, Some(currency)),
    };
    within(
        "weekend_multiplier_bp",
        draft.weekend_multiplier_bp,
        1_000,
        100_000,
    )?;
    within("deposit_bp", draft.deposit_bp, 1, 10_000)?;
    within("max_guests", u32::from(draft.max_guests), 1, 100)?;
    within(
        "included_guests",
        u32::from(draft.included_guests),
        1,
        u32::from(draft.max_guests),
    )?;
    within("max_nights", u32::from(draft.max_nights), 1, 365)?;
    within(
        "min_nights",
        u32::from(draft.min_nights),
        1,
        u32::from(draft.max_nights),
    )?;
    let policy = &draft.cancellation;
    within("cancellation.free_days", u32::from(policy.free_days), 0, 365)?;
    let cancellation = CancellationPolicy::new(
        policy.free_days,
        policy.partial_days,
        BasisPoints(policy.partial_bp),
    );
    Ok(Terms {
        base_price,
        weekend_multiplier: BasisPoints(draft.weekend_multiplier_bp),
        cleaning_fee: fee("cleaning_fee", &draft.cleaning_fee)?,
        extra_guest_fee: fee("extra_guest_fee", &draft.extra_guest_fee)?,
        included_guests: draft.included_guests,
        max_guests: draft.max_guests,
        min_nights: draft.min_nights,
        max_nights: draft.max_nights,
        deposit: BasisPoints(draft.deposit_bp),
        cancellation: cancellation
            .map_err(|error| refused("cancellation", "contradictory", error.to_string()))?,
        seasons: Vec::new(),
    })
}

fn money(field: &'static str, money: &WireMoney, currency: Option<Currency>) -> Result<Money, ApiError> {
    let read = money
        .decode()
        .map_err(|_invalid| refused(field, "malformed", "an amount and a supported currency"))?;
    if currency.is_some_and(|currency| currency != read.currency()) {
        return Err(refused(
            field,
            "wrong_currency",
            "every price is in the currency of base_price",
        ));
    }
    // Far above any night's price, and far below where a year of them overflows.
    if 1_000_000_000_000 < read.minor() {
        return Err(refused(field, "out_of_range", "too much"));
    }
    Ok(read)
}

fn photo(photo: &Photo) -> Result<(String, String), ApiError> {
    let ours = photo.url.starts_with('/') && !photo.url.starts_with("//");
    let url = bounded(&photo.url, 1, 2_000).filter(|url| ours || url.starts_with("https://"));
    url.zip(bounded(&photo.caption, 0, 200)).ok_or_else(|| {
        refused(
            "photos",
            "malformed",
            "an https address or a path, and at most 200 characters",
        )
    })
}

fn text(field: &'static str, text: &str, shortest: usize, longest: usize) -> Result<String, ApiError> {
    bounded(text, shortest, longest).ok_or_else(|| {
        refused(
            field,
            "out_of_range",
            format!("from {shortest} to {longest} characters"),
        )
    })
}

fn within(field: &'static str, value: u32, least: u32, most: u32) -> Result<(), ApiError> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(refused(field, "out_of_range", format!("from {least} to {most}")))
    }
}

fn refused(field: &'static str, code: &'static str, detail: impl Into<String>) -> ApiError {
    ApiError::invalid(About::Accommodation, field, code, detail)
}
