"""A year of a five-tier rota resolved: every shift of every tier, first time and again, and beside a peer.

The tiers: days and nights of twelve hours by the week, weeks, two of 24 hours, weekday nights with whole weekends;
hand-over windows of 15 minutes. "First time" is in a zone that this process has not asked about, so nothing is
remembered; "with 100 changes" has covers and leave all over the year. The peer is recurring-ical-events, which expands
the same shifts from iCalendar rules; it knows neither holes, nor precedence, nor who is on when two clash. Pairs are
taken in turn in one process, by processor time, because the machine is shared. Goal: 50 ms.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from bench.stage import arguments, show
from oncall.core.rota.on_call import Change, Layer, Person, Rota, Rotation, cover, leave, shifts_between, with_changes
from oncall.core.rota.turns import Era, Hours, Pattern, Turn, Unit
from oncall.core.wall_time import first_pass

GOAL_MS = 50
EVERY_DAY = tuple(range(7))
STAFF = ("ana", "ben", "cho", "dia", "eli")
YEAR = datetime(2026, 2, 2, 12, tzinfo=UTC), datetime(2027, 2, 2, 12, tzinfo=UTC)
# with daylight saving, and each with an instant of its own
ZONES = (  # noqa: SIM905  a list of words
    "America/New_York Europe/London Europe/Berlin America/Chicago America/Denver America/Los_Angeles Europe/Athens "
    "America/St_Johns Australia/Sydney Pacific/Auckland Australia/Lord_Howe America/Halifax Europe/Paris Asia/Beirut"
).split()


def hours(opens: int, closes: int, days: tuple[int, ...] = EVERY_DAY) -> Hours:
    return Hours(days, timedelta(hours=opens), timedelta(hours=closes))


def pattern(zone: str, people: int, days: int, at: int, *windows: Hours) -> Pattern:
    anchor = datetime(2026, 1, 5, at)  # noqa: DTZ001  wall time; a Monday
    slots = tuple((person,) for person in STAFF[:people])
    return Pattern(zone, (Era(0, slots),), Turn(days, Unit.DAYS, anchor, zone), windows, first_pass(anchor, zone))


def five_tiers(zone: str) -> Rota:
    quarter = timedelta(minutes=15)
    weekends = (hours(17, 31, (0, 1, 2, 3)), hours(17, 31, (4,)), hours(7, 31, (5, 6)))
    layers = (
        Layer("primary", (pattern(zone, 3, 7, 7, hours(7, 19)), pattern(zone, 3, 7, 19, hours(19, 31))), quarter),
        Layer("attending", (pattern(zone, 2, 7, 8),), quarter),
        Layer("neurosurgery", (pattern(zone, 3, 1, 8),), quarter),
        Layer("neurocritical", (pattern(zone, 4, 1, 8),), quarter),
        Layer("pain", (pattern(zone, 5, 7, 17, *weekends),), quarter),
    )
    people = {person: Person(person, person, person, "clinician") for person in STAFF}
    return Rota({"team": Rotation("team", zone, layers)}, people, zone)


def changes() -> list[Change]:
    made: list[Change] = []
    for n in range(100):
        start = YEAR[0] + timedelta(days=3.6 * n)
        person = STAFF[n % 5]
        if n % 4:
            made.append(cover(f"C{n}", "team/primary", person, start, start + timedelta(hours=12)))
        else:
            made.append(leave(f"L{n}", person, start, start + timedelta(days=5)))
    return made


def resolved(rota: Rota) -> int:
    team = rota.rotations["team"]
    return sum(len(shifts_between(team, layer.name, *YEAR)) for layer in team.layers)


# --- the peer -------------------------------------------------------------------------------------------

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def as_calendar(rota: Rota) -> str:
    """The same shifts as rules: one event for each person, window and weekday group."""
    team = rota.rotations["team"]
    events = [event for layer in team.layers for line in layer.patterns for event in _events(line)]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:bench", *events, "END:VCALENDAR", ""])


def _events(line: Pattern) -> list[str]:
    assert line.turn is not None
    slots, turn, found = line.eras[0].slots, line.turn, []
    windows = line.hours or (None,)
    for place in range(len(slots)):
        for window in windows:
            first = turn.anchor + timedelta(days=place * turn.length)
            length = timedelta(days=turn.length) if window is None else window.closes - window.opens
            rule = f"FREQ=DAILY;INTERVAL={turn.length * len(slots)}"
            if window is not None:
                first = first.replace(hour=0) + timedelta(days=window.days[0]) + window.opens
                days = ",".join(_DAYS[day] for day in window.days)
                rule = f"FREQ=WEEKLY;INTERVAL={turn.length // 7 * len(slots)};WKST=MO;BYDAY={days}"
            found += ["BEGIN:VEVENT", f"UID:{slots[place][0]}-{len(found)}-{turn.length}-{turn.anchor:%H}-{rule}"]
            found += [f"SUMMARY:{slots[place][0]}", f"DTSTART;TZID={line.zone}:{first:%Y%m%dT%H%M%S}"]
            found += [f"DTEND;TZID={line.zone}:{first + length:%Y%m%dT%H%M%S}", f"RRULE:{rule}", "END:VEVENT"]
    return found


def peer(zone: str) -> Callable[[], int] | None:
    """The peer's expansion of the year, its parsing not counted; None where it is not installed."""
    try:
        import icalendar
        import recurring_ical_events
    except ImportError:
        return None
    query: Any = recurring_ical_events.of(icalendar.Calendar.from_ical(as_calendar(five_tiers(zone))))
    return lambda: len(query.between(*YEAR))


# --- measuring ------------------------------------------------------------------------------------------


def took(run: Callable[[], int]) -> tuple[float, int]:
    began = time.process_time()
    count = run()
    return (time.process_time() - began) * 1000, count


def measured(rounds: int) -> list[dict[str, object]]:
    kinds: dict[str, list[float]] = {"first time": [], "again": [], "with 100 changes": [], "peer": []}
    counts: dict[str, int] = {}
    for zone in ZONES[:rounds]:
        rota = five_tiers(zone)
        changed = with_changes(rota, changes())
        runs: dict[str, Callable[[], int] | None] = {
            "first time": lambda rota=rota: resolved(rota),
            "again": lambda rota=rota: resolved(rota),
            "with 100 changes": lambda changed=changed: resolved(changed),
            "peer": peer(zone),
        }
        for kind, run in runs.items():
            if run is not None:
                milliseconds, counts[kind] = took(run)
                kinds[kind].append(milliseconds)
    rows: list[dict[str, object]] = []
    for kind, times in kinds.items():
        if times:
            ratio = median(a / b for a, b in zip(times, kinds["first time"], strict=True))
            row = {"what": kind, "shifts": counts[kind], "p50_ms": round(median(times), 1)}
            rows.append(row | {"worst_ms": round(max(times), 1), "to_first": round(ratio, 2), "goal_ms": GOAL_MS})
    return rows


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=len(ZONES))
    told = parser.parse_args()
    show("rota", measured(told.rounds), told.json)


if __name__ == "__main__":
    main()
