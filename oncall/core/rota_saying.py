"""Times of the rota as people say them: "Tue 2 Dec 19:00 to Wed 3 Dec 07:00", never just a date.

Deliberately not here: what families are told (`wording`).
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from oncall.core.wall_time import DAWN, FOREVER, first_pass, wall

_DEEP_NIGHT = time(3)  # who is on at three in the morning has the night


def moment(at: datetime, zone: str, now: datetime | None = None) -> str:
    """Tue 2 Dec 19:00 in the hospital's time; with the year unless it is this year or the next half."""
    if at >= FOREVER:
        return "further notice"
    if at <= DAWN:
        return "ever"
    local = wall(at, zone)
    year = "" if now is not None and abs(at - now) < timedelta(days=180) else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"


def span(starts_at: datetime, ends_at: datetime, zone: str, now: datetime | None = None) -> str:
    return f"{moment(starts_at, zone, now)} to {moment(ends_at, zone, now)}"


def nights_in(starts_at: datetime, ends_at: datetime, zone: str) -> int:
    """How many nights the span has: each with its three o'clock in it."""
    first, last = wall(starts_at, zone).date(), wall(ends_at, zone).date()
    days = (datetime.combine(first + timedelta(days=n), _DEEP_NIGHT) for n in range((last - first).days + 1))
    return sum(starts_at <= first_pass(day, zone) < ends_at for day in days)


def how_long(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """ "1 night", or its hours where there is none: 23 or 25 of them on the days the clock changes."""
    if ends_at >= FOREVER:
        return "for good"
    nights = nights_in(starts_at, ends_at, zone)
    if nights:
        return f"{nights} night{'s' if nights > 1 else ''}"
    minutes = (ends_at - starts_at) // timedelta(minutes=1)
    hours, rest = divmod(minutes, 60)
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{rest} min"] if rest or not hours else [])])
