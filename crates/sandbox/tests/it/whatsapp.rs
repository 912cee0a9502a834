//! WhatsApp: sending, refusing, telling.

mod guest;
mod sending;
mod webhooks;

use sandbox::Options;
use serde_json::{Value, json};

use crate::{receiver::Receiver, world::World};

pub(crate) const MESSAGES: &str = "/v23.0/106540352242922/messages";
pub(crate) const LUCIA: &str = "5491123456789";

/// A sandbox that tells `receiver`.
pub(crate) async fn telling(receiver: &Receiver) -> World {
    let mut options: Options = crate::world::options();
    options.whatsapp.callback_url = Some(receiver.url.parse().unwrap());
    World::with(options).await
}

pub(crate) fn text(body: &str) -> Value {
    json!({
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+54 9 11 2345-6789",
        "type": "text", "text": { "body": body }, "biz_opaque_callback_data": "msg-42",
    })
}

/// Lets the guest write, without telling anybody.
pub(crate) async fn guest_wrote(world: &World) {
    let order = json!({ "from": LUCIA, "name": "Lucía", "text": "Hola", "deliver": false });
    let (status, body) = world.post("/_control/whatsapp/guest", order).await;
    assert_eq!(status, 201, "{body}");
}
