"""The plots of a report as SVG: bars, drawn from a table that stands beside them as their text.

Shapes and texts with attributes alone, because our pages allow no style of their own and paper knows none. One
drawing serves both. Deliberately not here: the numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from oncall.service.reports.counting import Line, Share, Table

INK, BAR, QUIET = "#17212b", "#0b4f8a", "#cfd7df"
WIDE = 720
ROW, HEAD = 34, 8  # of lying bars


def standing_bars(table: Table, floor: int = 150, every: int = 3) -> str:
    """One bar a line, its number on top; every so many lines carry their label. `floor` is how high the highest may
    be. An empty string without any case."""
    counts = [_count(line) for line in table.lines]
    most = max(counts, default=0)
    if not most:
        return ""
    step = WIDE / len(counts)
    parts = [f'<line x1="0" y1="{floor}" x2="{WIDE}" y2="{floor}" stroke="{INK}"/>']
    for place, (line, count) in enumerate(zip(table.lines, counts, strict=True)):
        height, x = count / most * (floor - 30), place * step
        if count:
            parts.append(_rect(x + 3, floor - height, step - 6, height))
            parts.append(_text(x + step / 2, floor - height - 5, str(count), "middle"))
        if place % every == 0:
            parts.append(_text(x + step / 2, floor + 26, line.label[:2], "middle"))
    return _svg(table, floor + 40, parts)


def lying_bars(table: Table, most_lines: int = 5) -> str:
    """One row a line, as far as `most_lines`: label, bar, number. An empty string without any case."""
    counts = [_count(line) for line in table.lines[:most_lines]]
    most = max(counts, default=0)
    if not most:
        return ""
    return _svg(table, HEAD + ROW * len(counts), list(_rows(table, counts, most)))


def _rows(table: Table, counts: list[int], most: int) -> Iterator[str]:
    left, right = 200, 60
    for place, (line, count) in enumerate(zip(table.lines, counts, strict=False)):
        y, width = HEAD + place * ROW, count / most * (WIDE - left - right)
        yield _text(left - 12, y + 22, line.label, "end")
        yield _rect(left, y + 3, max(width, 1), ROW - 10) if count else _rect(left, y + 3, 1, ROW - 10, QUIET)
        yield _text(left + width + 8, y + 22, str(count), "start")


def _count(line: Line) -> int:
    first = line.cells[0]
    return first.of if isinstance(first, Share) else first if isinstance(first, int) else 0


def _svg(table: Table, height: float, parts: list[str]) -> str:
    name = escape(f"{table.title}; the same numbers stand in the table")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {height:g}" width="100%" role="img"'
        f' aria-label="{name}">{"".join(parts)}</svg>'
    )


def _rect(x: float, y: float, width: float, height: float, fill: str = BAR) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="22" font-family="sans-serif" text-anchor="{anchor}"'
        f' fill="{INK}">{escape(words)}</text>'
    )
