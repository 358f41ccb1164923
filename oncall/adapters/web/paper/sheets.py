"""Sheets of paper as lists of blocks, so that a case's record and a month's report look alike.

Every name prints as it is written, and what the font lacks is shown as missing instead of being left out.
Deliberately not here: what stands on the sheets, how a PDF is drawn (`pdf`), and files to be saved (`files`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 1 is the sheet's own name, 2 a part of it."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Words:
    text: str
    bold: bool = False
    small: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with what is said of them, one below the other."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """`widths` are shares of the page. The only block that may be cut where a sheet has a last page."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG of ours, as wide as the page: shapes and texts with attributes, no style."""

    svg: str


Block = Heading | Words | Facts | Table | Drawing


@dataclass(frozen=True, slots=True)
class Paper:
    """`title` is the document's own name, `foot` stands below every page. With `most_pages` a table ends there, and
    `cut` says where the `{count}` other rows are."""

    title: str
    foot: str
    made_at: datetime
    blocks: Sequence[Block]
    most_pages: int | None = None
    cut: str = "{count} more rows are not on this sheet."
