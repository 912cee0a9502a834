//! The channels' calendars: each in its own dialect, edited on a page, and as unreliable as a test wants.

mod answer;
mod calendar;
mod dialect;
mod echo;
mod lines;
mod page;
mod reading;
mod serving;
mod world;

use actix_web::web::{self, ServiceConfig};

pub(crate) use answer::{Answer, Scripted};
pub(crate) use calendar::{Calendar, CalendarChange, NewStay, StayError};
pub(crate) use world::{World, is_name};

// Days as JSON and forms write them: `2026-11-10`. The module is private here, so only this world has it.
time::serde::format_description!(iso_date, Date, "[year]-[month]-[day]");

/// The feeds and the pages.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/channels/{name}.ics")
                .get(serving::serve)
                .head(serving::serve),
        )
        .service(web::resource("/channels").get(page::list).post(page::create))
        .service(web::resource("/channels/{name}").get(page::show))
        .service(web::resource("/channels/{name}/stays").post(page::add))
        .service(web::resource("/channels/{name}/stays/{key}").post(page::change));
}
