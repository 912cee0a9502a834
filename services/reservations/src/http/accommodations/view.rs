//! A lodging on the wire.

use api::accommodation::{Accommodation, AdminAccommodation, Photo};
use storage::accommodations;

pub(in crate::http) fn view(stored: &accommodations::Accommodation) -> Accommodation {
    let facts = &stored.facts;
    let terms = &facts.terms;
    let photos = facts.photos.iter().map(|(url, caption)| Photo {
        url: url.clone(),
        caption: caption.clone(),
    });
    Accommodation {
        id: stored.id.0,
        name: facts.name.clone(),
        description: facts.description.clone(),
        city: facts.city.clone(),
        country: facts.country.clone(),
        time_zone: facts.time_zone.clone(),
        base_price: terms.base_price.into(),
        weekend_multiplier_bp: terms.weekend_multiplier.0,
        cleaning_fee: terms.cleaning_fee.into(),
        extra_guest_fee: terms.extra_guest_fee.into(),
        included_guests: terms.included_guests,
        max_guests: terms.max_guests,
        min_nights: terms.min_nights,
        max_nights: terms.max_nights,
        deposit_bp: terms.deposit.0,
        cancellation: terms.cancellation.into(),
        check_in_time: facts.check_in_time,
        check_out_time: facts.check_out_time,
        photos: photos.collect(),
        amenities: facts.amenities.clone(),
        house_rules: facts.house_rules.clone(),
    }
}

pub(in crate::http) fn admin_view(stored: &accommodations::Accommodation) -> AdminAccommodation {
    AdminAccommodation {
        accommodation: view(stored),
        active: stored.active,
        created_at: stored.created_at,
        updated_at: stored.updated_at,
    }
}
