//! The help, and what is said of a wrong call: in Spanish, for every command.

use crate::program;

/// Every command with all below it, as the help lists them.
async fn commands() -> Vec<Vec<String>> {
    let mut all = vec![vec![]];
    let mut next = 0;
    while let Some(command) = all.get(next).cloned() {
        let help = help(&command).await;
        let (_, listed) = help.split_once("\nComandos:\n").unwrap_or_default();
        let names = listed.lines().take_while(|line| !line.is_empty());
        for name in names.filter_map(|line| line.strip_prefix("  ")?.split(' ').next()) {
            if !name.is_empty() {
                all.push([command.as_slice(), &[name.to_owned()]].concat());
            }
        }
        next += 1;
    }
    all
}

async fn help(command: &[String]) -> String {
    let arguments: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
    let said = program::run(&arguments, &[]).await;
    assert_eq!(said.code, 0, "{arguments:?}: {}", said.err);
    said.out
}

#[tokio::test]
async fn the_help_of_every_command_is_in_spanish() {
    let commands = commands().await;
    assert!(30 < commands.len(), "{commands:?}");
    for command in commands {
        let help = help(&command).await;
        assert!(
            help.contains("Uso: alojactl") && help.contains("Mostrar esta ayuda"),
            "{help}"
        );
        for english in [
            "Usage:",
            "Commands:",
            "Options:",
            "Arguments:",
            "Print ",
            "possible values",
            " the ",
            " of ",
            "Yes",
        ] {
            assert!(!help.contains(english), "{command:?} says {english}: {help}");
        }
    }
}

#[tokio::test]
async fn a_wrong_call_is_told_in_spanish() {
    for (arguments, told) in [
        (&["payments", "resolve", "1"][..], "falta --decision <DECISION>"),
        (&["ical", "sync", "--todos"], "no se admite --todos"),
        (&["ical", "leer"], "no existe el comando leer"),
        (&["ical", "sync", "--all", "--feed", "1"], "no puede ir junto con"),
        (&["ical", "sync", "--feed"], "falta el valor de --feed <FEED>"),
        (
            &["ical", "sync", "--feed", "uno"],
            "«uno» no sirve para --feed <FEED>",
        ),
        (
            &["staff", "add", "--email", "a@example.com", "--role", "chef"],
            "«chef» no sirve para --role <ROLES>; se admite: host, oncall",
        ),
    ] {
        let said = program::run(arguments, &[]).await;
        assert_eq!(said.code, 2, "{arguments:?}");
        assert!(said.err.contains(told), "{arguments:?}: {}", said.err);
    }
}

#[tokio::test]
async fn a_missing_setting_is_told_in_spanish() {
    let said = program::run(&["migrate", "status"], &[]).await;
    assert_eq!(
        (said.code, said.err.as_str()),
        (1, "alojactl: falta la variable DATABASE_URL\n")
    );
    let said = program::run(&["--version"], &[]).await;
    assert!(
        said.code == 0 && said.out.starts_with("alojactl "),
        "{}",
        said.out
    );
}
