"""`oncall rehearse --month`: how soon somebody would take a case, night by night, and where the rota is thin.

Deliberately not here: playing the nights (`nights.month`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import click

from oncall.adapters.clock import SystemClock
from oncall.core.case.facts import Directory
from oncall.core.rota.on_call import Rota
from oncall.nights.month import (
    GIVEN_UP,
    Assumed,
    Waited,
    WeakSpot,
    forecast,
    nights_of,
    quantile,
    span_of,
    weak_spots,
)
from oncall.nights.running import Ground
from oncall.nights.wards import handbook_of

NEW = timedelta(days=7)  # a telephone that was proven this lately is new


def month_of(told: str) -> date:
    """ "2026-12" as its first day."""
    try:
        return datetime.strptime(told, "%Y-%m").date()  # noqa: DTZ007  a month of the calendar, in no zone
    except ValueError:
        raise click.UsageError(f"{told} is no month; one is written such as 2026-12.") from None


def tell_month(
    month: date, ground: Ground, assumed: Assumed, workers: int, phones: Directory | None, as_json: bool
) -> int:
    """Print the month; 1 when the rota has a hole, nobody took a case within the hour, or a law was broken."""
    rota = handbook_of(ground.rules, ground.rotations).rota
    spots = [*weak_spots(rota, *span_of(month, rota.zone)), *_phones(rota, phones)]
    waits = _waits(month, ground, assumed, workers)
    if as_json:
        click.echo(json.dumps(_as_json(month, assumed, waits, spots, phones), ensure_ascii=False, indent=2))
    else:
        for line in _lines(month, assumed, waits, spots, phones):
            click.echo(line)
    bad = any(spot.kind == "hole" for spot in spots) or any(wait.not_taken or wait.breaches for wait in waits)
    return 1 if bad else 0


def _waits(month: date, ground: Ground, assumed: Assumed, workers: int) -> list[Waited]:
    nights = len(nights_of(month))
    with click.progressbar(length=nights, label="Nights", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        waits = []
        for wait in forecast(month, ground, assumed, workers):
            waits.append(wait)
            bar.update(1)
        return waits


def _phones(rota: Rota, phones: Directory | None) -> list[WeakSpot]:
    """People of the rota whom a database knows without a proven telephone, with a new one, or with one only."""
    if phones is None:
        return []
    now, spots = SystemClock().now(), []
    for person in rota.people.values():
        known = phones.clinicians.get(person.id)
        proven = known.proven_at if known else None
        if known is None or not known.phones or proven is None:
            spots.append(WeakSpot("number", person.name, "no proven telephone"))
        elif now - proven < NEW and all(p.proven_at is None or now - p.proven_at < NEW for p in known.phones):
            spots.append(WeakSpot("number", person.name, "every telephone was proven within the last week"))
        elif len(known.phones) == 1:
            spots.append(WeakSpot("number", person.name, "one telephone only"))
    return spots


def assumptions(assumed: Assumed) -> list[str]:
    """What the figures rest on, in words."""
    answering = assumed.answering
    return [
        f"{assumed.contacts} families a night turn to the line, noon to noon, half of them in an emergency.",
        f"{answering.rings:.0%} of rings are picked up and taken (--answers), whoever is rung and at whatever hour.",
        f"{answering.texts:.0%} of texts are answered within three minutes (--replies).",
        "The carrier works, every telephone is proven, and the rota stays as it is.",
    ]


def _lines(
    month: date, assumed: Assumed, waits: Sequence[Waited], spots: Sequence[WeakSpot], phones: Directory | None
) -> list[str]:
    every = sorted(second for wait in waits for second in wait.seconds)
    return [
        f"{month:%B %Y}: from a family's text until a clinician has taken it",
        *(f"  assumed: {line}" for line in assumptions(assumed)),
        "",
        f"{'night':<14}{'median':>8}{'p90':>8}{'longest':>9}  not taken in an hour",
        *(_row(f"{wait.night:%a %d %b}", wait.seconds, wait.not_taken) for wait in waits),
        _row("whole month", every, sum(wait.not_taken for wait in waits)),
        "",
        "Weak spots:" if spots else "Weak spots: none",
        *(f"  {spot.kind:<11} {spot.tier}: {spot.told}" for spot in spots),
        *([] if phones else ["  Telephones: not looked at; name a configuration with a database (--config)."]),
        *(f"BREACH {wait.night}: {breach}" for wait in waits for breach in wait.breaches),
    ]


def _row(name: str, ordered: Sequence[float], not_taken: int) -> str:
    told = "".join(f"{_minutes(value):>{width}}" for value, width in zip(_three(ordered), (8, 8, 9), strict=True))
    return f"{name:<14}{told}  {not_taken or ''}".rstrip()


def _three(ordered: Sequence[float]) -> tuple[float, float, float]:
    return quantile(ordered, 0.5), quantile(ordered, 0.9), ordered[-1]


def _minutes(seconds: float) -> str:
    if seconds >= GIVEN_UP:
        return "> 1 h"
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _as_json(
    month: date, assumed: Assumed, waits: Sequence[Waited], spots: Sequence[WeakSpot], phones: Directory | None
) -> dict[str, Any]:
    return {
        "month": f"{month:%Y-%m}",
        "assumed": {
            "contacts_per_night": assumed.contacts,
            "rings_taken": assumed.answering.rings,
            "texts_answered": assumed.answering.texts,
            "seed": assumed.seed,
            "in_words": assumptions(assumed),
        },
        "nights": [
            {
                "night": wait.night.isoformat(),
                "median_seconds": wait.median,
                "p90_seconds": wait.p90,
                "longest_seconds": wait.longest,
                "not_taken_within_an_hour": wait.not_taken,
                "breaches": list(wait.breaches),
            }
            for wait in waits
        ],
        "weak_spots": [{"kind": spot.kind, "where": spot.tier, "told": spot.told} for spot in spots],
        "telephones_looked_at": phones is not None,
    }
