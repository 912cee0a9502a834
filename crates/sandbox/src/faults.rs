//! Trouble on order: the next calls that match fail, hang, are cut off or are slow.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{provider::Provider, state::lock};

/// What goes wrong, for which calls, and how often.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// Only this provider's calls; all providers' if absent.
    pub(crate) provider: Option<Provider>,
    /// Only this method.
    pub(crate) method: Option<String>,
    /// Only paths that contain this text.
    pub(crate) path: Option<String>,
    /// How many calls.
    #[serde(default = "once")]
    pub(crate) times: u32,
    /// Do the work first, and only then fail: the caller cannot know.
    #[serde(default)]
    pub(crate) after_effect: bool,
    /// Wait before anything else.
    #[serde(default)]
    pub(crate) delay_ms: u64,
    #[serde(default)]
    pub(crate) then: Then,
    /// The status of the answer; absent, the call goes on as usual after the delay.
    pub(crate) status: Option<u16>,
    /// The provider's own number for it: WhatsApp's `code`.
    pub(crate) code: Option<i64>,
    /// The body of the answer, instead of the provider's usual one.
    pub(crate) body: Option<Value>,
    /// Headers of the answer, such as `Retry-After`.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
}

/// How a failing call ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Then {
    /// With an answer.
    #[default]
    Answer,
    /// Never, within ten minutes.
    Hang,
    /// With a closed connection.
    Close,
}

fn once() -> u32 {
    1
}

impl Fault {
    pub(crate) fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    fn matches(&self, provider: Provider, method: &str, path: &str) -> bool {
        self.provider.is_none_or(|wanted| wanted == provider)
            && self
                .method
                .as_deref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path.as_deref().is_none_or(|wanted| path.contains(wanted))
    }
}

/// The faults on order, first come first served.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(crate) fn add(&self, fault: Fault) {
        lock(&self.0).push(fault);
    }

    /// Takes one turn of the first fault that matches.
    pub(crate) fn take(&self, provider: Provider, method: &str, path: &str) -> Option<Fault> {
        let mut faults = lock(&self.0);
        let position = faults
            .iter()
            .position(|fault| fault.matches(provider, method, path))?;
        let fault = faults.get_mut(position)?;
        fault.times = fault.times.saturating_sub(1);
        let taken = fault.clone();
        if taken.times == 0 {
            faults.remove(position);
        }
        Some(taken)
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        lock(&self.0).clone()
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }
}
