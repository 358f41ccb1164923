"""What nights bring besides since it was thought of: presses on the board, tasks, dates, two pumps in one family.

Drawn with dice of its own and laid over the first draw. Deliberately not here: families, carrier and crashes as such
(`drawing`), and what the events are made to do (`night`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from oncall.adapters.clock import Dice, dice
from oncall.nights.drawing import ROTA_EDITS, STAFF, URGENT, first, text
from oncall.nights.on_the_board import PRESSES
from oncall.nights.plan import Event, Plan

POINTS = ("reading", "before keeping", "after keeping")
FAULTS = (("slow", "any"), ("no_conference", "call"))
OFTENER = ("obeys", "hands over", "undoes", "adds", "connects")  # habits
SIBLINGS, THEIR_PUMPS = "+16175550152", ("SAMPLE007", "SAMPLE008")


def draw(seed: int, zone: str | None = None) -> Plan:
    """The night of this number."""
    plan = first(seed, zone)
    roll = dice(f"more of night {seed}")
    until = plan.dawn - 60
    events = [*plan.events, *_acts(roll, until), *_troubles(roll, until)]
    plan = replace(plan, events=tuple(sorted(events, key=lambda event: event.at)))
    if roll.random() >= 0.3:
        return plan
    begins_at = _by_day(roll, plan) if roll.random() < 0.5 else plan.begins_at
    return replace(plan, rounds=True, begins_at=begins_at)


def _by_day(roll: Dice, plan: Plan) -> datetime:
    """Where dates and tasks become cases: around nine, or later on a day."""
    local = plan.begins_at.astimezone(ZoneInfo(plan.zone))
    minutes = roll.choice((roll.randint(-14, 0), roll.randint(-14, 0), roll.randint(0, 420)))
    return (local.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(minutes=minutes)).astimezone(UTC)


def _acts(roll: Dice, until: float) -> list[Event]:
    events: list[Event] = []
    for _ in range(roll.choice((0, 0, 0, 1, 2, 4))):
        events.append(Event(roll.uniform(20, until), "board", roll.choice(STAFF), (roll.choice(tuple(PRESSES)),)))
    if roll.random() < 0.15:
        events += _siblings(roll, until)
    if roll.random() < 0.15:
        late = roll.choice((-3600.0, 600.0, 3 * 3600.0, 30 * 3600.0))
        events.append(Event(roll.uniform(1, until / 2), "task", "maria", (f"t{roll.randrange(10_000)}", late)))
    for _ in range(roll.choice((0, 0, 1, 2))):
        events.append(Event(roll.uniform(0, until), "habit", roll.choice(STAFF), (roll.choice(OFTENER),)))
    if roll.random() < 0.1:
        events.append(Event(roll.uniform(0, until), "rota", "coordinator", (roll.choice(ROTA_EDITS),)))
    return events


def _siblings(roll: Dice, until: float) -> list[Event]:
    """A family with two pumps: their father writes, and one or both of the pumps alarm."""
    at = roll.uniform(1, until / 2)
    events = [text(roll, at, SIBLINGS)]
    for pump in THEIR_PUMPS[: roll.choice((1, 2, 2))]:
        body = f'{{"event": "device_alarm", "tone": "two_tone", "device_serial": "{pump}"}}'
        detail = (body, float(URGENT), f"b{roll.randrange(10_000)}", 1.0)
        events.append(Event(at + roll.uniform(0, 90), "alarm", "bridge", detail))
    return events


def _troubles(roll: Dice, until: float) -> list[Event]:
    events: list[Event] = []
    if roll.random() < 0.3:
        detail = (roll.choice(POINTS), float(roll.randint(1, 60)), roll.choice((0.5, 5.0, 40.0)))
        events.append(Event(roll.uniform(0, until), "crash", "house", detail))
    if roll.random() < 0.2:
        kind, on = roll.choice(FAULTS)
        told = (kind, on, float(roll.choice((1, 3, 9))), 0.0, roll.choice((1.0, 6.0, 9.5)))
        events.append(Event(roll.uniform(0, until), "fault", "carrier", told))
    if roll.random() < 0.1:
        events.append(Event(roll.uniform(0, until), "clock", "house", (roll.choice((-86_400.0, -61.0, 2.0, 1800.0)),)))
    return events
