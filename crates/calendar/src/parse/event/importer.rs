//! The walk over a file's events.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use time::{Date, Duration, PrimitiveDateTime};

use super::{ImportedEvent, Tally};
use crate::export::fingerprint;
use crate::parse::clock::Clocks;
use crate::parse::component::{Calendars, Moment, RawEvent, Status};
use crate::parse::context::ParseContext;
use crate::parse::label;
use crate::parse::place::{Placed, Placer};
use crate::parse::series;
use crate::parse::value::Written;
use crate::parse::verdict::Broken;
use crate::parse::warning::{Problem, Warnings};
use crate::recurrence::{Budget, Window};
use crate::{Channel, ChannelKind, Nights};

/// Years around the horizon for which a file's own time zones are worked out.
const ZONE_YEARS: i64 = 11;

/// Turns components into closed nights.
pub(in crate::parse) struct Importer<'a> {
    context: &'a ParseContext<'a>,
    channel: Channel,
    placer: Placer<'a>,
    warnings: &'a mut Warnings,
    events: Vec<ImportedEvent>,
    tally: Tally,
}

/// Which instance of a series is meant, as it is written.
type InstanceKey<'a> = (&'a str, Written, Option<&'a Rc<str>>);

/// The events that stand for single instances of series.
#[derive(Default)]
struct Replacements<'a> {
    /// By the UID of the series.
    by_uid: HashMap<&'a str, Vec<&'a Moment>>,
    /// Those that a later version has overtaken, by their number.
    overtaken: HashSet<u32>,
}

impl<'a> Importer<'a> {
    pub(in crate::parse) fn new(
        context: &'a ParseContext<'a>,
        channel: Channel,
        calendars: &'a Calendars,
        warnings: &'a mut Warnings,
    ) -> Self {
        let limits = &context.limits;
        let years = Duration::days(ZONE_YEARS * 366);
        let window = Window {
            from: context
                .today
                .midnight()
                .checked_sub(years)
                .unwrap_or(PrimitiveDateTime::MIN),
            to: context
                .horizon()
                .midnight()
                .checked_add(years)
                .unwrap_or(PrimitiveDateTime::MAX),
            until: None,
        };
        let placer = Placer {
            clocks: Clocks::new(context.zone, window, &calendars.timezones),
            budget: Budget::new(limits.rule_steps, limits.recurrence_steps),
            house: context.zone,
            kind: channel.kind(),
            longest: Duration::days(i64::from(limits.longest_days)),
        };
        Self {
            context,
            channel,
            placer,
            warnings,
            events: Vec::new(),
            tally: Tally::default(),
        }
    }

    pub(in crate::parse) fn run(
        mut self,
        calendars: &Calendars,
    ) -> Result<(Vec<ImportedEvent>, Tally), Broken> {
        let replacements = Replacements::find(&calendars.events);
        for event in &calendars.events {
            self.tally.listed += 1;
            self.import(event, &replacements);
            if self.placer.budget.is_overdrawn() {
                return Err(Broken::TooManyRecurrences);
            }
        }
        if self.channel == Channel::Airbnb {
            label::label_windows(&mut self.events, self.context);
        }
        self.events
            .sort_by(|a, b| (a.nights, &a.uid, a.instance).cmp(&(b.nights, &b.uid, b.instance)));
        Ok((self.events, self.tally))
    }

    fn import(&mut self, event: &RawEvent, replacements: &Replacements<'_>) {
        if event.status == Status::Cancelled {
            self.tally.cancelled += 1;
            return;
        }
        if event.uid.as_deref().is_some_and(|uid| self.is_own(uid)) {
            self.tally.own += 1;
            return;
        }
        if event.is_transparent && self.channel.kind() == ChannelKind::Personal {
            self.tally.free += 1;
            return;
        }
        if replacements.overtaken.contains(&event.number) {
            self.tally.nightless += 1;
            return;
        }
        let placed = match &event.start {
            Some(start) => self.placer.place(start, &event.end),
            None => Err(Problem::NoStart),
        };
        match placed {
            Ok(placed) => self.import_placed(event, &placed, replacements),
            Err(problem) => {
                self.tally.rejected += 1;
                self.warnings.of(event.number, problem);
            }
        }
    }

    fn import_placed(&mut self, event: &RawEvent, placed: &Placed, replacements: &Replacements<'_>) {
        if let Some(problem) = placed.problem {
            self.warnings.of(event.number, problem);
        }
        if let Some(replaced) = &event.replaces {
            let (point, _) = self.placer.point(replaced);
            self.add(event, Some(point.wall().date()), placed);
            return;
        }
        let replaced = event.uid.as_deref().and_then(|uid| replacements.by_uid.get(uid));
        if event.rules.is_empty() && event.more.is_empty() && replaced.is_none() {
            self.add(event, None, placed);
            return;
        }
        let replaced = replaced.map(Vec::as_slice).unwrap_or_default();
        if !replaced.iter().all(|_| self.placer.budget.pay_step()) {
            return;
        }
        let window = (self.context.today, self.context.horizon());
        let instances = series::expand(event, placed, replaced, window, &mut self.placer, self.warnings);
        let (before, tally) = (self.events.len(), self.tally);
        for instance in instances {
            self.add(event, Some(instance.day), &instance.placed);
        }
        // A series is counted once, whatever became of its instances.
        self.tally = tally;
        if before == self.events.len() {
            self.tally.nightless += 1;
        }
    }

    fn add(&mut self, event: &RawEvent, instance: Option<Date>, placed: &Placed) {
        let Some(nights) = placed.nights(self.context.zone) else {
            self.tally.nightless += 1;
            return;
        };
        if nights.end() <= self.context.today {
            self.tally.past += 1;
            return;
        }
        let Some(visible) = nights.before(self.context.horizon()) else {
            self.tally.beyond += 1;
            return;
        };
        let label = label::label(self.channel, event);
        self.events.push(ImportedEvent {
            uid: self.uid(event, nights),
            instance,
            nights: visible,
            is_clipped: visible != nights,
            kind: label.kind,
            is_tentative: label.is_tentative,
            has_reservation_marker: label.has_reservation_marker,
        });
    }

    fn uid(&self, event: &RawEvent, nights: Nights) -> Arc<str> {
        if let Some(uid) = &event.uid {
            // Instances of one series follow each other.
            return match self.events.last() {
                Some(last) if *last.uid == **uid => Arc::clone(&last.uid),
                _ => Arc::from(uid.as_str()),
            };
        }
        let key = format!("{nights} {}", event.summary);
        Arc::from(format!("nouid-{}", fingerprint(key.as_bytes())))
    }

    fn is_own(&self, uid: &str) -> bool {
        let Some(own) = self.context.own_uid_domain else {
            return false;
        };
        uid.rsplit_once('@')
            .is_some_and(|(_, domain)| domain.eq_ignore_ascii_case(own))
    }
}

impl<'a> Replacements<'a> {
    fn find(events: &'a [RawEvent]) -> Self {
        let mut found = Self::default();
        let mut latest: HashMap<InstanceKey<'a>, &'a RawEvent> = HashMap::new();
        for event in events {
            let (Some(uid), Some(moment)) = (event.uid.as_deref(), &event.replaces) else {
                continue;
            };
            let key = (uid, moment.written, moment.zone.as_ref());
            match latest.insert(key, event) {
                None => found.by_uid.entry(uid).or_default().push(moment),
                Some(before) if before.sequence <= event.sequence => {
                    found.overtaken.insert(before.number);
                }
                Some(before) => {
                    latest.insert(key, before);
                    found.overtaken.insert(event.number);
                }
            }
        }
        found
    }
}
