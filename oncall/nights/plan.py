"""What a night brings, as a list that was drawn from one number and can be shortened.

An event is an hour, what happens, to whom, and with what. Everything that chance decides is decided here or follows
from the seed and the thing itself, so that leaving out one event changes nothing about the others: a failing night is
shrunk by leaving events out. Deliberately not here: drawing (`drawing`) and making it happen (`night`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

Detail = str | float


@dataclass(frozen=True, slots=True)
class Event:
    """`at` counts seconds from the beginning of the night."""

    at: float
    what: str
    who: str = ""
    detail: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class Answering:
    """How people are assumed to answer: which share of rings is picked up and taken, which share of texts within three
    minutes."""

    rings: float = 0.6
    texts: float = 0.2


@dataclass(frozen=True, slots=True)
class Plan:
    """`begins_at` is UTC. From `dawn` on (in seconds) every clinician answers and nothing goes wrong any more, so that
    a night comes to an end; it may last until `ends`. `until_taken` ends it as soon as every case was taken once. With
    `rounds` the house also looks after shifts, dates of patients and tasks."""

    seed: int
    zone: str
    begins_at: datetime
    dawn: float
    ends: float
    events: tuple[Event, ...]
    routes: int = 1
    answering: Answering | None = None
    until_taken: bool = False
    rounds: bool = False


def only(plan: Plan, numbers: Collection[int]) -> Plan:
    """The plan with these of its events, counted from 1; everybody in it stays who they are."""
    return replace(plan, events=tuple(event for n, event in enumerate(plan.events, 1) if n in numbers))


def numbers_of(shorter: Plan, plan: Plan) -> list[int]:
    """Which events of `plan` are left in a shorter one of the same order."""
    numbered, found = list(enumerate(plan.events, 1)), []
    for event in shorter.events:
        number = next(n for n, one in numbered if one == event and n > (found[-1] if found else 0))
        found.append(number)
    return found


def told(plan: Plan) -> list[str]:
    """The plan in words, one line an event, in the hospital's time."""
    zone = ZoneInfo(plan.zone)
    begins = plan.begins_at.astimezone(zone)
    lines = [f"seed {plan.seed}: {begins:%A %Y-%m-%d %H:%M} in {plan.zone}, {len(plan.events)} events"]
    for event in plan.events:
        at = (plan.begins_at + timedelta(seconds=event.at)).astimezone(zone)
        told_with = " ".join(str(part) if str(part) else '""' for part in event.detail)
        lines.append(f"  {at:%H:%M:%S}  {event.what:<10} {event.who:<13} {told_with}".rstrip())
    return lines
