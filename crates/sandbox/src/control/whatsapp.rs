//! `/_control/whatsapp/…`: acting as guests and as Meta.

mod chat;
mod event;
mod handshake;
mod settings;

use actix_web::web::{self, ServiceConfig};

/// Everything under `/_control/whatsapp`.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(
        web::scope("/whatsapp")
            .service(web::resource("/chats").get(chat::list))
            .service(web::resource("/chats/{guest}").get(chat::read))
            .service(web::resource("/guest").post(chat::write_as_guest))
            .service(web::resource("/messages/{id}/status").post(chat::status))
            .service(
                web::resource("/settings")
                    .get(settings::read)
                    .post(settings::change),
            )
            .service(web::resource("/outcomes").post(settings::script))
            .service(web::resource("/events").get(event::list))
            .service(web::resource("/account").post(event::account))
            .service(web::resource("/send").post(event::send))
            .service(web::resource("/raw").post(event::raw))
            .service(web::resource("/handshake").post(handshake::call)),
    );
}
