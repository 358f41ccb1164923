"""The calendar of dangers: what of each pump comes near, is overdue, or was never written down.

Pure: the dated facts and a day in, dangers with their reasons out, worst first. Here, unlike in triage, what is missing
counts as overdue (RULINGS 9), and a date that a refill has overtaken says nothing. A booking in time is a named
person's word and keeps a date from rising; the day the date passes, nothing does. The battery goes by its date, the
age only flags. Limits stand in rules/dangers.yaml. Deliberately not here: what was done about it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum, IntEnum

from oncall.core.pump_facts import PumpFacts, age_in_years, not_overtaken, refilled_on, seen_since
from oncall.core.wall_time import wall


class Level(IntEnum):
    """How near it is; only a date moves it, and only upwards."""

    FLAG = 0
    LISTED = 1
    SOON = 2
    NEAR = 3
    OVERDUE = 4

    @property
    def word(self) -> str:
        return self.name.lower()


class Kind(Enum):
    """In the order in which they stand where they are equally near."""

    LOW_RESERVOIR = "low_reservoir"
    REFILL = "refill"
    SCAN = "scan"
    BATTERY = "battery"
    NUMBER = "number"
    PUMP_AGE = "pump_age"

    @property
    def words(self) -> str:
        return {"scan": "MRI check", "number": "family number"}.get(self.value, self.value.replace("_", " "))


_ORDER = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Ahead:
    """Days before a date at which it is listed, soon, near."""

    listed: int
    soon: int
    near: int

    def level(self, days: int) -> Level | None:
        """`days` are left; None while it need not stand on the list."""
        if days > self.listed:
            return None
        if days < 0:
            return Level.OVERDUE
        return Level.NEAR if days <= self.near else Level.SOON if days <= self.soon else Level.LISTED


@dataclass(frozen=True, slots=True)
class Limits:
    """rules/dangers.yaml; days, years and hours as their names say."""

    refill: Ahead
    low_reservoir: Ahead
    battery: Ahead
    refill_unrecorded_days: int
    battery_runs_on_days: int
    pump_age_years: int
    scan_overdue_days: int
    evening_at: time
    evening_until: time
    reply_counts_hours: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """The telephones of one family: how many are enrolled, how many a person has verified."""

    enrolled: int
    verified: int


@dataclass(frozen=True, slots=True)
class Danger:
    """One thing about one pump. `on`: its date, None where none was ever recorded or none belongs to it."""

    kind: Kind
    level: Level
    on: date | None
    reason: str
    booked_on: date | None = None

    @property
    def reference(self) -> str:
        """What a mark on it is known by: another date is another danger."""
        return f"{self.kind.value}:{self.on.isoformat() if self.on else ''}"

    @property
    def rank(self) -> tuple[int, int, date]:
        """Worst first; what has no date stands before what has one."""
        return (-self.level, _ORDER[self.kind], self.on or date.min)


def dangers_of(facts: PumpFacts, numbers: Numbers, at: datetime, zone: str, limits: Limits) -> tuple[Danger, ...]:
    """Everything that stands on the list for one patient at this instant, worst first."""
    today = wall(at, zone).date()
    filled = refilled_on(facts, today, zone)
    booked = not_overtaken(facts.refill_booked_on, filled)
    found: Iterable[Danger | None] = (
        _low(facts, filled, booked, today, limits),
        _refill(facts, filled, booked, today, limits),
        _scan(facts, at, zone, limits),
        _battery(facts, today, limits),
        _number(numbers),
        _age(facts, today, limits),
    )
    return tuple(sorted((danger for danger in found if danger), key=lambda danger: danger.rank))


def missed_refill(facts: PumpFacts, today: date, zone: str) -> date | None:
    """The low-reservoir date that has passed with no booking ahead; where none is recorded, the refill's own date
    stands for it. None: no such date has passed, or a visit is booked."""
    filled = refilled_on(facts, today, zone)
    booked = not_overtaken(facts.refill_booked_on, filled)
    if booked is not None and booked >= today:
        return None
    on = not_overtaken(facts.low_reservoir_on, filled) or not_overtaken(facts.refill_due_on, filled)
    return on if on is not None and on < today else None


def _low(facts: PumpFacts, filled: date | None, booked: date | None, today: date, limits: Limits) -> Danger | None:
    on = not_overtaken(facts.low_reservoir_on, filled)
    if on is None:
        reason = "no low-reservoir date is recorded: counts as overdue"
        return Danger(Kind.LOW_RESERVOIR, Level.OVERDUE, None, reason, _ahead(booked, today))
    return _dated(Kind.LOW_RESERVOIR, "low-reservoir alarm", on, booked, today, limits.low_reservoir)


def _refill(facts: PumpFacts, filled: date | None, booked: date | None, today: date, limits: Limits) -> Danger | None:
    if filled is None or (today - filled).days > limits.refill_unrecorded_days:
        since = f"since {_day(filled)}" if filled else "at all"
        reason = f"no refill is recorded {since}: counts as overdue"
        return Danger(Kind.REFILL, Level.OVERDUE, filled, reason, _ahead(booked, today))
    on = not_overtaken(facts.refill_due_on, filled)
    if on is None:
        return Danger(Kind.REFILL, Level.SOON, None, "no date is recorded for the next refill", _ahead(booked, today))
    return _dated(Kind.REFILL, "refill", on, booked, today, limits.refill)


def _dated(kind: Kind, what: str, on: date, booked: date | None, today: date, limits: Ahead) -> Danger | None:
    """A visit booked for on or before the date keeps it from rising; once the date has passed, nothing does."""
    level = limits.level((on - today).days)
    if level is None:
        return None
    ahead = _ahead(booked, today)
    if ahead is not None and ahead <= on:
        level = Level.LISTED
    return Danger(kind, level, on, f"{what} {_when(on, today)}{_booking(booked, on, today)}", ahead)


def _booking(booked: date | None, on: date, today: date) -> str:
    if booked is None:
        return "; not booked"
    if booked < today:
        return f"; the visit of {_day(booked)} has passed and no refill is recorded"
    late = (booked - on).days
    return f"; booked for {_day(booked)}" + (f", {_days(late)} after it" if late > 0 else "")


def _ahead(booked: date | None, today: date) -> date | None:
    return booked if booked is not None and booked >= today else None


def _scan(facts: PumpFacts, at: datetime, zone: str, limits: Limits) -> Danger | None:
    scanned = facts.last_mri_at
    if scanned is None or scanned > at or seen_since(facts, scanned, zone):
        return None
    level = Level.OVERDUE if at - scanned > timedelta(days=limits.scan_overdue_days) else Level.NEAR
    on = wall(scanned, zone).date()
    return Danger(Kind.SCAN, level, on, f"MRI on {_day(on)}; no interrogation of the pump is recorded since")


def _battery(facts: PumpFacts, today: date, limits: Limits) -> Danger | None:
    on = facts.eri_on
    level = limits.battery.level((on - today).days) if on else None
    if on is None or level is None:
        return None
    ends = on + timedelta(days=limits.battery_runs_on_days)
    return Danger(Kind.BATTERY, level, on, f"battery: replacement {_when(on, today)}; it may stop from {_day(ends)} on")


def _number(numbers: Numbers) -> Danger | None:
    if not numbers.enrolled:
        return Danger(Kind.NUMBER, Level.NEAR, None, "no telephone of the family is enrolled")
    missing = numbers.enrolled - numbers.verified
    if missing <= 0:
        return None
    level = Level.FLAG if numbers.verified else Level.SOON
    return Danger(Kind.NUMBER, level, None, f"{missing} of {numbers.enrolled} family numbers never verified")


def _age(facts: PumpFacts, today: date, limits: Limits) -> Danger | None:
    years = age_in_years(facts.implanted_on, today)
    if years is None or years < limits.pump_age_years:
        return None
    return Danger(Kind.PUMP_AGE, Level.FLAG, facts.implanted_on, f"the pump is {years} years old")


def _when(on: date, today: date) -> str:
    days = (on - today).days
    if days == 0:
        return "due today"
    return f"due in {_days(days)}, {_day(on)}" if days > 0 else f"{_days(-days)} overdue, since {_day(on)}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _day(on: date) -> str:
    return f"{on.day} {on:%b %Y}"


# --- the year ahead --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Week:
    """Refills that fall into one week, and on how many of its days the clinic works."""

    starts_on: date
    refills: int
    clinic_days: int

    @property
    def is_full(self) -> bool:
        """Refills and no day for them."""
        return self.refills > 0 and self.clinic_days == 0


def refill_on(facts: PumpFacts, today: date, zone: str) -> date | None:
    """The day on which the next refill falls as far as is known: the visit, else the date it is due; never the past."""
    filled = refilled_on(facts, today, zone)
    on = _ahead(not_overtaken(facts.refill_booked_on, filled), today) or not_overtaken(facts.refill_due_on, filled)
    return max(on, today) if on else None


def weeks_ahead(days: Iterable[date], clinic_days: Iterable[date], today: date, count: int = 52) -> Iterator[Week]:
    """One for each week from this one on, Monday first."""
    first = today - timedelta(days=today.weekday())
    refills, open_days = (Counter((day - first).days // 7 for day in listed) for listed in (days, clinic_days))
    for number in range(count):
        yield Week(first + timedelta(weeks=number), refills[number], open_days[number])
