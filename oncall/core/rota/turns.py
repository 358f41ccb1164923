"""Whose turn it is by the repeating pattern: people in order, turns of a given length, the hours they work.

A pattern answers one question, `stretch_at(pattern, at)`: who has it at this instant, and from when until
when does that hold? Turns are counted from an anchor by the calendar, in wall time (days, weeks, months)
or in elapsed time (hours), so the answer depends on the instant alone: no stored position that an outage
could spoil.
Deliberately not here: several patterns in one layer, covers, leave and hand-over windows (`rota`).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from oncall.core.wall_time import DAWN, FOREVER, first_pass, passes, wall, wall_day

Slot = tuple[str, ...]  # the people who have one turn; more than one only where `together` says so


class Unit(Enum):
    """What a turn is measured in. Hours are elapsed time; days and months keep the hand-over's wall time."""

    HOURS = "hours"
    DAYS = "days"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Turn:
    """Turns of `length` units. `anchor` is a hand-over in wall time; `month_day` survives short months."""

    length: int
    unit: Unit
    anchor: datetime
    zone: str
    month_day: int = 1


@dataclass(frozen=True, slots=True)
class Hours:
    """Working hours on some weekdays (Monday is 0). An overnight window belongs to the day it opens on."""

    days: tuple[int, ...]
    opens: timedelta
    closes: timedelta  # from the midnight of the opening day, so 07:00 the next morning is 31 hours


@dataclass(frozen=True, slots=True)
class Era:
    """A roster in force from turn `first_turn` on, where slot number `lead` has that turn."""

    first_turn: int
    slots: tuple[Slot, ...]
    lead: int = 0


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of a layer. `turn` None: the same people all the time. No `hours`: round the clock.

    `rests` are the holidays on which another pattern stands in; only `count_worked` looks at them.
    `is_closed`: nobody works, and no later pattern is asked.
    """

    zone: str
    eras: tuple[Era, ...]
    turn: Turn | None = None
    hours: tuple[Hours, ...] = ()
    starts_at: datetime = DAWN
    ends_at: datetime = FOREVER
    why: str = "the pattern"
    count_worked: bool = False
    is_closed: bool = False
    rests: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """An answer and how long it holds. `people` None: the pattern is silent here; empty: it says nobody.

    `stays_until` is later than `ends_at` only where the window ends at a doubled wall time: the people stay
    on through the second pass. `mark` tells one shift from the next.
    """

    starts_at: datetime
    ends_at: datetime
    people: Slot | None
    stays_until: datetime
    why: str = ""
    mark: tuple[object, ...] = ()


def silent(starts_at: datetime, ends_at: datetime) -> Stretch:
    return Stretch(starts_at, ends_at, None, ends_at)


def stretch_at(pattern: Pattern, at: datetime) -> Stretch:
    """Who has it by this pattern at `at`, with the stretch of time over which that stays so."""
    if at < pattern.starts_at:
        return silent(DAWN, pattern.starts_at)
    if at >= pattern.ends_at:
        return silent(pattern.ends_at, FOREVER)
    window = _window_at(pattern, at)
    number, turn_start, turn_end = _turn_at(pattern.turn, at)
    starts_at = max(pattern.starts_at, window.starts_at, turn_start)
    ends_at = min(pattern.ends_at, window.ends_at, turn_end)
    if not window.is_open:
        return silent(starts_at, ends_at)
    stays_until = window.stays_until if ends_at == window.ends_at else ends_at
    people = () if pattern.is_closed else slot_of(pattern, number)
    return Stretch(starts_at, ends_at, people, stays_until, pattern.why, (number, window.starts_at))


# --- turns ----------------------------------------------------------------------------------------------


def turn_starts_at(turn: Turn, number: int) -> datetime:
    """The hand-over that begins turn `number`: at the first pass of its wall time, or by elapsed hours."""
    if turn.unit is Unit.HOURS:
        return first_pass(turn.anchor, turn.zone) + number * timedelta(hours=turn.length)
    if turn.unit is Unit.DAYS:
        return first_pass(turn.anchor + number * timedelta(days=turn.length), turn.zone)
    months = turn.anchor.year * 12 + turn.anchor.month - 1 + number * turn.length
    return first_pass(in_month(turn.anchor, months, turn.month_day), turn.zone)


def in_month(anchor: datetime, months: int, day: int) -> datetime:
    """`anchor`'s time of day in month number `months`, on `day` or on the last day of a shorter month."""
    year, month = divmod(months, 12)
    return anchor.replace(year=year, month=month + 1, day=min(day, monthrange(year, month + 1)[1]))


def turn_number_at(turn: Turn, at: datetime) -> int:
    """The number of the turn that is running at `at`; turn 0 begins at the anchor."""
    return _running(turn, at)[0]


def _running(turn: Turn, at: datetime) -> tuple[int, datetime, datetime]:
    """The number of the turn that is running, its beginning and its end."""
    number = _guess(turn, at)
    starts_at, ends_at = turn_starts_at(turn, number), turn_starts_at(turn, number + 1)
    while ends_at <= at:
        number, starts_at, ends_at = number + 1, ends_at, turn_starts_at(turn, number + 2)
    while starts_at > at:
        number, starts_at, ends_at = number - 1, turn_starts_at(turn, number - 1), starts_at
    return number, starts_at, ends_at


def _guess(turn: Turn, at: datetime) -> int:
    if turn.unit is Unit.HOURS:
        return (at - first_pass(turn.anchor, turn.zone)) // timedelta(hours=turn.length)
    local = wall(at, turn.zone)
    if turn.unit is Unit.DAYS:
        return (local - turn.anchor).days // turn.length
    return ((local.year - turn.anchor.year) * 12 + local.month - turn.anchor.month) // turn.length


def _turn_at(turn: Turn | None, at: datetime) -> tuple[int, datetime, datetime]:
    return (0, DAWN, FOREVER) if turn is None else _running(turn, at)


# --- who has a turn -------------------------------------------------------------------------------------


def slot_of(pattern: Pattern, number: int) -> Slot:
    """The people who have turn `number`."""
    era = next(era for era in reversed(pattern.eras) if era.first_turn <= number)
    return era.slots[_place_in(era, pattern, number)]


def with_roster(pattern: Pattern, slots: Sequence[Slot], effective_at: datetime, lead: int | None = None) -> Pattern:
    """The pattern with another roster from the first hand-over at or after `effective_at`.

    Whoever is on at that moment stays until then. The order goes on behind the person who leaves: it starts
    with the next one in the new list, unless `lead` says otherwise.
    """
    assert pattern.turn is not None
    first_turn = turn_number_at(pattern.turn, effective_at)
    if turn_starts_at(pattern.turn, first_turn) < effective_at:
        first_turn += 1
    eras = tuple(era for era in pattern.eras if era.first_turn < first_turn)
    if lead is None:
        lead = _next_in(tuple(slots), eras[-1].slots, _place_in(eras[-1], pattern, first_turn, back=1))
    return replace(pattern, eras=(*eras, Era(first_turn, tuple(slots), lead)))


def _place_in(era: Era, pattern: Pattern, number: int, back: int = 0) -> int:
    counted = _count(pattern, number) - _count(pattern, era.first_turn)
    return (counted - back + era.lead) % len(era.slots)


def _next_in(new: tuple[Slot, ...], old: tuple[Slot, ...], leaving: int) -> int:
    """Who follows: the leaver's neighbour in the new list, else the next of the old order still in it."""
    if old[leaving] in new:
        return (new.index(old[leaving]) + 1) % len(new)
    followers = (old[(leaving + step) % len(old)] for step in range(1, len(old)))
    return next((new.index(slot) for slot in followers if slot in new), 0)


def _count(pattern: Pattern, number: int) -> int:
    """How many turns were used up before turn `number`: all of them, or only the worked ones."""
    if not pattern.count_worked:
        return number
    block, place = divmod(number, _BLOCK)
    return _worked_counts(pattern, block)[place]


_BLOCK = 256


@lru_cache(maxsize=1_024)
def _worked_counts(pattern: Pattern, block: int) -> tuple[int, ...]:
    """For each turn of a block, how many worked turns lie before it; counted once, then remembered."""
    before = _worked_counts(pattern, block - 1)[-1] if block > 0 else 0
    worked = (_is_worked(pattern, turn) for turn in range(block * _BLOCK, (block + 1) * _BLOCK))
    return tuple(accumulate(worked, initial=before))


def _is_worked(pattern: Pattern, number: int) -> bool:
    """Whether working hours open in this turn, outside the holidays that another pattern has."""
    assert pattern.turn is not None
    starts_at, ends_at = turn_starts_at(pattern.turn, number), turn_starts_at(pattern.turn, number + 1)
    if not pattern.hours:
        return not _rests(pattern, starts_at)
    days = range(wall_day(starts_at, pattern.zone) - 1, wall_day(ends_at, pattern.zone) + 2)
    openings = (o for day in days for o in _windows_on(pattern.hours, pattern.zone, day))
    return any(starts_at <= o.starts_at < ends_at and not _rests(pattern, o.starts_at) for o in openings)


def _rests(pattern: Pattern, at: datetime) -> bool:
    return any(starts_at <= at < ends_at for starts_at, ends_at in pattern.rests)


# --- working hours --------------------------------------------------------------------------------------


class _Window(NamedTuple):
    """Working hours, or the time between them. Ends at the first pass; people stay on through the last."""

    starts_at: datetime
    ends_at: datetime
    stays_until: datetime
    is_open: bool = True


_ROUND_THE_CLOCK = _Window(DAWN, FOREVER, FOREVER)


def _window_at(pattern: Pattern, at: datetime) -> _Window:
    if not pattern.hours:
        return _ROUND_THE_CLOCK
    day = wall_day(at, pattern.zone)
    opened = closes = None
    for window in _windows_near(pattern.hours, pattern.zone, day):
        if window.starts_at > at:
            closes = window.starts_at if closes is None else min(closes, window.starts_at)
        elif window.ends_at > at:
            return window
        else:
            opened = window.ends_at if opened is None else max(opened, window.ends_at)
    # no window is longer than a day, so within these three days none is overlooked
    opened, closes = opened or _midnight(day - 1, pattern.zone), closes or _midnight(day + 2, pattern.zone)
    return _Window(opened, closes, closes, is_open=False)


@lru_cache(maxsize=16_384)
def _windows_near(hours: tuple[Hours, ...], zone: str, day: int) -> tuple[_Window, ...]:
    return tuple(window for near in range(day - 2, day + 2) for window in _windows_on(hours, zone, near))


@lru_cache(maxsize=16_384)
def _windows_on(hours: tuple[Hours, ...], zone: str, day: int) -> tuple[_Window, ...]:
    """The windows that open on this day; one that lies wholly in a skipped hour does not exist."""
    midnight = datetime.combine(date.fromordinal(day), time())
    opening = (hour for hour in hours if midnight.weekday() in hour.days)
    windows = (
        _Window(first_pass(midnight + hour.opens, zone), *passes(midnight + hour.closes, zone)) for hour in opening
    )
    return tuple(window for window in windows if window.starts_at < window.ends_at)


def _midnight(day: int, zone: str) -> datetime:
    return first_pass(datetime.combine(date.fromordinal(day), time()), zone)
