"""What leaves the house as a file: a PDF of sheets, or a table for a spreadsheet.

A cell that a spreadsheet would run as a formula is made plain text. Deliberately not here: what stands on the sheets
(`sheets`), and how a PDF is drawn (`pdf`, imported only when something is printed).
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterable, Sequence

from aiohttp import web

from oncall.adapters.web.paper.sheets import Paper
from oncall.adapters.web.rendering import harmless

RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # a spreadsheet takes these for a formula


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
