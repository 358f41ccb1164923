"""The hospital's working days, as its own rota says: those on which somebody does the morning's tasks.

A public holiday that the coordinator declared (`complex-care: closed`) is no working day, so no family is promised an
answer on it. Where no rotation takes tasks, or none is declared for two weeks, Monday to Friday count: a promise always
has a day. Deliberately not here: what is due then.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from oncall.core.rota.on_call import Rota, on_call_at

TASKS = "complex-care"  # who does the next working morning's tasks (RULINGS 2)
LAST_RESORT = "operator"  # the rotation that is a number, always on
BY_DAY_ONLY = frozenset({LAST_RESORT, TASKS})  # never part of "everyone" (RULINGS 10)
LOOKED_AHEAD = 14  # days


def next_working_day(rota: Rota, zone: str, after: datetime, hour: time) -> datetime:
    """The instant at which the hospital's clock shows `hour` on the first working day after that of `after`."""
    hours = [_at(zone, after, days, hour) for days in range(1, LOOKED_AHEAD + 1)]
    weekdays = [at for at in hours if at.astimezone(ZoneInfo(zone)).weekday() < 5]
    return next((at for at in weekdays if _has_somebody(rota, at)), weekdays[0])


def is_working_day(rota: Rota, at: datetime) -> bool:
    """Whether the hospital's day of `at` is one on which the morning's tasks are done; `at` is in its working hours."""
    return at.astimezone(ZoneInfo(rota.zone)).weekday() < 5 and _has_somebody(rota, at)


def _at(zone: str, after: datetime, days: int, hour: time) -> datetime:
    local = after.astimezone(ZoneInfo(zone)) + timedelta(days=days)
    return local.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0, fold=0).astimezone(after.tzinfo)


def _has_somebody(rota: Rota, at: datetime) -> bool:
    rotation = rota.rotations.get(TASKS)
    return rotation is None or any(on_call_at(rotation, layer.name, at) for layer in rotation.layers)
