//! The components that are open.

use crate::parse::verdict::Broken;

/// Deeper than any calendar nests.
const DEEPEST: usize = 16;

/// An open component.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Component {
    Calendar,
    Event,
    Timezone,
    /// STANDARD or DAYLIGHT.
    Observance,
    /// Any other, by its name.
    Other(String),
}

impl Component {
    fn is_named(&self, name: &str) -> bool {
        match self {
            Self::Calendar => name == "VCALENDAR",
            Self::Event => name == "VEVENT",
            Self::Timezone => name == "VTIMEZONE",
            Self::Observance => matches!(name, "STANDARD" | "DAYLIGHT"),
            Self::Other(other) => name == other,
        }
    }
}

/// From the outermost to the innermost.
#[derive(Debug, Default)]
pub(super) struct Stack {
    open: Vec<Component>,
    has_ended_a_calendar: bool,
}

impl Stack {
    pub(super) fn top(&self) -> Option<&Component> {
        self.open.last()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(super) fn has_ended_a_calendar(&self) -> bool {
        self.has_ended_a_calendar
    }

    pub(super) fn push(&mut self, component: Component) -> Result<(), Broken> {
        if DEEPEST <= self.open.len() {
            return Err(Broken::TooDeep);
        }
        self.open.push(component);
        Ok(())
    }

    /// Ends the innermost component of that name, and whatever is still open inside it.
    ///
    /// `false` if that was not just the innermost one. An event that would be ended by the end of another
    /// component is cut.
    pub(super) fn pop(&mut self, name: &str) -> Result<bool, Broken> {
        let Some(at) = self.open.iter().rposition(|component| component.is_named(name)) else {
            return Ok(false);
        };
        let balanced = at + 1 == self.open.len();
        let mut inside = self.open.drain(at..).skip(1);
        if inside.any(|component| component == Component::Event) {
            return Err(Broken::CutInsideEvent);
        }
        drop(inside);
        self.has_ended_a_calendar |= name == "VCALENDAR";
        Ok(balanced)
    }

    /// What is missing when the file ends here.
    pub(super) fn cut(&self) -> Broken {
        if self.open.contains(&Component::Event) {
            Broken::CutInsideEvent
        } else {
            Broken::NoEnd
        }
    }
}
