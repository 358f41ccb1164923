"""Which repetitions of a calendar may be worked out: those of a duty rota.

A rule may ask for every second of a century, or for the 30th of February for ever. What could swell is refused in
words before it is expanded; what is left is still worked out aside, under limits (`aside`). Deliberately not here: the
expanding itself, which is recurring-ical-events'.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from icalendar import Event

OFTENEST = {"HOURLY": 24, "DAILY": 1, "WEEKLY": 1, "MONTHLY": 1, "YEARLY": 1}  # beginnings in a day
MOST_A_DAY = 24


def why_refused(event: Event) -> tuple[str, str] | None:
    """What stands there and what would be understood; None for a repetition that may be worked out."""
    if "EXRULE" in event:
        return "EXRULE", "EXDATE for each day that is left out"
    for number, rule in enumerate(_rules(event)):
        if number:
            return "two RRULEs", "one RRULE in an event"
        if wanted := _why(rule, event):
            return f"RRULE:{rule.to_ical().decode()[:80]}", wanted
    changed = event.get("RECURRENCE-ID")
    if changed is not None and "RANGE" in getattr(changed, "params", {}):
        return "RECURRENCE-ID with RANGE=THISANDFUTURE", "the old series ended with UNTIL and a new series begun"
    return None


def _rules(event: Event) -> list[Any]:
    rules = event.get("RRULE", [])
    return rules if isinstance(rules, list) else [rules]


def _why(rule: Any, event: Event) -> str:
    frequency = str(next(iter(rule.get("FREQ", [])), "")).upper()
    if frequency not in OFTENEST:
        return "FREQ of HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY"
    often = OFTENEST[frequency] / (_interval(rule) if frequency == "HOURLY" else 1)
    for part in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        often *= max(1, len(rule.get(part, [])))
    if often > MOST_A_DAY:
        return f"at most {MOST_A_DAY} shifts in a day"
    if not 1 <= _interval(rule) <= 1000:
        return "an INTERVAL from 1 to 1000"
    begins = getattr(event.get("DTSTART"), "dt", None)
    if not isinstance(begins, date) or begins.year < 1990:
        return "a repetition that begins in 1990 or later"
    return ""


def _interval(rule: Any) -> int:
    found = next(iter(rule.get("INTERVAL", [1])), 1)
    return found if isinstance(found, int) else 0
