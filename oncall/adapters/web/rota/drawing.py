"""Where each block stands in the drawn strip: a band for each week, in per cent of its width.

Positions come from instants, so a day of 25 hours is drawn longer and a hand-over stands where it is. Positions are
attributes of SVG, because our pages allow no style of their own. Deliberately not here: what a block says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from oncall.service.rota.days import Day
from oncall.service.rota.picture import Block, Picture, Row

LEFT = 13.0  # per cent of the width, for the names of the tiers
NARROWEST = 0.6  # per cent: a hole of minutes must be seen
HEAD, NOW, LINE, ROOM = 1.9, 1.0, 1.75, 0.25  # in em: the days' names, the word "now", one row, the room between


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of a block within one band. `side` are y and height within the lane; empty for a block that has all."""

    block: Block
    x: str
    width: str
    side: tuple[str, str] | tuple[()]
    goes_on: bool  # begun before this band


@dataclass(frozen=True, slots=True)
class Lane:
    """One tier within one band."""

    row: Row
    y: str
    height: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One day within one band."""

    day: Day
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Band:
    """One week of the strip. `now` is where this instant stands, or empty."""

    columns: tuple[Column, ...]
    lanes: tuple[Lane, ...]
    height: str
    now: str


def bands_of(picture: Picture, days_each: int = 7, tall: bool = False) -> tuple[Band, ...]:
    """`tall`: a second line in each block, for its hours."""
    groups = [picture.days[place : place + days_each] for place in range(0, len(picture.days), days_each)]
    return tuple(_band(picture, days, LINE * 1.7 if tall else LINE) for days in groups)


@dataclass(frozen=True, slots=True)
class Scale:
    """From instants to per cent."""

    starts_at: datetime
    ends_at: datetime
    left: float = LEFT

    def x(self, at: datetime) -> float:
        whole = self.ends_at - self.starts_at
        part = (min(max(at, self.starts_at), self.ends_at) - self.starts_at) / whole
        return self.left + part * (100 - self.left)


def _band(picture: Picture, days: Sequence[Day], line: float) -> Band:
    scale = Scale(days[0].starts_at, days[-1].ends_at)
    columns = (
        Column(day, per_cent(scale.x(day.starts_at)), per_cent(scale.x(day.ends_at) - scale.x(day.starts_at)))
        for day in days
    )
    is_now = scale.starts_at <= picture.now < scale.ends_at
    head, step = HEAD + (NOW if is_now else 0), line + ROOM
    lanes = tuple(
        Lane(row, _em(head + place * step), _em(line), tuple(_pieces(row, scale)))
        for place, row in enumerate(picture.rows)
    )
    height = _em(head + len(picture.rows) * step)
    return Band(tuple(columns), lanes, height, per_cent(scale.x(picture.now)) if is_now else "")


def _pieces(row: Row, scale: Scale) -> Iterator[Piece]:
    for block in row.blocks:
        if block.starts_at < scale.ends_at and block.ends_at > scale.starts_at:
            x, end = scale.x(block.starts_at), scale.x(block.ends_at)
            part = 100 / block.lanes
            side = (per_cent(block.lane * part), per_cent(part)) if block.lanes > 1 else ()
            yield Piece(block, per_cent(x), per_cent(max(end - x, NARROWEST)), side, block.starts_at < scale.starts_at)


def per_cent(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def _em(value: float) -> str:
    return f"{value:.2f}em"
