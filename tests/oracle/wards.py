"""Made-up rotas: patterns, holidays, rosters that change, covers and leave, as a coordinator would write them.

A ward is a description in wall time. The house gets it as YAML files through its own reader, the walk gets the
description itself, so a mistake of the reader is found as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import available_timezones

STAFF = ("ana", "ben", "cho", "dia", "eli", "fay")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY = timedelta(days=1)
LEAD = timedelta(days=60)  # a walk begins before the first pattern, so that it has seen every hand-over

# Zones that are asked in every run, with the first year of a span in which their clocks do something.
NOTORIOUS = {
    "America/New_York": 2025,
    "Asia/Kathmandu": 2026,  # 5 h 45 min
    "Pacific/Chatham": 2026,  # 12 h 45 min, with summer
    "Australia/Eucla": 2008,  # 8 h 45 min, with summer until 2009
    "Australia/Lord_Howe": 2026,  # summer is half an hour
    "Asia/Kolkata": 2026,
    "Australia/Adelaide": 2026,
    "America/St_Johns": 2009,  # at one minute past midnight
    "Asia/Tehran": 2020,  # at midnight; gave summer up
    "America/Sao_Paulo": 2017,  # midnight is skipped, or the hour before it comes twice
    "Pacific/Apia": 2010,  # a whole day is skipped
    "America/Havana": 2026,  # midnight itself comes twice
    "Africa/Casablanca": 2026,  # winter in Ramadan
    "Antarctica/Troll": 2026,  # two hours
    "America/Caracas": 2015,  # half an hour, once
    "Asia/Pyongyang": 2015,  # half an hour, there and back
    "Asia/Gaza": 2026,
    "Africa/Cairo": 2024,
    "Asia/Beirut": 2026,
    "America/Nuuk": 2022,
}


@dataclass(frozen=True)
class Line:
    """One pattern. `slots` are turns of one or two people; `windows` are ("Mon-Fri", minute, minute) or nothing."""

    slots: tuple[tuple[str, ...], ...]
    turn: tuple[int, str] | None = None  # (1, "weeks"), (12, "hours"), (1, "months")
    time: int = 0  # of the hand-over, in minutes
    weekday: int | None = None
    month_day: int | None = None
    windows: tuple[tuple[tuple[int, ...], int, int], ...] = ()
    since: date | None = None
    until: date | None = None
    worked: bool = False
    rosters: tuple[tuple[date, tuple[tuple[str, ...], ...]], ...] = ()


@dataclass(frozen=True)
class Feast:
    """A holiday on some days: closed, or with its own people, each day the next."""

    days: tuple[date, ...]
    people: tuple[str, ...] = ()


@dataclass(frozen=True)
class Turnabout:
    """A one-off change, in UTC. `person` takes the slot, or takes over from `instead`; or is on leave."""

    kind: str
    person: str
    start: datetime
    end: datetime
    instead: str | None = None


@dataclass(frozen=True)
class Ward:
    """One layer over some years."""

    zone: str
    start: datetime
    end: datetime
    lines: tuple[Line, ...]
    feasts: tuple[Feast, ...] = ()
    changes: tuple[Turnabout, ...] = ()
    note: str = field(default="", compare=False)


def zones(count: int, chance: Random) -> list[tuple[str, int]]:
    """The notorious zones first, then any others; each with the first year of its span."""
    places = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    others = [zone for zone in chance.sample(places, len(places)) if zone not in NOTORIOUS]
    return [*NOTORIOUS.items(), *((zone, chance.randint(2008, 2034)) for zone in others)][:count]


def made_up(zone: str, year: int, years: int, chance: Random) -> Ward:
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + years, 1, 1, tzinfo=UTC)
    lines = _reached([_line(start, end, chance) for _ in range(chance.randint(1, 3))])
    feasts = tuple(_feast(start, end, chance) for _ in range(chance.randint(0, 3)))
    changes = tuple(_change(start, end, chance) for _ in range(chance.randint(5, 40)))
    return Ward(zone, start, end, lines, feasts, changes)


def _reached(lines: list[Line]) -> tuple[Line, ...]:
    """Without those that stand below a pattern that is always on: the reader refuses them."""
    always = [n for n, line in enumerate(lines) if not line.windows and line.until is None]
    return tuple(lines[: always[0] + 1] if always else lines)


def _line(start: datetime, end: datetime, chance: Random) -> Line:
    turn = chance.choice(
        [(1, "days"), (3, "days"), (1, "weeks"), (2, "weeks"), (12, "hours"), (36, "hours"), (1, "months")]
    )
    at = chance.choice([0, 30, 60, 90, 120, 150, 180, 7 * 60, 8 * 60, 19 * 60, 23 * 60, 23 * 60 + 30])
    windows = _windows(at, chance)
    first = (start - timedelta(days=chance.choice([25, 3, -40, -200]))).date()
    last = first + timedelta(days=chance.randint(100, 900)) if chance.random() < 0.3 else None
    worked = bool(windows) and chance.random() < 0.4
    changing = not worked and chance.random() < 0.5
    days = sorted(chance.sample(range(5, (end - start).days), 2)) if changing else []
    return Line(
        slots=_slots(chance),
        turn=turn,
        time=at,
        weekday=chance.randrange(7) if turn[1] == "weeks" else None,
        month_day=chance.choice([1, 15, 29, 30, 31]) if turn[1] == "months" else None,
        windows=windows,
        since=first,
        until=last,
        worked=worked,
        rosters=tuple((first + timedelta(days=day), _slots(chance)) for day in days),
    )


def _slots(chance: Random) -> tuple[tuple[str, ...], ...]:
    people = chance.sample(STAFF, chance.randint(1, 4))
    return tuple(
        (person, *chance.sample([p for p in STAFF if p != person], chance.random() < 0.15)) for person in people
    )


def _windows(at: int, chance: Random) -> tuple[tuple[tuple[int, ...], int, int], ...]:
    """None, the same hours on every day, weekday nights and whole weekends, or some whole days."""
    other = chance.choice([30, 60, 90, 120, 150, 180, 420, 1140, 1410])
    closes = other if other > at else other + 1440
    week, weekend = tuple(range(5)), (5, 6)
    some = tuple(sorted(chance.sample(range(7), chance.randint(1, 6))))
    return chance.choice(
        [
            (),
            ((tuple(range(7)), at, closes),),
            ((some, at, closes),),
            ((week, 1020, 1440 + 420), (weekend, 420, 1440 + 420)),
            ((some, 0, 1440),),
        ]
    )


def _feast(start: datetime, end: datetime, chance: Random) -> Feast:
    days = {(start + timedelta(days=chance.randrange((end - start).days))).date() for _ in range(chance.randint(1, 6))}
    people = tuple(chance.sample(STAFF, chance.randint(1, 3))) if chance.random() < 0.7 else ()
    return Feast(tuple(sorted(days)), people)


def _change(start: datetime, end: datetime, chance: Random) -> Turnabout:
    minutes = int((end - start) / timedelta(minutes=15))
    begins = start + timedelta(minutes=15 * chance.randrange(minutes))
    length = timedelta(minutes=15 * chance.choice([1, 4, 48, 96, 96 * 7, chance.randint(1, 2000)]))
    kind = chance.choice(["cover", "cover", "instead", "leave"])
    person, other = chance.sample(STAFF, 2)
    return Turnabout(kind, person, begins, begins + length, other if kind == "instead" else None)


# --- as files ---


def write(ward: Ward, folder: Path) -> None:
    """people.yaml, team.yaml and holidays.yaml; covers and leave are published on top by whoever reads them."""
    people = "\n".join(f"  - {{id: {p}, name: {p.title()}, spoken: {p}, role: clinician}}" for p in STAFF)
    (folder / "people.yaml").write_text(f"hospital: Made up\nzone: {ward.zone}\npeople:\n{people}\n")
    lines = "\n".join(f"      - {_as_yaml(line)}" for line in ward.lines)
    (folder / "team.yaml").write_text(f"layers:\n  primary:\n    patterns:\n{lines}\n")
    feasts = "\n".join(_feast_yaml(n, feast) for n, feast in enumerate(ward.feasts))
    if feasts:
        (folder / "holidays.yaml").write_text(f"holidays:\n{feasts}\n")


def _as_yaml(line: Line) -> str:
    parts = [f"people: {_people(line.slots)}"]
    if line.turn:
        parts.append(f"turn: {line.turn[0]} {line.turn[1]}" if line.turn[0] > 1 else f"turn: 1 {line.turn[1][:-1]}")
        day = WEEKDAYS[line.weekday] + " " if line.weekday is not None else ""
        day = f"{line.month_day}th " if line.month_day else day
        parts.append(f"hands_over: {day}{_clock(line.time)}")
    if line.windows:
        parts.append(f"hours: [{', '.join(_window(window) for window in line.windows)}]")
    parts += [f"since: {line.since}"] if line.since else []
    parts += [f"until: {line.until}"] if line.until else []
    parts += ["count: worked"] if line.worked else []
    rosters = ", ".join(f"{{from: {day}, people: {_people(slots)}}}" for day, slots in line.rosters)
    parts += [f"roster: [{rosters}]"] if rosters else []
    return "{" + ", ".join(parts) + "}"


def _people(slots: tuple[tuple[str, ...], ...]) -> str:
    return "[" + ", ".join(s[0] if len(s) == 1 else f"{{together: [{', '.join(s)}]}}" for s in slots) + "]"


def _window(window: tuple[tuple[int, ...], int, int]) -> str:
    days, opens, closes = window
    names = ", ".join(WEEKDAYS[day] for day in days)
    return f'"{names} {_clock(opens)}-{_clock(closes if closes <= 1440 else closes - 1440)}"'


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _feast_yaml(n: int, feast: Feast) -> str:
    stands_in = f"{{people: [{', '.join(feast.people)}]}}" if feast.people else "closed"
    days = ", ".join(str(day) for day in feast.days)
    return f"  - {{name: Day {n}, on: [{days}], tiers: {{team/primary: {stands_in}}}}}"
