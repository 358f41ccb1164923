"""What a look at the rota asks for, as it stands in the address: zoom, day, layers, person.

Whatever cannot be read falls back to this week and all layers: a mistyped address must still show who is on call.
Deliberately not here: the times of "who is on at", which are refused with their choices (`service.typed_time`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from multidict import MultiMapping

from oncall.core.rota.on_call import Rota
from oncall.core.wall_time import wall
from oncall.service.rota.picture import Look

ZOOMS: Mapping[str, str] = {"2w": "2 weeks", "6w": "6 weeks", "month": "Month", "12m": "12 months"}
SIDES: Mapping[str, str] = {"both": "before and after", "after": "the draft alone", "before": "as published"}
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Asked:
    """`first` is any day in what is shown; `layers` empty: all of them; `person` empty: everybody."""

    zoom: str
    first: date
    layers: frozenset[str]
    person: str
    show: str = "both"  # of a draft: one of SIDES

    @property
    def look(self) -> Look:
        start = self.start
        if self.zoom == "2w":
            return Look(start, start + 2 * WEEK, self.layers)
        if self.zoom == "6w":
            return Look(start, start + 6 * WEEK, self.layers)
        return Look(start, months_after(start, 12 if self.zoom == "12m" else 1), self.layers)

    @property
    def start(self) -> date:
        """The Monday of its week, or the first of its month."""
        by_week = self.zoom in ("2w", "6w")
        return self.first - timedelta(days=self.first.weekday()) if by_week else self.first.replace(day=1)

    def href(self, **other: str) -> str:
        """The address of this look with something else instead."""
        side = {} if self.show == "both" else {"show": self.show}
        told = {"zoom": self.zoom, "from": self.start.isoformat(), "person": self.person, **side, **other}
        pairs = [(name, value) for name, value in told.items() if value]
        return "?" + urlencode([*pairs, *(("layer", layer) for layer in sorted(self.layers))])

    @property
    def before(self) -> str:
        look = self.look
        back = months_after(look.first, -1 if self.zoom == "month" else -12) if "m" in self.zoom else None
        return (back or look.first - (look.until - look.first)).isoformat()

    @property
    def after(self) -> str:
        return self.look.until.isoformat()


def months_after(first: date, count: int) -> date:
    """The first day of a month, `count` months on."""
    years, month = divmod(first.year * 12 + first.month - 1 + count, 12)
    return date(years, month + 1, 1)


def asked_in(query: MultiMapping[str], rota: Rota, now: datetime) -> Asked:
    """See the module."""
    zoom = query.get("zoom", "6w")
    known = {f"{rotation.name}/{layer.name}" for rotation in rota.rotations.values() for layer in rotation.layers}
    person = query.get("person", "")
    return Asked(
        zoom=zoom if zoom in ZOOMS else "6w",
        first=_day(query.get("from", ""), wall(now, rota.zone).date()),
        layers=frozenset(query.getall("layer", [])) & known,
        person=person if person in rota.people else "",
        show=query.get("show", "both") if query.get("show") in SIDES else "both",
    )


def month_asked(query: MultiMapping[str], rota: Rota, now: datetime) -> Asked:
    return replace(asked_in(query, rota, now), zoom="month")


def _day(told: str, today: date) -> date:
    """A day such as 2026-11-23, or a month such as 2026-11, between 2000 and 2100."""
    try:
        day = date.fromisoformat(told if len(told) > 7 else f"{told}-01")
    except ValueError:
        return today
    return day if 2000 < day.year < 2099 else today
