//! What clap says by itself, in on-call's language: the frame of the help, and what is wrong with a call.

use clap::error::{ContextKind, ErrorKind};
use clap::{Arg, ArgAction, Command, Error};

const TEMPLATE: &str = "{about-with-newline}\nUso: {usage}\n\n{all-args}{after-help}";

/// `command` and all below it, with a Spanish frame around their help.
pub(crate) fn framed(command: Command) -> Command {
    let help = Arg::new("help").short('h').long("help");
    command
        .help_template(TEMPLATE)
        .subcommand_help_heading("Comandos")
        .subcommand_value_name("COMANDO")
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .arg(help.action(ArgAction::Help).help("Mostrar esta ayuda"))
        .mut_args(|arg| {
            let heading = if arg.is_positional() {
                "Argumentos"
            } else {
                "Opciones"
            };
            let takes_values = arg.get_action().takes_values();
            arg.help_heading(heading).hide_possible_values(takes_values)
        })
        .mut_subcommands(framed)
}

/// What is wrong with the call.
pub(crate) fn refusal(error: &Error) -> String {
    let about = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let argument = about(ContextKind::InvalidArg);
    let problem = match error.kind() {
        ErrorKind::UnknownArgument => format!("no se admite {argument}"),
        ErrorKind::InvalidSubcommand => {
            format!("no existe el comando {}", about(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => format!("falta {argument}"),
        ErrorKind::ArgumentConflict => {
            format!(
                "{argument} no puede ir junto con {}",
                about(ContextKind::PriorArg)
            )
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            match (about(ContextKind::InvalidValue), about(ContextKind::ValidValue)) {
                (value, _) if value.is_empty() => format!("falta el valor de {argument}"),
                (value, known) if known.is_empty() => format!("«{value}» no sirve para {argument}"),
                (value, known) => format!("«{value}» no sirve para {argument}; se admite: {known}"),
            }
        }
        ErrorKind::MissingSubcommand => "falta el comando".to_owned(),
        _ => return error.to_string(),
    };
    format!("alojactl: {problem}\nLa ayuda de cada comando: --help")
}
