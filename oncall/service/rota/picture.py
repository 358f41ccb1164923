"""The rota as a picture: tiers as rows, shifts and holes as blocks, with every reason in words.

A function of the rota, a span and one instant; the picture always shows the answer that a page would get, because its
blocks are the resolver's own shifts and gaps. With a draft, each tier that the draft changes has a second row, so that
before and after stand in the same picture. Deliberately not here: how wide anything is drawn, HTML, and whether a
draft may be published (its warnings are handed in).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from oncall.core.rota.on_call import Gap, Rota, Rotation, Shift, differences, gaps_among, shifts_between
from oncall.core.rota.shifts import Kind
from oncall.core.wall_time import DAWN, FOREVER
from oncall.service.cases.board import serves_by_day_only, tier_title, tiers_in_order
from oncall.service.rota.days import Day, days_of
from oncall.service.rota.load import Load, loads_of
from oncall.service.rota.reasons import (
    HANDOVER,
    Sort,
    Words,
    change_behind,
    change_in_words,
    displaced,
    on_leave,
    sort_of,
    together,
)
from oncall.service.rota.span_words import between_words, change_words, clock_change, length_words


@dataclass(frozen=True, slots=True)
class Caution:
    """A yellow warning about a span of a tier, from whoever judges drafts."""

    tier: str
    starts_at: datetime
    ends_at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Block:
    """One shift or hole, whole. `key` is its place on a page; `more` are sentences about it; `lane` of `lanes`: several
    people at once stand side by side."""

    key: str
    tier: str
    title: str
    person: str | None
    name: str
    sort: Sort
    starts_at: datetime
    ends_at: datetime
    span: str
    why: str
    change: str
    more: tuple[str, ...]
    cautions: tuple[str, ...]
    badge: str  # "13 h" on the night on which the clock changes
    is_past: bool
    is_now: bool
    is_changed: bool = False
    lane: int = 0
    lanes: int = 1

    @property
    def is_holiday(self) -> bool:
        return self.sort is Sort.HOLIDAY

    @property
    def length(self) -> str:
        """In hours; empty for a block without an end or a beginning."""
        is_open = self.starts_at <= DAWN or self.ends_at >= FOREVER
        return "" if is_open else length_words(self.ends_at - self.starts_at)


@dataclass(frozen=True, slots=True)
class Row:
    """One tier over the span. `is_draft`: as it would be; the row before it is as it is published."""

    tier: str
    title: str
    blocks: tuple[Block, ...]
    is_by_day_only: bool
    is_draft: bool = False


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody's leave, whole."""

    id: str
    person: str
    name: str
    starts_at: datetime
    ends_at: datetime
    span: str
    note: str


@dataclass(frozen=True, slots=True)
class Look:
    """What is asked for: whole days, and which layers (all without any)."""

    first: date
    until: date
    layers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Picture:
    """See the module. `rows` in the order in which tiers are paged."""

    zone: str
    now: datetime
    days: tuple[Day, ...]
    rows: tuple[Row, ...]
    leave: tuple[Away, ...]
    loads: tuple[Load, ...]

    @property
    def starts_at(self) -> datetime:
        return self.days[0].starts_at

    @property
    def ends_at(self) -> datetime:
        return self.days[-1].ends_at

    @property
    def throughout(self) -> tuple[Block, ...]:
        """Who is on from the first minute shown to the last."""
        blocks = (block for row in self.rows for block in row.blocks)
        return tuple(block for block in blocks if block.starts_at <= self.starts_at and block.ends_at >= self.ends_at)

    @property
    def draft_keys(self) -> frozenset[str]:
        """The blocks that stand in a draft's rows."""
        return frozenset(block.key for row in self.rows if row.is_draft for block in row.blocks)


def picture_of(
    rota: Rota,
    look: Look,
    now: datetime,
    draft: Rota | None = None,
    cautions: Sequence[Caution] = (),
    names: Mapping[str, str] | None = None,
) -> Picture:
    """`names`: as the register calls people; the rota's own names stand in for those it does not know."""
    days = days_of(look.first, look.until, rota.zone)
    called = {id: person.name for id, person in rota.people.items()} | dict(names or {})
    words = Words(rota.zone, called)
    rows: list[Row] = []
    for rotation, layer in tiers_in_order(rota):
        if not look.layers or f"{rotation.name}/{layer}" in look.layers:
            rows += _rows(_Drawn(rota.zone, days, now, words, cautions), rotation, layer, draft)
    shown = [row for row in rows if row.is_draft or not _has_draft(row, rows)]
    return Picture(
        zone=rota.zone,
        now=now,
        days=days,
        rows=tuple(_keyed(row, place) for place, row in enumerate(rows)),
        leave=_leave(draft or rota, days, called),
        loads=loads_of((block for row in shown for block in row.blocks), days, rota.zone, rota.people, called),
    )


def _keyed(row: Row, place: int) -> Row:
    blocks = (replace(block, key=f"{place}-{number}") for number, block in enumerate(row.blocks))
    return replace(row, blocks=tuple(blocks))


def _has_draft(row: Row, rows: Sequence[Row]) -> bool:
    return any(other.is_draft and other.tier == row.tier for other in rows)


# --- one tier ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What every row of one picture shares."""

    zone: str
    days: tuple[Day, ...]
    now: datetime
    words: Words
    cautions: Sequence[Caution]

    @property
    def starts_at(self) -> datetime:
        return self.days[0].starts_at

    @property
    def ends_at(self) -> datetime:
        return self.days[-1].ends_at


def _rows(drawn: _Drawn, rotation: Rotation, layer: str, draft: Rota | None) -> Iterator[Row]:
    """As published, and as the draft would have it where that puts other people on."""
    published = _row(replace(drawn, cautions=()) if draft else drawn, rotation, layer)
    yield published
    after = draft.rotations.get(rotation.name) if draft else None
    if after is None or layer not in {other.name for other in after.layers}:
        return
    if differences(rotation, after, layer, drawn.starts_at, drawn.ends_at):
        old = {(block.person, block.starts_at, block.ends_at) for block in published.blocks}
        row = _row(drawn, after, layer)
        marked = (replace(b, is_changed=(b.person, b.starts_at, b.ends_at) not in old) for b in row.blocks)
        yield replace(row, blocks=tuple(marked), is_draft=True)


def _row(drawn: _Drawn, rotation: Rotation, layer: str) -> Row:
    start, end = drawn.starts_at, drawn.ends_at
    shifts = shifts_between(rotation, layer, start, end)
    by_day_only = serves_by_day_only(rotation.name)
    gaps = () if by_day_only else gaps_among(shifts, rotation, layer, start, end)
    blocks = [_shift_block(drawn, rotation, shift, shifts) for shift in shifts]
    blocks += [_hole_block(drawn, rotation, gap) for gap in gaps]
    ordered = sorted(blocks, key=lambda block: (block.starts_at, block.ends_at))
    return Row(f"{rotation.name}/{layer}", tier_title(rotation, layer), tuple(_side_by_side(ordered)), by_day_only)


def _shift_block(drawn: _Drawn, rotation: Rotation, shift: Shift, shifts: Sequence[Shift]) -> Block:
    change = change_behind(rotation, shift)
    more = (*displaced(drawn.words, rotation, shift, change), *together(drawn.words, shift, shifts))
    return replace(
        _block(drawn, rotation, shift, sort_of(shift, change), more),
        person=shift.person,
        name=drawn.words.name(shift.person),
        why=change_in_words(drawn.words, change) if change else shift.why,
        change=change.id if change else "",
    )


def _hole_block(drawn: _Drawn, rotation: Rotation, gap: Gap) -> Block:
    more = [on_leave(drawn.words, rotation, gap, change) for change in rotation.changes if change.kind is Kind.LEAVE]
    if gap.starts_at == drawn.starts_at:
        more.append("It may have begun before the first day shown.")
    if gap.ends_at == drawn.ends_at:
        more.append("It may go on after the last day shown.")
    return _block(drawn, rotation, gap, Sort.HOLE, tuple(filter(None, more)))


def _block(drawn: _Drawn, rotation: Rotation, found: Shift | Gap, sort: Sort, more: tuple[str, ...]) -> Block:
    start, end, zone = found.starts_at, found.ends_at, drawn.zone
    tier, moved = f"{rotation.name}/{found.layer}", clock_change(start, end, zone)
    cautions = (c.words for c in drawn.cautions if c.tier == tier and c.starts_at < end and c.ends_at > start)
    return Block(
        key="",
        tier=tier,
        title=tier_title(rotation, found.layer),
        person=None,
        name="NOBODY",
        sort=sort,
        starts_at=start,
        ends_at=end,
        span=between_words(start, end, zone),
        why="nobody is on call: the next tier is paged at once",
        change="",
        more=(*more, f"{length_words(end - start)}: {change_words(moved)}.") if moved else more,
        cautions=tuple(cautions),
        badge=length_words(end - start) if moved else "",
        is_past=end <= drawn.now,
        is_now=start <= drawn.now < end,
    )


# --- leave and lanes ----------------------------------------------------------------------------------------------


def _leave(rota: Rota, days: Sequence[Day], called: Mapping[str, str]) -> tuple[Away, ...]:
    """Everybody's leave in the span, once, though every rotation carries it."""
    start, end = days[0].starts_at, days[-1].ends_at
    changes = (change for rotation in rota.rotations.values() for change in rotation.changes)
    found = {change.id: change for change in changes if change.kind is Kind.LEAVE}
    touching = (change for change in found.values() if change.starts_at < end and change.ends_at > start)
    away = (
        Away(
            id=change.id,
            person=change.person,
            name=called.get(change.person, change.person),
            starts_at=change.starts_at,
            ends_at=change.ends_at,
            span=between_words(change.starts_at, change.ends_at, rota.zone),
            note=change.note,
        )
        for change in touching
    )
    return tuple(sorted(away, key=lambda one: (one.starts_at, one.name)))


def _side_by_side(blocks: Sequence[Block]) -> Iterator[Block]:
    """Blocks that run at once for longer than a hand-over get lanes of their own."""
    group: list[tuple[Block, int]] = []
    ends: list[datetime] = []  # of each lane
    for block in blocks:
        if ends and block.starts_at >= max(ends) - HANDOVER:
            yield from _with_lanes(group, len(ends))
            group, ends = [], []
        free = next((lane for lane, end in enumerate(ends) if block.starts_at >= end - HANDOVER), len(ends))
        ends[free : free + 1] = [block.ends_at]
        group.append((block, free))
    yield from _with_lanes(group, len(ends))


def _with_lanes(group: Sequence[tuple[Block, int]], lanes: int) -> Iterator[Block]:
    for block, lane in group:
        yield replace(block, lane=lane, lanes=lanes)
