"""Prints the nights that PyPI recurring-ical-events finds inside a window.

Input: JSON {"zone": name, "from": date, "to": date, "bodies": [text]}.
Output: JSON, for each body the sorted list of [start, end) as ISO dates, or null where it refuses the body.
"""
import datetime
import json
import sys
import zoneinfo

import icalendar
import recurring_ical_events


def day(moment, zone):
    if not isinstance(moment, datetime.datetime):
        return moment
    if moment.tzinfo is None:
        return moment.date()
    return moment.astimezone(zone).date()


def nights(body, zone, first, last):
    calendar = icalendar.Calendar.from_ical(body)
    ranges = []
    # A day more on both sides: its window is in UTC for some events and on their own clock for others.
    room = datetime.timedelta(days=2)
    for event in recurring_ical_events.of(calendar).between(first - room, last + room):
        start, end = day(event.start, zone), day(event.end, zone)
        if start < end and first < end and start < last:
            ranges.append([start.isoformat(), min(end, last).isoformat()])
    return sorted(ranges)


question = json.load(sys.stdin)
house = zoneinfo.ZoneInfo(question["zone"])
window = [datetime.date.fromisoformat(question[key]) for key in ("from", "to")]
answers = []
for body in question["bodies"]:
    try:
        answers.append(nights(body, house, *window))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no answer
        print(f"refused: {error!r}", file=sys.stderr)
        answers.append(None)
json.dump(answers, sys.stdout)
