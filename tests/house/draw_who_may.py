"""Prints who may come where into docs/security.md, from the hand-written table that tests/contract/test_who_may.py asks
the running listeners about: `python -m tests.house.draw_who_may`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from oncall.adapters.web.routes import OUTSIDE as AT_OUTSIDE
from oncall.adapters.web.routes import internal_routes, public_routes
from tests.contract.test_who_may import INTERNAL, OUTSIDE, PUBLIC, WHO

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
BEGIN, END = "<!-- drawn: who may come where -->", "<!-- end of what is drawn -->"
NAMES = {"rules_owner": "rules owner", "device": "device's token", "acting": "person's token"}


def table() -> str:
    """Both listeners, an address a row."""
    inside = _rows("Internal listener", INTERNAL, dict(_needed(internal_routes())))
    outside = _rows("Public listener", PUBLIC, dict(_needed(public_routes())))
    carrier = _rows("Public listener, besides", OUTSIDE, dict.fromkeys(OUTSIDE, AT_OUTSIDE.words()))
    return "\n".join([*inside, "", *outside, "", *carrier])


def _rows(title: str, wanted: Mapping[str, str], needed: Mapping[str, str]) -> Iterator[str]:
    yield f"| {title} | needs | {' | '.join(NAMES.get(who, who) for who in WHO)} |"
    yield "|---" * (len(WHO) + 2) + "|"
    for address, statuses in sorted(wanted.items(), key=lambda row: row[0].partition(" ")[2]):
        yield f"| `{address}` | {needed[address]} | {' | '.join(statuses.split())} |"


def _needed(routes: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for guarded in routes:
        route = guarded.route
        address = f"GET {route.prefix}/..." if isinstance(route, web.StaticDef) else f"{route.method} {route.path}"
        yield address, guarded.need.words() + (" · looks are kept" if guarded.need.shows else "")


def drawn_into(page: str) -> str:
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(drawn_into(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
