"""Draws docs/states.svg: where a case can stand, what moves it on, and which commands are legal where.

Nothing is drawn from memory. The moves come from `decide.MOVES`; the arrows are found by walking: from every kind of
case that commands can bring about, each command is decided and the status before and after is noted. Run it after a
change of either: `python -m tests.house.draw_states`. Deliberately not here: when a move is made (docs/tour.md).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from functools import cache
from html import escape
from itertools import count
from math import hypot
from pathlib import Path
from typing import get_args

from oncall.core.case import commands as c
from oncall.core.case.case import Arrival, Status
from oncall.core.case.decide import MOVES
from tests.support.builders import DEADLY, DEVICE_BY_DAY, MILD, OFFICE, TEN_AM, THREE_AM, Night

PICTURE = Path(__file__).parents[2] / "docs" / "states.svg"
DEEP = 6  # acts in a row; no status is further away than that
Arrows = dict[tuple[Status, Status], list[str]]

# --- walking ---------------------------------------------------------------------------------------------------------


def _report(*codes: str) -> Callable[[Night], object]:
    return lambda night: night.texts(*codes, thanks=night.case.status is Status.CLOSED)


def _by_holder(make: Callable[[str, str], c.Command]) -> Callable[[Night], object]:
    return lambda night: night.do(make(night.id, night.case.holder.person if night.case.holder else "ana"))


def _time_passes(night: Night) -> object:
    night.at = max(night.at, night.case.due_at or night.at)
    return night.do(c.PassTime(night.id))


ACTS: tuple[Callable[[Night], object], ...] = (
    *(_report(code) for code in (DEADLY, MILD, OFFICE, DEVICE_BY_DAY)),
    lambda night: night.calls(Arrival.PICKED_UP, thanks=night.case.status is Status.CLOSED),
    _time_passes,
    _by_holder(lambda case, person: c.Acknowledge(case, person, "replied")),
    _by_holder(lambda case, person: c.PassOn(case, person, "replied")),
    _by_holder(lambda case, person: c.AddService(case, person, "neurosurgery", "replied")),
    _by_holder(lambda case, person: c.CallFamily(case, person, "replied")),
    _by_holder(lambda case, person: c.Undo(case, person, "replied")),
    _by_holder(lambda case, person: c.ReachFamily(case, person, "replied")),
    _by_holder(lambda case, person: c.Resolve(case, person, "phone advice")),
    _by_holder(lambda case, person: c.HandOverTo(case, person, "eli", "replied")),
    lambda night: night.do(c.SayBack(night.id, "eli", "I call the family now", "replied")),
    _by_holder(lambda case, person: c.TakeFrom(case, "fay", person, "replied")),
    _by_holder(lambda case, person: c.AddNote(case, person, "a note")),
)


@cache
def arrows() -> Arrows:
    """Every change of status that some command brings about, with the commands that do."""
    found: Arrows = {}
    beginnings = [Night(THREE_AM), Night(TEN_AM)]
    seen, here = {_kind(night) for night in beginnings}, beginnings
    for _ in range(DEEP):
        further = []
        for before, after in _walked(here):
            command = type(after.history[-1].command).__name__
            pair = (before.case.status, after.case.status)
            if pair[0] is not pair[1] and command not in found.setdefault(pair, []):
                found[pair].append(command)
            if _kind(after) not in seen:
                seen.add(_kind(after))
                further.append(after)
        here = further
    return {pair: found[pair] for pair in sorted(found, key=lambda pair: [_ORDER.index(status) for status in pair])}


def _walked(nights: list[Night]) -> Iterator[tuple[Night, Night]]:
    for before in nights:
        for act in ACTS:
            after = copy.copy(before)
            after.history = []
            act(after)
            yield before, after


def _kind(night: Night) -> tuple[object, ...]:
    """Cases that differ in nothing a move looks at first are walked on from once."""
    case = night.case
    clocks = frozenset(clock.kind for clock in case.clocks)
    hands = case.holder is not None, case.hand_over is not None
    return night.case.status, case.pace, case.round > 0, hands, clocks, night.at.hour


# --- drawing ---------------------------------------------------------------------------------------------------------

_ORDER = list(Status)
PLACES = {
    Status.NEW: (110, 230),
    Status.LISTENING: (370, 75),
    Status.WAITING: (370, 385),
    Status.PAGING: (690, 75),
    Status.HELD: (950, 230),
    Status.CLOSED: (690, 385),
}
SAYS = {
    Status.NEW: "nothing is written yet",
    Status.LISTENING: "a call was picked up",
    Status.WAITING: "for the morning",
    Status.PAGING: "pages climb, for ever",
    Status.HELD: "a named clinician has it",
    Status.CLOSED: "with an outcome and a name",
}
WORDS = {
    "TakeReport": "report",
    "PassTime": "time",
    "Acknowledge": "take",
    "PassOn": "pass on",
    "Undo": "undo",
    "ReachFamily": "reached",
    "SayBack": "say back",
    "TakeFrom": "take over",
    "Resolve": "close",
}
BENDS = {(Status.PAGING, Status.HELD): 34, (Status.HELD, Status.PAGING): 34}
LABEL_AT = {  # how far along its arrow a label stands; a half unless another label is there
    (Status.LISTENING, Status.HELD): 0.3,
    (Status.LISTENING, Status.CLOSED): 0.27,
    (Status.WAITING, Status.PAGING): 0.27,
    (Status.WAITING, Status.HELD): 0.8,
    (Status.HELD, Status.WAITING): 0.82,
    (Status.NEW, Status.PAGING): 0.72,
    (Status.PAGING, Status.HELD): 0.62,
    (Status.HELD, Status.PAGING): 0.62,
    (Status.PAGING, Status.CLOSED): 0.3,
    (Status.LISTENING, Status.WAITING): 0.3,
}
WIDE, HIGH = 1060, 1220
BOX = (104, 30)  # half of a box
ROW, TOP = 26, 520


def drawing() -> str:
    """The whole picture."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" font-family="sans-serif" font-size="15">',
        "<title>Where a case stands, and what moves it on</title>",
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 10 5 0 10z" fill="#35525f"/></marker></defs>',
        f'<rect width="{WIDE}" height="{HIGH}" fill="#fff"/>',
    ]
    found = arrows()
    parts += [_line(pair) for pair in found]
    parts += [_label(pair, commands) for pair, commands in found.items()]
    parts += [_box(status) for status in Status]
    parts += _table()
    return "\n".join([*parts, "</svg>", ""])


def _box(status: Status) -> str:
    (x, y), (w, h) = PLACES[status], BOX
    return (
        f'<rect x="{x - w}" y="{y - h}" width="{2 * w}" height="{2 * h}" rx="8" fill="#e6f1f3" stroke="#0d5c75"/>'
        f'<text x="{x}" y="{y - 5}" text-anchor="middle" font-weight="bold">{status.value}</text>'
        f'<text x="{x}" y="{y + 16}" text-anchor="middle" font-size="13">{escape(SAYS[status])}</text>'
    )


def _line(pair: tuple[Status, Status]) -> str:
    (x1, y1), (xc, yc), (x2, y2) = _curve(pair)
    return (
        f'<path d="M{x1:.0f} {y1:.0f}Q{xc:.0f} {yc:.0f} {x2:.0f} {y2:.0f}" fill="none" stroke="#35525f" '
        'stroke-width="1.5" marker-end="url(#tip)"/>'
    )


def _label(pair: tuple[Status, Status], commands: list[str]) -> str:
    t = LABEL_AT.get(pair, 0.5)
    (x1, y1), (xc, yc), (x2, y2) = _curve(pair)
    x = (1 - t) ** 2 * x1 + 2 * t * (1 - t) * xc + t * t * x2
    y = (1 - t) ** 2 * y1 + 2 * t * (1 - t) * yc + t * t * y2
    words = ", ".join(WORDS.get(command, command) for command in commands)
    return (
        f'<text x="{x:.0f}" y="{y + 5:.0f}" text-anchor="middle" font-size="13" stroke="#fff" stroke-width="6" '
        f'paint-order="stroke">{escape(words)}</text>'
    )


def _curve(pair: tuple[Status, Status]) -> tuple[tuple[float, float], ...]:
    """From box edge to box edge, bent to its right where an arrow comes the other way."""
    (x1, y1), (x2, y2) = (PLACES[status] for status in pair)
    length = hypot(x2 - x1, y2 - y1)
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    bend = BENDS.get(pair, 14)
    xc, yc = (x1 + x2) / 2 - dy * bend, (y1 + y2) / 2 + dx * bend
    return _edge(x1, y1, xc, yc), (xc, yc), _edge(x2, y2, xc, yc)


def _edge(x: float, y: float, xc: float, yc: float) -> tuple[float, float]:
    """Where the line from a box's middle towards (xc, yc) leaves the box."""
    dx, dy = xc - x, yc - y
    reach = min(BOX[0] / abs(dx) if dx else 9, BOX[1] / abs(dy) if dy else 9)
    return x + dx * reach, y + dy * reach


def _table() -> Iterator[str]:
    """One row for each command, one column for each status: a dot where `decide.MOVES` has a move."""
    columns = {status: 290 + 125 * place for place, status in enumerate(Status)}
    yield f'<text x="20" y="{TOP - 34}" font-weight="bold">What may be asked of a case (decide.MOVES)</text>'
    for status, x in columns.items():
        yield f'<text x="{x}" y="{TOP - 6}" text-anchor="middle" font-weight="bold">{status.value}</text>'
    for kind, row in zip(get_args(c.Command), count()):
        y = TOP + ROW * row
        yield f'<path d="M20 {y + 2}H{WIDE - 20}" stroke="#d5dde0"/>'
        yield f'<text x="20" y="{y + 20}" font-size="13">{kind.__name__}</text>'
        yield from (
            f'<circle cx="{x}" cy="{y + 15}" r="5" fill="{_colour(status)}"/>'
            for status, x in columns.items()
            if kind in MOVES[status]
        )
    foot = "Pale: the person is answered or the words are filed, and a closed case stays closed. No dot: refused."
    yield f'<text x="20" y="{HIGH - 16}" font-size="13">{foot}</text>'


def _colour(status: Status) -> str:
    return "#9dc3cf" if status is Status.CLOSED else "#0d5c75"


if __name__ == "__main__":
    PICTURE.write_text(drawing(), encoding="utf-8")
