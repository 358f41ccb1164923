"""One pattern of a rota file: who, in what turns, at what hours, since when; as a `Pattern` or as faults.

A day in `since` or `until` means that day's hand-over, and turns are counted from the last hand-over at or
before `since`, so that two lines with the same day join without a hole.
Deliberately not here: the files around it, and the layers in which patterns stand (`rotation_files`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

from oncall.adapters.handbook.reading import Location
from oncall.adapters.handbook.rotation_desk import Desk
from oncall.adapters.handbook.rotation_shapes import PatternShape, RosterShape
from oncall.adapters.handbook.rotation_words import (
    HandsOver,
    read_days,
    read_hands_over,
    read_hours,
    read_local,
    read_turn,
)
from oncall.core.rota.turns import Era, Hours, Pattern, Slot, Turn, Unit, in_month, with_roster
from oncall.core.wall_time import DAWN, FOREVER, first_pass


def read_pattern(desk: Desk, at: Location, shape: PatternShape) -> Pattern | None:
    """The pattern that stands at `at`, or None and its faults."""
    found_before = len(desk.faults)
    slots = _slots(desk, at, shape)
    hours = _hours(desk, at, shape)
    length = desk.word((*at, "turn"), read_turn, shape.turn) if shape.turn else None
    hands_over = _hands_over(desk, at, shape, length, hours)
    since = desk.word((*at, "since"), _wall, shape.since, hands_over)
    until = desk.word((*at, "until"), _wall, shape.until, hands_over)
    _check_turn(desk, at, shape, slots, since)
    if len(desk.faults) > found_before:
        return None
    pattern = Pattern(
        zone=desk.zone,
        eras=(Era(0, slots),),
        turn=_turn(desk.zone, length, hands_over, since),
        hours=hours,
        starts_at=first_pass(since, desk.zone) if since else DAWN,
        ends_at=first_pass(until, desk.zone) if until else FOREVER,
        why=_says(shape),
        count_worked=shape.count == "worked",
    )
    if pattern.ends_at <= pattern.starts_at:
        desk.fault((*at, "until"), shape.until, f"an end after {shape.since}")
    return _with_rosters(desk, at, shape, pattern, hands_over)


def _says(shape: PatternShape) -> str:
    turn = f"{shape.turn} turn" if shape.turn else "always"
    return f"{shape.name}, {turn}" if shape.name else turn


def _slots(desk: Desk, at: Location, shape: PatternShape) -> tuple[Slot, ...]:
    if shape.together is not None and shape.people is None:
        return (_together(desk, (*at, "together"), shape.together),)
    if shape.people is None or shape.together is not None:
        desk.fault(at, "no people", "people: [ana, ben], or together: [ana, ben]")
        return ()
    return read_order(desk, (*at, "people"), shape.people)


def read_order(desk: Desk, at: Location, people: list[Any]) -> tuple[Slot, ...]:
    """People in the order of their turns; an entry `together: [a, b]` is one turn of both."""
    if not people:
        desk.fault(at, "an empty list", "at least one person")
    slots = []
    for place, entry in enumerate(people):
        pair = entry.get("together") if isinstance(entry, Mapping) and set(entry) == {"together"} else [entry]
        slots.append(_together(desk, (*at, place), pair if isinstance(pair, list) else [pair]))
    return tuple(slots)


def _together(desk: Desk, at: Location, people: list[Any]) -> Slot:
    if not people:
        desk.fault(at, "an empty list", "at least one person")
    if len(people) != len({str(person) for person in people}):
        desk.fault(at, people, "each person once")
    return tuple(_known(desk, at, person) for person in people)


def _known(desk: Desk, at: Location, person: object) -> str:
    if str(person) not in desk.rota.people:
        desk.fault(at, person, "somebody in people.yaml: " + ", ".join(desk.rota.people))
    return str(person)


def _hours(desk: Desk, at: Location, shape: PatternShape) -> tuple[Hours, ...]:
    days = desk.word((*at, "days"), read_days, shape.days) if shape.days else None
    if shape.hours is None:
        return () if days is None else (Hours(days, timedelta(0), timedelta(days=1)),)
    texts = [shape.hours] if isinstance(shape.hours, str) else shape.hours
    found = [desk.word((*at, "hours"), read_hours, text, days) for text in texts]
    hours = tuple(hour for hour in found if hour is not None)
    if not texts or _overlapping(hours):
        desk.fault((*at, "hours"), texts, "hours that do not overlap; use two patterns for that")
    return hours


def _overlapping(hours: Iterable[Hours]) -> bool:
    """Whether two windows share a minute. The week is laid twice, so that Sunday night meets Monday."""
    spans = sorted(
        (timedelta(days=day + week) + hour.opens, timedelta(days=day + week) + hour.closes)
        for hour in hours
        for day in hour.days
        for week in (0, 7)
    )
    return any(following[0] < span[1] for span, following in pairwise(spans))


def _hands_over(
    desk: Desk, at: Location, shape: PatternShape, length: tuple[int, Unit] | None, hours: tuple[Hours, ...]
) -> HandsOver:
    openings = {hour.opens for hour in hours}
    if shape.hands_over is None:
        if length is None:
            return HandsOver(timedelta(0))
        if length[0] % 7 and len(openings) == 1:
            return HandsOver(openings.pop())
        desk.fault(at, f"turn: {shape.turn} without hands_over", "hands_over: 08:00, or Mon 08:00")
        return HandsOver(timedelta(0))
    read = desk.word((*at, "hands_over"), read_hands_over, shape.hands_over)
    if read is not None and (length or not shape.turn) and (problem := _misfit(read, length, shape.turn)):
        desk.fault((*at, "hands_over"), shape.hands_over, problem)
    return read or HandsOver(timedelta(0))


def _misfit(hands_over: HandsOver, length: tuple[int, Unit] | None, turn: str | None) -> str | None:
    if length is None:
        return "a turn beside it, such as turn: weekly"
    in_weeks = length[1] is Unit.DAYS and length[0] % 7 == 0
    if hands_over.weekday is None and in_weeks and "day" not in (turn or ""):
        return "a weekday too, such as Mon 08:00"
    if hands_over.weekday is not None and not in_weeks:
        return f"a time without a weekday for turn: {turn}"
    if hands_over.month_day is not None and length[1] is not Unit.MONTHS:
        return f"a time without a day of the month for turn: {turn}"
    return None


def _wall(value: object, hands_over: HandsOver) -> datetime | None:
    if value is None:
        return None
    local = read_local(value)
    return local if isinstance(local, datetime) else datetime.combine(local, time()) + hands_over.time


def _check_turn(desk: Desk, at: Location, shape: PatternShape, slots: Sequence[Slot], since: object) -> None:
    if shape.turn is None:
        if len(slots) > 1:
            desk.fault(at, "several people without a turn", "turn: weekly, or together: [ana, ben]")
        if shape.roster:
            desk.fault((*at, "roster"), "a roster without a turn", "a second pattern with since")
    elif shape.since is None:
        desk.fault(at, f"turn: {shape.turn} without since", "since: 2026-01-05, the day of the first turn")


def _turn(zone: str, length: tuple[int, Unit] | None, hands_over: HandsOver, since: datetime | None) -> Turn | None:
    if length is None or since is None:
        return None
    anchor = datetime.combine(since.date(), time()) + hands_over.time
    if length[1] is Unit.MONTHS:
        return _monthly(zone, length[0], hands_over.month_day or since.day, anchor, since)
    if hands_over.weekday is not None:
        anchor -= timedelta(days=(anchor.weekday() - hands_over.weekday) % 7)
    if anchor > since:
        anchor -= timedelta(days=7 if hands_over.weekday is not None else 1)
    return Turn(length[0], length[1], anchor, zone)


def _monthly(zone: str, length: int, day: int, anchor: datetime, since: datetime) -> Turn:
    month = anchor.year * 12 + anchor.month - 1
    first = in_month(anchor.replace(day=1), month, day)
    if first > since:
        first = in_month(anchor.replace(day=1), month - 1, day)
    return Turn(length, Unit.MONTHS, first.replace(day=1), zone, day)


def _with_rosters(desk: Desk, at: Location, shape: PatternShape, pattern: Pattern, hands_over: HandsOver) -> Pattern:
    previous = pattern.starts_at
    for place, change in enumerate(shape.roster):
        where = (*at, "roster", place)
        slots = read_order(desk, (*where, "people"), change.people)
        start = desk.word((*where, "from"), _wall, change.start, hands_over)
        if start is None or not slots:
            continue
        effective_at = first_pass(start, desk.zone)
        if effective_at <= previous:
            desk.fault((*where, "from"), change.start, "a day after the roster before it began")
            continue
        lead = _lead(desk, where, change, slots)
        pattern, previous = with_roster(pattern, slots, effective_at, lead), effective_at
    return pattern


def _lead(desk: Desk, at: Location, change: RosterShape, slots: tuple[Slot, ...]) -> int | None:
    if change.starts_with is None:
        return None
    places = [place for place, slot in enumerate(slots) if change.starts_with in slot]
    if not places:
        desk.fault((*at, "starts_with"), change.starts_with, "somebody in this roster")
        return None
    return places[0]
