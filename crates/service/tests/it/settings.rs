//! Settings come from flat variables, and a bad one is named without its content.

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use service::settings::{HttpSettings, SettingsError, load_from};

#[derive(Debug, Deserialize)]
struct Settings {
    database_url: SecretString,
    #[serde(default = "thirty")]
    hold_minutes: u16,
    token: Option<SecretString>,
    #[serde(default, deserialize_with = "service::settings::list")]
    trusted_proxies: Vec<String>,
}

const fn thirty() -> u16 {
    30
}

fn load(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    load_from(variables)
}

#[test]
fn variables_are_read_with_their_defaults_and_text_stays_text() {
    let settings = load(&[
        ("DATABASE_URL", "postgres://x"),
        ("TOKEN", "0071"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, 192.168.0.0/16"),
    ])
    .unwrap();
    assert_eq!(
        (settings.database_url.expose_secret(), settings.hold_minutes),
        ("postgres://x", 30)
    );
    assert_eq!(settings.token.unwrap().expose_secret(), "0071");
    assert_eq!(settings.trusted_proxies, ["10.0.0.0/8", "192.168.0.0/16"]);
}

#[test]
fn an_empty_variable_is_absent() {
    let settings = load(&[("DATABASE_URL", "x"), ("TOKEN", ""), ("HOLD_MINUTES", "")]).unwrap();
    assert!(settings.token.is_none() && settings.hold_minutes == 30);
    assert_eq!(
        load(&[("DATABASE_URL", "")]).unwrap_err().to_string(),
        "DATABASE_URL is not set"
    );
}

#[test]
fn a_bad_value_is_named_and_never_shown() {
    for (value, content) in [("soon", "soon"), ("70000", "70000"), ("-1", "-1")] {
        let error = load(&[("DATABASE_URL", "x"), ("HOLD_MINUTES", value)]).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains("HOLD_MINUTES") && !shown.contains(content),
            "{shown}"
        );
    }
}

#[test]
fn http_settings_have_defaults_and_can_be_overridden() {
    let settings: HttpSettings = load_from(&[("HTTP_PORT", "9000"), ("HTTP_HSTS", "true")]).unwrap();
    assert_eq!((settings.http_port, settings.http_hsts), (Some(9000), true));
    assert_eq!(settings.http_host, "127.0.0.1");
}
