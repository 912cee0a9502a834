use proptest::prelude::*;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Content, Incoming, Item, MediaKind, parse};
use crate::action::Action;
use crate::recipient::Recipient;
use crate::status::Status;

fn items(value: &Value) -> Vec<Item> {
    parse(value.to_string().as_bytes()).unwrap()
}

/// A body with one change of our number.
fn body(value: &Value) -> Value {
    let mut value = value.clone();
    value["metadata"] =
        json!({ "display_phone_number": "15550783881", "phone_number_id": "106540352242922" });
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "4195", "changes": [{ "field": "messages", "value": value }] }] })
}

/// The one message of a body with this message in it.
fn message(fields: &Value) -> Incoming {
    let mut message = json!({ "from": "16505551234", "id": "wamid.1", "timestamp": "1749416383" });
    message
        .as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    let contacts = json!([{ "profile": { "name": "Sheena" }, "wa_id": "16505551234" }]);
    match items(&body(&json!({ "contacts": contacts, "messages": [message] }))).remove(0) {
        Item::Message(incoming) => *incoming,
        other => panic!("{other:?}"),
    }
}

fn some(text: &str) -> Option<String> {
    text.parse().ok()
}

fn check(cases: impl IntoIterator<Item = (Value, Content)>) {
    for (fields, expected) in cases {
        assert!(message(&fields).content == expected, "{fields}");
    }
}

#[test]
fn a_text_is_read_with_its_sender() {
    let incoming = message(&json!({ "type": "text", "text": { "body": "Does it come in another color?" } }));
    assert_eq!(
        incoming.content,
        Content::Text("Does it come in another color?".to_owned())
    );
    assert_eq!(incoming.phone_number_id, some("106540352242922"));
    assert_eq!(
        incoming.sent_at,
        OffsetDateTime::from_unix_timestamp(1_749_416_383).ok()
    );
    assert_eq!(incoming.sender.name, some("Sheena"));
    assert_eq!(
        incoming.sender.reply_address(),
        "16505551234".parse::<Recipient>().ok()
    );
    assert!(!incoming.forwarded);
}

#[test]
fn what_a_guest_presses_sends_or_shows_is_read() {
    let id = || "x".to_owned();
    check([
        (
            json!({ "type": "interactive", "interactive": { "type": "button_reply", "button_reply": { "id": "x", "title": "Cancel" } } }),
            Content::Button {
                id: id(),
                title: some("Cancel"),
            },
        ),
        (
            json!({ "type": "interactive", "interactive": { "type": "list_reply", "list_reply": { "id": "x", "title": "Mail" } } }),
            Content::Row {
                id: id(),
                title: some("Mail"),
                description: None,
            },
        ),
        (
            json!({ "type": "button", "button": { "payload": "bk-17", "text": "Sí" } }),
            Content::QuickReply {
                payload: some("bk-17"),
                text: some("Sí"),
            },
        ),
        (
            json!({ "type": "audio", "audio": { "mime_type": "audio/ogg; codecs=opus", "id": "x", "voice": true } }),
            Content::Media {
                kind: MediaKind::Audio,
                id: id(),
                mime_type: some("audio/ogg; codecs=opus"),
                caption: None,
                voice: true,
            },
        ),
        (
            json!({ "type": "location", "location": { "latitude": 37.44, "longitude": -122.16 } }),
            Content::Location {
                latitude: 37.44,
                longitude: -122.16,
                name: None,
                address: None,
            },
        ),
    ]);
}

#[test]
fn what_is_about_a_message_or_is_no_message_is_read() {
    let id = || "x".to_owned();
    check([
        (
            json!({ "type": "reaction", "reaction": { "message_id": "x", "emoji": "👍" } }),
            Content::Reaction {
                message_id: id(),
                emoji: some("👍"),
            },
        ),
        (
            json!({ "type": "reaction", "reaction": { "message_id": "x", "emoji": "" } }),
            Content::Reaction {
                message_id: id(),
                emoji: None,
            },
        ),
        (
            json!({ "type": "reaction", "reaction": { "message_id": "x" } }),
            Content::Reaction {
                message_id: id(),
                emoji: None,
            },
        ),
        (
            json!({ "type": "edit", "edit": { "original_message_id": "x", "message": { "type": "text", "text": { "body": "no" } } } }),
            Content::Edit {
                message_id: id(),
                text: some("no"),
            },
        ),
        (
            json!({ "type": "revoke", "revoke": { "original_message_id": "x" } }),
            Content::Revoke { message_id: id() },
        ),
        (
            json!({ "type": "system", "system": { "body": "…", "wa_id": "5491123456789", "type": "user_changed_number" } }),
            Content::System {
                kind: some("user_changed_number"),
                wa_id: some("5491123456789"),
            },
        ),
        (
            json!({ "type": "unsupported", "errors": [{ "code": 131_051, "title": "Message type unknown" }] }),
            Content::Unsupported { codes: vec![131_051] },
        ),
        (
            json!({ "type": "order", "order": {} }),
            Content::Other {
                kind: "order".to_owned(),
            },
        ),
        (
            json!({ "type": "text" }),
            Content::Other {
                kind: "text".to_owned(),
            },
        ),
        (
            json!({ "type": 7, "text": [] }),
            Content::Other { kind: "7".to_owned() },
        ),
        (json!({}), Content::Other { kind: String::new() }),
    ]);
}

#[test]
fn an_empty_interactive_message_has_its_errors_outside() {
    let found = items(&body(&json!({
        "messages": [{ "from": "16505551234", "id": "wamid.1", "type": "interactive" }],
        "errors": [{ "code": 131_000, "title": "Unsupported webhook payload" }],
    })));
    let Item::Message(incoming) = &found[0] else {
        panic!()
    };
    assert!(incoming.content == Content::Unsupported { codes: vec![131_000] });
}

#[test]
fn a_hidden_number_leaves_the_user_id() {
    let found = items(&body(&json!({
        "contacts": [{ "profile": { "name": "A", "username": "a.b" }, "user_id": "US.13491208655302741918" }],
        "messages": [{ "from_user_id": "US.13491208655302741918", "id": "wamid.1", "type": "text", "text": { "body": "hi" } }],
    })));
    let Item::Message(incoming) = &found[0] else {
        panic!()
    };
    assert_eq!(incoming.sender.wa_id, None);
    assert_eq!(incoming.sender.username, some("a.b"));
    assert_eq!(
        incoming.sender.reply_address(),
        "US.13491208655302741918".parse().ok()
    );
}

#[test]
fn of_several_contacts_only_the_senders_own_is_taken() {
    let found = items(&body(&json!({
        "contacts": [{ "profile": { "name": "A" }, "wa_id": "5491100000001" }, { "profile": { "name": "B" }, "wa_id": "5491100000002" }],
        "messages": [{ "from": "5491100000002", "id": "1" }, { "from": "5491100000003", "id": "2" }],
    })));
    let names: Vec<_> = found
        .iter()
        .map(|item| match item {
            Item::Message(incoming) => incoming.sender.name.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(names, [some("B"), None]);
}

#[test]
fn statuses_carry_our_callback_and_what_failed() {
    let found = items(&body(&json!({ "statuses": [
        { "id": "wamid.x", "status": "sent", "timestamp": "1698266945", "recipient_id": "5491123456789",
          "biz_opaque_callback_data": "msg-42", "conversation": { "id": "c1" },
          "pricing": { "billable": true, "pricing_model": "CBP", "category": "service" } },
        { "id": "wamid.x", "status": "failed", "timestamp": "1698266945", "errors": [{ "code": 131_047,
          "title": "Re-engagement message", "error_data": { "details": "more than 24 hours" } }] },
        { "id": "wamid.x", "status": "warning" },
    ] })));
    let updates: Vec<_> = found
        .iter()
        .map(|item| match item {
            Item::Delivery(update) => update,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(updates[0].status, Some(Status::Sent));
    assert_eq!(updates[0].callback, some("msg-42"));
    assert_eq!(updates[0].pricing.as_ref().unwrap().category, some("service"));
    assert_eq!(updates[1].failures[0].action(), Action::NeedsTemplate);
    assert_eq!(updates[1].failures[0].details, some("more than 24 hours"));
    assert_eq!(updates[2].status, None);
    let keys: Vec<_> = found.iter().filter_map(Item::dedupe_key).collect();
    assert_eq!(
        keys,
        [
            "status:wamid.x:sent",
            "status:wamid.x:failed",
            "status:wamid.x:warning"
        ]
    );
}

#[test]
fn account_fields_have_no_metadata_and_a_key_of_their_own() {
    let update = |time: u32, event: &str| {
        let change = json!({ "field": "account_update", "value": { "event": event, "ban_info": {} } });
        items(&json!({ "entry": [{ "id": "4195", "time": time, "changes": [change] }] })).remove(0)
    };
    let Item::Account(account) = update(1, "DISABLED_UPDATE") else {
        panic!()
    };
    assert_eq!(
        (account.field.as_str(), account.event),
        ("account_update", some("DISABLED_UPDATE"))
    );
    let key = |time, event| update(time, event).dedupe_key().unwrap();
    assert_eq!(key(1, "DISABLED_UPDATE"), key(1, "DISABLED_UPDATE"));
    assert_ne!(key(1, "DISABLED_UPDATE"), key(2, "DISABLED_UPDATE"));
    assert_ne!(key(1, "DISABLED_UPDATE"), key(1, "ACCOUNT_DELETED"));
}

#[test]
fn all_entries_changes_and_items_are_walked_and_a_bad_one_fails_alone() {
    let change = |ids: [&str; 2]| {
        let messages =
            ids.map(|id| json!({ "from": "16505551234", "id": id, "type": "text", "text": { "body": "x" } }));
        json!({ "field": "messages", "value": { "messages": messages } })
    };
    let found = items(&json!({ "object": "whatsapp_business_account", "entry": [
        { "id": "1", "changes": [change(["a", "b"]), change(["c", ""])] },
        { "id": "2" }, 7, { "changes": [{ "field": "messages" }, null, change(["d", "e"])] },
    ] }));
    let keys: Vec<_> = found.iter().map(Item::dedupe_key).collect();
    let expected = ["a", "b", "c", "", "d", "e"].map(|id| {
        if id.is_empty() {
            None
        } else {
            Some(format!("message:{id}"))
        }
    });
    assert_eq!(keys, expected);
    assert!(matches!(found[3], Item::Unreadable(_)));
}

#[test]
fn only_what_is_no_json_is_an_error() {
    for json in ["{}", "[]", "null", "7", r#"{"entry":{}}"#, r#"{"entry":[]}"#] {
        assert_eq!(parse(json.as_bytes()).unwrap(), [], "{json}");
    }
    assert!(parse(b"{").is_err());
    assert!(parse(&[0xff, 0xfe]).is_err());
}

#[test]
fn no_name_number_or_word_is_printed() {
    let incoming = message(&json!({ "type": "text", "text": { "body": "secret words" } }));
    let printed = format!("{incoming:?}");
    for private in ["secret", "Sheena", "16505551234"] {
        assert!(!printed.contains(private), "{printed}");
    }
}

/// JSON of any shape, with the names that mean something.
fn any_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "entry",
        "changes",
        "value",
        "field",
        "messages",
        "statuses",
        "contacts",
        "metadata",
        "id",
        "type",
        "text",
        "body",
        "status",
        "errors",
        "code",
        "interactive",
        "list_reply",
        "timestamp",
        "context",
    ]);
    let words = prop::sample::select(vec![
        "messages",
        "text",
        "interactive",
        "sent",
        "failed",
        "",
        "1749416383",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        words.prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 64, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(names.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn json_of_any_shape_is_walked_without_a_panic(json in any_json()) {
        let wrapped = json!({ "entry": [{ "changes": [{ "field": "messages", "value": json.clone() }] }] });
        prop_assert!(parse(json.to_string().as_bytes()).is_ok());
        prop_assert!(parse(wrapped.to_string().as_bytes()).is_ok());
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = parse(&bytes);
    }
}
