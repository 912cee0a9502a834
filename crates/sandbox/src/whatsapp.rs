//! The WhatsApp Cloud API as it behaves, and the telephones of the guests on a page.

mod bubble;
mod chat;
mod events;
mod failure;
mod guest;
mod limits;
mod number;
mod page;
mod sending;
mod settings;
mod statuses;
mod webhook;
mod world;

use actix_web::web::{self, ServiceConfig};

pub(crate) use chat::Chat;
pub(crate) use events::{Event, Item, deliver_now, dispatch, record, send_body};
pub(crate) use failure::error_answer;
pub(crate) use guest::{GuestError, GuestMessage, write};
pub(crate) use settings::{Forgery, Outcome, Settings};
pub(crate) use statuses::{Sent, happen};
pub(crate) use webhook::escape;
pub(crate) use world::World;

/// The API and the pages.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource(r"/{version:v\d+\.\d+}/{phone}/messages").post(sending::send))
        .service(web::resource(r"/{version:v\d+\.\d+}/{phone}").get(sending::phone_number))
        .service(web::resource("/whatsapp").get(page::list).post(page::open))
        .service(
            web::resource("/whatsapp/{guest}")
                .get(page::show)
                .post(page::write_text),
        )
        .service(web::resource("/whatsapp/{guest}/bubbles").get(page::bubbles))
        .service(web::resource("/whatsapp/{guest}/tap").post(page::tap));
}
