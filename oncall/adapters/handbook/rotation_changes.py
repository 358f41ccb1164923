"""holidays.yaml and overrides.yaml: the days on which somebody else is on than the pattern says.

A holiday stands in front of a layer's patterns for its days. Covers, swaps and leave are published in the
order of the file, a later one on top; typed times that the clock skips or shows twice are refused with
both choices, and so is a cover that would change nothing.
Deliberately not here: what a change does to a shift (`core.rota.shifts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from oncall.adapters.handbook.reading import Fault, Location
from oncall.adapters.handbook.rotation_desk import Desk, opened
from oncall.adapters.handbook.rotation_patterns import read_order, read_pattern
from oncall.adapters.handbook.rotation_shapes import (
    HolidayShape,
    HolidaysShape,
    OverrideShape,
    OverridesShape,
    PatternShape,
)
from oncall.adapters.handbook.rotation_words import read_day, read_instant
from oncall.core.rota.on_call import (
    Change,
    Holiday,
    Layer,
    Rota,
    beside,
    changes_nothing,
    cover,
    leave,
    split,
    swap,
    why_impossible,
    with_changes,
)
from oncall.core.rota.turns import Pattern
from oncall.core.wall_time import first_pass, last_pass, wall

LONGEST = timedelta(days=20 * 365)  # of a change or a holiday, which is walked shift by shift
_Span = tuple[datetime, datetime]


def with_holidays(path: Path, rota: Rota, faults: list[Fault]) -> Rota:
    """The rota with the holidays of a file that need not exist."""
    if not path.exists() or (file := opened(path, HolidaysShape, rota, faults)) is None:
        return rota
    desk, shape = file
    for place, holiday in enumerate(shape.holidays):
        at: Location = ("holidays", place)
        rota = replace(rota, holidays=(*rota.holidays, *_shared_out(desk, at, holiday)))
        for tier, stands_in in holiday.tiers.items():
            rota = _with_holiday(desk, at, rota, holiday, tier, stands_in)
    return rota


def _shared_out(desk: Desk, at: Location, holiday: HolidayShape) -> tuple[Holiday, ...]:
    """The days as they are counted when shares are compared, by the hospital's clock; faults are told of the tiers."""
    quiet = replace(desk, faults=[], zone=desk.rota.zone)
    spans, bucket = _holiday_spans(quiet, at, holiday), holiday.bucket or holiday.name
    return tuple(Holiday(holiday.name, bucket, starts_at, ends_at) for starts_at, ends_at in spans)


def _with_holiday(
    desk: Desk, at: Location, rota: Rota, holiday: HolidayShape, tier: str, stands_in: PatternShape | str
) -> Rota:
    name, _, wanted = tier.partition("/")
    rotation = rota.rotations.get(name)
    layers = [layer.name for layer in rotation.layers] if rotation else []
    layer = wanted or (layers[0] if len(layers) == 1 else "")
    if rotation is None or layer not in layers:
        desk.fault((*at, "tiers", tier), tier, "a layer such as pump-team/primary")
        return rota
    desk.zone = rotation.zone
    spans = _holiday_spans(desk, at, holiday)
    if not isinstance(stands_in, str) and stands_in.people:
        read_order(desk, (*at, "tiers", tier, "people"), stands_in.people)  # also those of later years
    patterns = _holiday_patterns(desk, (*at, "tiers", tier), holiday, spans, stands_in)
    changed = tuple(_with_stand_in(old, patterns, spans) if old.name == layer else old for old in rotation.layers)
    return replace(rota, rotations={**rota.rotations, name: replace(rotation, layers=changed)})


def _with_stand_in(layer: Layer, patterns: Sequence[Pattern], spans: Sequence[_Span]) -> Layer:
    """The holiday stands in front; the patterns behind it know that they rest, for `count: worked`."""
    resting = tuple(replace(pattern, rests=(*pattern.rests, *spans)) for pattern in layer.patterns)
    return replace(layer, patterns=(*patterns, *resting))


def _holiday_spans(desk: Desk, at: Location, holiday: HolidayShape) -> list[_Span]:
    if (holiday.on is None) == (holiday.start is None):
        desk.fault(at, "a holiday without its days", "either on: 2026-11-26, or from and until")
        return []
    if holiday.on is None:
        span = _span(desk, at, holiday.start, holiday.until, None)
        return [span] if span else []
    days = holiday.on if isinstance(holiday.on, list) else [holiday.on]
    found = [desk.word((*at, "on"), read_day, day) for day in days]
    return [_whole_day(day, desk.zone) for day in found if day is not None]


def _whole_day(day: date, zone: str) -> _Span:
    midnight = datetime.combine(day, time())
    return first_pass(midnight, zone), last_pass(midnight + timedelta(days=1), zone)


def _holiday_patterns(
    desk: Desk, at: Location, holiday: HolidayShape, spans: list[_Span], shape: PatternShape | str
) -> list[Pattern]:
    """One pattern for each day of the holiday; several people without a turn take its days in order."""
    if isinstance(shape, str):
        closed = Pattern(desk.zone, (), is_closed=True)
        return [_during(closed, span, f"closed: {holiday.name}") for span in spans]
    by_opening = holiday.on is not None and shape.hours is not None
    patterns: list[Pattern] = []
    for place, span in enumerate(spans):
        pattern = read_pattern(desk, at, _on_day(shape, place, wall(span[0], desk.zone), by_opening))
        if pattern is None:
            return []
        span = _opening_within(span, pattern) if by_opening else span
        patterns.append(_during(pattern, span, f"holiday {holiday.name}"))
    return patterns


def _on_day(shape: PatternShape, place: int, start: datetime, by_opening: bool) -> PatternShape:
    """The pattern for the holiday's day number `place`; its turns, if it has any, begin with the day."""
    people = shape.people
    if shape.turn is None and people:
        people = people[place % len(people) :][:1]
    since = start.date() if by_opening else f"{start:%Y-%m-%d %H:%M}"
    return shape.model_copy(update={"people": people, "since": shape.since or since})


def _opening_within(day: _Span, pattern: Pattern) -> _Span:
    """A window belongs to the day it opens on: not the night before the holiday, but its own to the end."""
    first, last = (wall(at, pattern.zone) for at in day)
    opens = min(hour.opens for hour in pattern.hours)
    closes = max(hour.closes for hour in pattern.hours) - timedelta(days=1)
    return first_pass(first + opens, pattern.zone), max(day[1], last_pass(last + closes, pattern.zone))


def _during(pattern: Pattern, span: _Span, why: str) -> Pattern:
    starts_at, ends_at = max(pattern.starts_at, span[0]), min(pattern.ends_at, span[1])
    return replace(pattern, starts_at=starts_at, ends_at=ends_at, why=why)


def with_overrides(path: Path, rota: Rota, faults: list[Fault]) -> Rota:
    """The rota with the covers, swaps and leave of a file that need not exist."""
    if not path.exists() or (file := opened(path, OverridesShape, rota, faults)) is None:
        return rota
    desk, shape = file
    seen: set[str] = set()
    for place, override in enumerate(shape.overrides):
        at: Location = ("overrides", place)
        if override.id in seen:
            desk.fault((*at, "id"), override.id, "an id that no other override has")
        seen.add(override.id)
        changes = _changes(desk, at, override)
        for parts in [changes] if override.split is not None and changes else [(change,) for change in changes]:
            rota = _published(desk, at, rota, parts)
    return rota


def _published(desk: Desk, at: Location, rota: Rota, parts: tuple[Change, ...]) -> Rota:
    """The rota with one cover, one half of a swap, one leave, or all parts of a split on top."""
    called = f"{parts[0].kind.value} {parts[0].id}"
    if problem := next((problem for part in parts if (problem := why_impossible(rota, part))), None):
        desk.fault(at, called, f"one that can be meant: {problem}")
        return rota
    if changes_nothing(rota, *parts):
        wanted = "one that puts somebody else on for some of its time"
        desk.fault(at, f"{called}, which changes nothing", wanted)
    return with_changes(rota, parts)


def _changes(desk: Desk, at: Location, shape: OverrideShape) -> tuple[Change, ...]:
    kinds = [kind for kind in ("cover", "swap", "split", "leave", "beside") if getattr(shape, kind) is not None]
    if len(kinds) != 1:
        desk.fault(at, " and ".join(kinds) or "no kind of change", "one of cover, swap, split, leave, beside")
        return ()
    desk.zone = _zone_of_tier(desk.rota, shape.cover or shape.swap or shape.split or shape.beside)
    if shape.swap is not None:
        return _swapped(desk, at, shape, shape.swap)
    if shape.split is not None:
        return _split(desk, at, shape, shape.split)
    span = _span(desk, at, shape.start, shape.until, shape.through)
    if span is None:
        return ()
    if shape.leave is not None:
        return (leave(shape.id, shape.leave, *span, note=shape.note),)
    if shape.by is None:
        desk.fault(at, f"a {kinds[0]} without by", "by: the person who comes on")
        return ()
    if shape.beside is not None:
        return (beside(shape.id, shape.beside, shape.by, *span, note=shape.note),)
    assert shape.cover is not None  # the one kind that is left
    return (cover(shape.id, shape.cover, shape.by, *span, note=shape.note, instead_of=shape.instead_of),)


def _swapped(desk: Desk, at: Location, shape: OverrideShape, tier: str) -> tuple[Change, ...]:
    if len({given.gives for given in shape.spans}) != 2 or len(shape.spans) != 2:
        desk.fault((*at, "spans"), "a swap that is not between two", "two spans, each what one of them gives")
        return ()
    given = []
    for place, part in enumerate(shape.spans):
        span = _span(desk, (*at, "spans", place), part.start, part.until, part.through)
        if span is None:
            return ()
        given.append((part.gives, *span))
    return swap(shape.id, tier, given[0], given[1], note=shape.note)


def _split(desk: Desk, at: Location, shape: OverrideShape, tier: str) -> tuple[Change, ...]:
    cuts = shape.at if isinstance(shape.at, list) else [shape.at]
    if shape.at is None or len(shape.between) != len(cuts) + 1:
        desk.fault(at, "a split without its parts", "at: 2026-02-04 19:00 and between: [ana, ben], in that order")
        return ()
    span = _span(desk, at, shape.start, shape.until, shape.through)
    found = [desk.word((*at, "at"), read_instant, cut, desk.zone) for cut in cuts]
    edges = [cut for cut in found if cut is not None]
    if span is None or len(edges) < len(found):
        return ()
    return split(shape.id, tier, shape.between, (span[0], *edges, span[1]), shape.note)


def _zone_of_tier(rota: Rota, tier: str | None) -> str:
    rotation = rota.rotations.get((tier or "").partition("/")[0])
    return rotation.zone if rotation else rota.zone


def _span(desk: Desk, at: Location, start: object, until: object, through: object) -> _Span | None:
    """From a time until a time, or through a whole day; a bare day as an end would be read both ways."""
    starts_at = desk.word((*at, "from"), read_instant, start, desk.zone)
    if through is not None and until is None:
        day = desk.word((*at, "through"), read_day, through)
        ends_at = _whole_day(day, desk.zone)[1] if day else None
    elif isinstance(until, str):
        ends_at = desk.word((*at, "until"), read_instant, until, desk.zone)
    else:
        desk.fault((*at, "until"), until, "until: 2026-02-04 07:00, or through: 2026-02-04")
        ends_at = None
    if starts_at is None or ends_at is None:
        return None
    if ends_at - starts_at > LONGEST:
        desk.fault((*at, "until"), until or through, f"an end within {LONGEST.days // 365} years of its start")
        return None
    return starts_at, ends_at
