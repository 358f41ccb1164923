"""What leaves the house on paper or as a file: PDF sheets, and tables for a spreadsheet.

A sheet is a list of blocks, so that a case's record and a month's report look alike; every name prints as it is
written, and what the font lacks is shown as missing instead of being left out. A cell that a spreadsheet would run as
a formula is made plain text. Deliberately not here: what stands on the sheets, and how a PDF is drawn (`pdf`).
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from oncall.adapters.web.rendering import harmless

RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # a spreadsheet takes these for a formula


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


async def pdf_of(paper: Paper) -> bytes:
    """The sheets as one PDF, made beside the loop: a page must never wait for a report."""
    return await asyncio.to_thread(_made, paper)


def _made(paper: Paper) -> bytes:
    from oncall.adapters.web.paper.pdf import draw

    return draw(paper)


def csv_of(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table for a spreadsheet, RFC 4180."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def cell(value: object) -> str:
    """A value as plain text: what could be taken for a formula gets an apostrophe before it. Numbers stay numbers."""
    if isinstance(value, int | float):
        return str(value)
    told = harmless(str(value)) if value is not None else ""
    return f"'{told}" if told.lstrip(" ").startswith(RUNS) else told


def download(body: bytes | str, media_type: str, name: str) -> web.Response:
    """A file to be saved under `name`, never shown in place."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if isinstance(body, str):
        return web.Response(text=body, content_type=media_type, charset="utf-8", headers=headers)
    return web.Response(body=body, content_type=media_type, headers=headers)
