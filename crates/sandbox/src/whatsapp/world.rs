//! What the played WhatsApp remembers.

use std::collections::{BTreeMap, VecDeque};

use super::{
    chat::{Chat, Message},
    events::Event,
    settings::{Outcome, Settings},
};
use crate::options::WhatsAppOptions;

/// Everything the played WhatsApp knows.
pub(crate) struct World {
    /// By guest.
    pub(crate) chats: BTreeMap<String, Chat>,
    pub(crate) settings: Settings,
    /// What becomes of the next messages, before the usual.
    pub(crate) outcomes: VecDeque<Outcome>,
    /// Everything that webhooks tell or told, oldest first.
    pub(crate) events: VecDeque<Event>,
    pub(crate) last_event: u64,
}

impl World {
    pub(crate) fn new(options: &WhatsAppOptions) -> Self {
        Self {
            chats: BTreeMap::new(),
            settings: Settings::new(options),
            outcomes: VecDeque::new(),
            events: VecDeque::new(),
            last_event: 0,
        }
    }

    /// Forgets everything.
    pub(crate) fn reset(&mut self, options: &WhatsAppOptions) {
        *self = Self::new(options);
    }

    /// The chat with `guest`, opened if it was not.
    pub(crate) fn chat(&mut self, guest: &str) -> &mut Chat {
        self.chats
            .entry(guest.to_owned())
            .or_insert_with(|| Chat::new(guest))
    }

    pub(crate) fn message(&mut self, id: &str) -> Option<&mut Message> {
        self.chats
            .values_mut()
            .flat_map(|chat| chat.messages.iter_mut())
            .find(|message| message.id == id)
    }
}
