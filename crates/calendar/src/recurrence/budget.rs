//! What expanding may cost.

/// Rules that run against the `rrule` crate's own limits without an instance: each costs some milliseconds.
const BARREN_RULES: u32 = 4;

/// The steps that are left: for the rule at hand, and for the whole file.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    per_rule: u32,
    rule: u32,
    file: u32,
    barren: u32,
    overdrawn: bool,
}

impl Budget {
    /// A budget of `per_rule` steps for each rule and `file` steps for all.
    pub(crate) fn new(per_rule: u32, file: u32) -> Self {
        Self {
            per_rule,
            rule: per_rule,
            file,
            barren: BARREN_RULES,
            overdrawn: false,
        }
    }

    pub(crate) fn begin_rule(&mut self) {
        self.rule = self.per_rule;
    }

    /// Pays one step; `false` if there is nothing left to pay with.
    pub(crate) fn pay_step(&mut self) -> bool {
        match self.file.checked_sub(1) {
            Some(left) => self.file = left,
            None => self.overdrawn = true,
        }
        match self.rule.checked_sub(1) {
            Some(left) if !self.overdrawn => {
                self.rule = left;
                true
            }
            _ => false,
        }
    }

    pub(crate) fn pay_barren_rule(&mut self) {
        match self.barren.checked_sub(1) {
            Some(left) => self.barren = left,
            None => self.overdrawn = true,
        }
    }

    /// Whether the file asked for more than it may.
    pub(crate) fn is_overdrawn(&self) -> bool {
        self.overdrawn
    }
}
