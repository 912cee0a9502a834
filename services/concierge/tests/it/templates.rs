//! The page from which templates are entered at Meta is the program's own.

use concierge::templates;

#[test]
fn the_page_on_whatsapp_has_every_template_word_for_word() {
    let page = include_str!("../../../../docs/WHATSAPP.md");
    let written = page.split_once("## Plantillas").unwrap().1;
    let wanted: Vec<String> = templates::ALL
        .iter()
        .map(|template| format!("### `{}`\n\n```text\n{}\n```\n", template.name, template.body))
        .collect();
    for section in &wanted {
        assert!(written.contains(section), "docs/WHATSAPP.md lacks:\n{section}");
    }
    assert_eq!(written.matches("\n### ").count(), wanted.len());
}
