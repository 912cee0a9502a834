//! Settings from the environment, and what is wrong with them in on-call's language.

use anyhow::{Error, anyhow};
use serde::de::DeserializeOwned;
use service::settings::SettingsError;

/// Reads the section `T`; the error names the variable and never shows its content.
pub(crate) fn load<T: DeserializeOwned>() -> anyhow::Result<T> {
    service::settings::load().map_err(|error| match &error {
        SettingsError::Missing(variable) => anyhow!("falta la variable {variable}"),
        SettingsError::Unusable { variable, .. } => {
            let told = format!("el valor de la variable {variable} no sirve");
            Error::new(error).context(told)
        }
        SettingsError::Environment => Error::new(error).context("no se pudo leer el entorno"),
    })
}
