"""Prints the nights that PyPI icalendar reads from files.

Input: JSON {"zone": name, "bodies": [text]}.
Output: JSON, for each body the sorted list of [start, end) as ISO dates.
"""
import datetime
import json
import sys
import zoneinfo

import icalendar


def day(moment, zone):
    if not isinstance(moment, datetime.datetime):
        return moment
    if moment.tzinfo is None:
        return moment.date()
    return moment.astimezone(zone).date()


def nights(body, zone):
    ranges = []
    # Several calendars in one file are an error unless they are asked for.
    for calendar in icalendar.Calendar.from_ical(body, multiple=True):
        for event in calendar.walk("VEVENT"):
            # The raw DTEND is absent when the file has none; `end` is computed.
            start, end = day(event.start, zone), day(event.end, zone)
            if start < end:
                ranges.append([start.isoformat(), end.isoformat()])
    return sorted(ranges)


question = json.load(sys.stdin)
house = zoneinfo.ZoneInfo(question["zone"])
json.dump([nights(body, house) for body in question["bodies"]], sys.stdout)
