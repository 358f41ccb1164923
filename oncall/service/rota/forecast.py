"""What a draft would do to everybody's share of nights, weekend days and holidays in the coming quarter.

Both columns are the same count (`core.rota.fairness`) of the rota as it is and as it would be. Deliberately not here:
what to do about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.core.rota.fairness import Share, fairness
from oncall.core.rota.on_call import Rota

AHEAD = timedelta(weeks=13)
NOTHING = (0, 0)


@dataclass(frozen=True, slots=True)
class Forecast:
    """One person; each pair is before and after."""

    name: str
    nights: tuple[int, int]
    weekend_days: tuple[int, int]
    holidays: tuple[int, int]

    @property
    def is_changed(self) -> bool:
        return any(before != after for before, after in (self.nights, self.weekend_days, self.holidays))


def forecast(before: Rota, after: Rota, now: datetime, called: Mapping[str, str]) -> tuple[Forecast, ...]:
    """Whose share changes first, then by name."""
    was, becomes = ({share.person: share for share in fairness(rota, now, now + AHEAD)} for rota in (before, after))
    rows = [_row(called.get(id, id), was.get(id), becomes.get(id)) for id in dict.fromkeys([*was, *becomes])]
    return tuple(sorted(rows, key=lambda row: (not row.is_changed, row.name)))


def _row(name: str, was: Share | None, becomes: Share | None) -> Forecast:
    loads = [share.load if share else None for share in (was, becomes)]
    nights, weekends, holidays = (
        tuple(round(getattr(load, part)) if load else 0 for load in loads)
        for part in ("nights", "weekend_days", "holidays")
    )
    return Forecast(name, nights, weekends, holidays)  # type: ignore[arg-type]
