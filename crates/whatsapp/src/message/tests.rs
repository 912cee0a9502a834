use proptest::prelude::*;
use serde_json::json;

use super::{Button, Buttons, LimitError, List, Message, Row, Section, Template, Text};

/// Whether a part of a message may be this text.
type Accepts<'a> = &'a dyn Fn(&str) -> bool;

fn long(characters: usize) -> String {
    "ñ".repeat(characters)
}

fn rows(count: usize) -> Vec<Row> {
    (0..count)
        .map(|number| Row::new(&number.to_string(), "Cabaña").unwrap())
        .collect()
}

#[test]
fn the_four_bodies_of_the_contract() {
    let text = Message::from(Text::new("Hola").unwrap());
    assert_eq!(
        text.wire(),
        ("text", json!({ "preview_url": false, "body": "Hola" }))
    );

    let template = Template::new("booking_confirmed", "es_AR").unwrap();
    let template = Message::from(template.parameter("Lucía").unwrap().payload("bk-17").unwrap());
    let expected = json!({ "name": "booking_confirmed", "language": { "code": "es_AR" }, "components": [
        { "type": "body", "parameters": [{ "type": "text", "text": "Lucía" }] },
        { "type": "button", "sub_type": "quick_reply", "index": "0",
          "parameters": [{ "type": "payload", "payload": "bk-17" }] },
    ] });
    assert_eq!(template.wire(), ("template", expected));
    assert!(template.is_template());

    let buttons = vec![Button::new("ok", "Sí").unwrap(), Button::new("no", "No").unwrap()];
    let expected = json!({ "type": "button", "body": { "text": "¿Confirmás?" }, "action": { "buttons": [
        { "type": "reply", "reply": { "id": "ok", "title": "Sí" } },
        { "type": "reply", "reply": { "id": "no", "title": "No" } },
    ] } });
    assert_eq!(
        Message::from(Buttons::new("¿Confirmás?", buttons).unwrap()).wire(),
        ("interactive", expected)
    );

    let row = Row::new("r1", "Cabaña 1")
        .unwrap()
        .description("4 personas")
        .unwrap();
    let list = List::new(
        "¿Cuál?",
        "Elegir",
        vec![Section::titled("Libres", vec![row]).unwrap()],
    )
    .unwrap();
    let list = list.header("Cabañas").unwrap().footer("Precios en ARS").unwrap();
    let expected = json!({ "type": "list", "header": { "type": "text", "text": "Cabañas" },
        "body": { "text": "¿Cuál?" }, "footer": { "text": "Precios en ARS" }, "action": { "button": "Elegir",
        "sections": [{ "title": "Libres", "rows": [{ "id": "r1", "title": "Cabaña 1", "description": "4 personas" }] }] } });
    assert_eq!(Message::from(list).wire(), ("interactive", expected));
}

#[test]
fn the_longest_parts_pass_and_one_character_more_does_not() {
    let button = || vec![Button::new("a", "A").unwrap()];
    let section = || vec![Section::untitled(rows(1))];
    let row = || Row::new("a", "A").unwrap();
    let cases: [(usize, Accepts<'_>); 13] = [
        (4096, &|part| Text::new(part).is_ok()),
        (1024, &|part| Buttons::new(part, button()).is_ok()),
        (60, &|part| {
            Buttons::new("x", button()).unwrap().header(part).is_ok()
        }),
        (60, &|part| {
            Buttons::new("x", button()).unwrap().footer(part).is_ok()
        }),
        (20, &|part| Button::new("a", part).is_ok()),
        (256, &|part| Button::new(part, "A").is_ok()),
        (1024, &|part| List::new(part, "x", section()).is_ok()),
        (20, &|part| List::new("x", part, section()).is_ok()),
        (200, &|part| Row::new(part, "A").is_ok()),
        (24, &|part| Row::new("a", part).is_ok()),
        (72, &|part| row().description(part).is_ok()),
        (24, &|part| Section::titled(part, rows(1)).is_ok()),
        (1024, &|part| {
            Template::new("a", "es").unwrap().parameter(part).is_ok()
        }),
    ];
    for (place, (most, accepts)) in cases.into_iter().enumerate() {
        assert!(accepts(&long(most)), "{place}: {most}");
        assert!(!accepts(&long(most + 1)), "{place}: {}", most + 1);
        assert!(!accepts("") && !accepts("  \n"), "{place}: empty");
    }
}

#[test]
fn buttons_are_one_to_three_and_all_different() {
    let buttons = |parts: &[(&str, &str)]| {
        let made = parts
            .iter()
            .map(|(id, title)| Button::new(id, title).unwrap())
            .collect();
        Buttons::new("x", made).map(|_| ())
    };
    assert_eq!(buttons(&[("a", "A"), ("b", "B"), ("c", "C")]), Ok(()));
    assert!(matches!(buttons(&[]), Err(LimitError::Count { .. })));
    assert!(matches!(
        buttons(&[("a", "A"), ("b", "B"), ("c", "C"), ("d", "D")]),
        Err(LimitError::Count { .. })
    ));
    assert_eq!(
        buttons(&[("a", "A"), ("a", "B")]),
        Err(LimitError::Repeated { part: "button id" })
    );
    assert_eq!(
        buttons(&[("a", "A"), ("b", "A")]),
        Err(LimitError::Repeated { part: "button title" })
    );
}

#[test]
fn a_list_has_ten_rows_in_all_and_its_sections_have_titles() {
    let list = |sections| List::new("x", "Elegir", sections).map(|_| ());
    let titled = |rows| Section::titled("T", rows).unwrap();
    assert_eq!(list(vec![Section::untitled(rows(10))]), Ok(()));
    assert!(matches!(
        list(vec![Section::untitled(rows(11))]),
        Err(LimitError::Count { is: 11, .. })
    ));
    assert!(matches!(list(vec![]), Err(LimitError::Count { .. })));
    assert!(matches!(
        list(vec![titled(vec![])]),
        Err(LimitError::Count { is: 0, .. })
    ));
    assert!(matches!(
        list(vec![titled(rows(6)), titled(rows(6))]),
        Err(LimitError::Count { is: 12, .. })
    ));
    assert_eq!(
        list(vec![titled(rows(1)), titled(rows(1))]),
        Err(LimitError::Repeated { part: "row id" })
    );
    let other = vec![Row::new("other", "A").unwrap()];
    assert_eq!(
        list(vec![titled(rows(1)), Section::untitled(other)]),
        Err(LimitError::Untitled)
    );
}

#[test]
fn a_template_has_a_name_that_meta_takes() {
    assert!(Template::new("Booking", "es").is_err());
    assert!(Template::new("booking confirmed", "es").is_err());
    assert!(Template::new("booking_2", "").is_err());
}

#[test]
fn no_words_are_printed() {
    let text = Message::from(Text::new("secret").unwrap());
    let template = Template::new("name", "es").unwrap().parameter("secret").unwrap();
    assert!(!format!("{text:?} {template:?}").contains("secret"));
}

proptest! {
    #[test]
    fn a_template_parameter_never_holds_what_meta_refuses(text in any::<String>()) {
        if let Ok(template) = Template::new("a", "es").unwrap().parameter(&text) {
            let wire = template.wire();
            let filled = wire["components"][0]["parameters"][0]["text"].as_str().unwrap();
            prop_assert!(!filled.contains(['\n', '\t']) && !filled.contains("    "));
        }
    }
}
