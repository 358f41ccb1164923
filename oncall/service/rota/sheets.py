"""The same picture as lists: day by day, month by month over a year, and the sentences about what is missing.

What a telephone, a screen reader and a printed month show is made of the picture's own blocks, so that no two views
can disagree. Deliberately not here: HTML.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from oncall.core.rota.on_call import Rota
from oncall.core.wall_time import FOREVER
from oncall.service.cases.board import Hole, tier_title, tiers_in_order
from oncall.service.rota.days import Day
from oncall.service.rota.picture import Block, Picture, Row
from oncall.service.rota.reasons import Sort
from oncall.service.rota.span_words import between_words, length_words, moment_words

HOLES_WITHIN = timedelta(days=60)
RUNS_OUT_WITHIN = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class DaySheet:
    """One day: what begins on it (on the first day also what is running), and what runs through it."""

    day: Day
    begins: tuple[Block, ...]
    goes_on: tuple[Block, ...]
    by_tier: tuple[tuple[str, tuple[Block, ...]], ...]  # what begins, without what runs all the time shown


def day_sheets(picture: Picture, person: str = "") -> tuple[DaySheet, ...]:
    """Every day of the picture; with a person only what is theirs."""
    blocks = [block for row in picture.rows for block in row.blocks if not person or block.person == person]
    throughout = picture.throughout
    return tuple(_sheet(day, blocks, throughout, is_first=place == 0) for place, day in enumerate(picture.days))


def _sheet(day: Day, blocks: Sequence[Block], throughout: Sequence[Block], is_first: bool) -> DaySheet:
    begun_before = [block for block in blocks if block.starts_at < day.starts_at < block.ends_at]
    begins = [block for block in blocks if day.starts_at <= block.starts_at < day.ends_at]
    goes_on = [] if is_first else [block for block in begun_before if block.ends_at >= day.ends_at]
    shown = tuple((*begun_before, *begins) if is_first else begins)
    keys = {block.key for block in throughout}
    tiers = dict.fromkeys(block.title for block in blocks)
    changing = [block for block in shown if block.key not in keys]
    by_tier = ((tier, tuple(block for block in changing if block.title == tier)) for tier in tiers)
    return DaySheet(day, shown, tuple(goes_on), tuple((tier, found) for tier, found in by_tier if found))


# --- a year --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Density:
    """One tier in one month: its holes, and how often it departs from the pattern."""

    holes: int
    hole_length: str
    one_offs: int
    shifts: int
    marks: tuple[Block, ...]  # holes and one-off changes, for a small picture


@dataclass(frozen=True, slots=True)
class MonthSheet:
    """One month of a year; `cells` in the order of the picture's rows."""

    first: date
    starts_at: datetime
    ends_at: datetime
    cells: tuple[Density, ...]


def month_sheets(picture: Picture) -> tuple[MonthSheet, ...]:
    """The months that begin within the picture."""
    firsts = [day for day in picture.days if day.date.day == 1]
    ends = [*(day.starts_at for day in firsts[1:]), picture.ends_at]
    return tuple(
        MonthSheet(day.date, day.starts_at, end, tuple(_density(row, day.starts_at, end) for row in picture.rows))
        for day, end in zip(firsts, ends, strict=True)
    )


def _density(row: Row, start: datetime, end: datetime) -> Density:
    blocks = [block for block in row.blocks if block.starts_at < end and block.ends_at > start]
    holes = [block for block in blocks if block.sort is Sort.HOLE]
    missing = sum((min(b.ends_at, end) - max(b.starts_at, start) for b in holes), timedelta(0))
    one_offs = [block for block in blocks if block.sort.is_one_off]
    length = length_words(missing) if missing else ""
    return Density(len(holes), length, len(one_offs), len(blocks) - len(holes), (*holes, *one_offs))


# --- what is missing -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunsOut:
    """A tier whose pattern ends."""

    tier: str
    ends_at: datetime
    sentence: str


def hole_sentence(hole: Hole, horizon: datetime, zone: str) -> str:
    """The exact span; a hole that reaches the horizon may go on beyond it."""
    length = length_words(hole.ends_at - hole.starts_at)
    beyond = " at least" if hole.ends_at == horizon else ""
    return f"{hole.title}: nobody {between_words(hole.starts_at, hole.ends_at, zone)} ({length}{beyond})"


def patterns_that_run_out(rota: Rota, now: datetime, within: timedelta = RUNS_OUT_WITHIN) -> tuple[RunsOut, ...]:
    """Tiers whose last pattern ends in that time, or has ended; soonest first."""
    found = _runs_out(rota, now + within)
    return tuple(sorted(found, key=lambda one: one.ends_at))


def _runs_out(rota: Rota, horizon: datetime) -> Iterator[RunsOut]:
    for rotation, layer in tiers_in_order(rota):
        ends_at = max((p.ends_at for p in rotation.layer(layer).patterns if not p.is_closed), default=None)
        if ends_at is not None and ends_at < min(horizon, FOREVER):
            title, when = tier_title(rotation, layer), moment_words(ends_at, rotation.zone)
            sentence = f"{title}: the pattern runs out on {when} {ends_at:%Y}. From then on nobody is on."
            yield RunsOut(f"{rotation.name}/{layer}", ends_at, sentence)
