"""Draws a night from one number: who calls, who sleeps, what breaks.

Every kind of trouble that the line must survive comes up; several at once on purpose. What was thought of later is
drawn elsewhere (`more`), so that a seed that once found something keeps its night. Deliberately not here: what the
events are made to do (`night`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from oncall.adapters.clock import Dice, dice
from oncall.nights.plan import Detail, Event, Plan
from oncall.nights.townspeople import HABITS
from oncall.nights.wards import EDITS

ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",
    "Europe/Berlin",
    "Australia/Lord_Howe",  # its summer is half an hour away
    "America/Santiago",  # its clocks change at midnight
    "Asia/Kathmandu",
)
EMERGENCY, URGENT, SAME_DAY, ANY = 3, 2, 1, -1

# What families write, and how urgent it is at least (rules of the shipped handbook; RULINGS 3 for what is unreadable).
WORDS: tuple[tuple[str, int], ...] = (
    ("he is not breathing", EMERGENCY),
    ("she won't wake up", EMERGENCY),
    ("he is so itchy and stiff and very sleepy", URGENT),
    ("his legs are like boards and he is burning up", URGENT),
    ("two tone alarm and his legs are like boards", URGENT),
    ("please hurry he is worse", URGENT),
    ("asdf qwoeiru zz", URGENT),
    ("", URGENT),
    ("😭😭", URGENT),
    ("está muy rígido y le pica todo", URGENT),
    ("ele está muito duro e com coceira", URGENT),
    ("li pa ka reveye", URGENT),
    ("\x00\u202e???", URGENT),
    ("HELP", URGENT),
    ("STOP", URGENT),
    ("his pump beeps, one tone every few seconds", SAME_DAY),
    ("can we move the appointment on friday", ANY),
    ("thank you so much", ANY),
    ("not sure", ANY),
    ("we called 911", ANY),
    ("1", ANY),
    ("2", ANY),
    ("3", ANY),
    ("0", ANY),
    ("wrong number", ANY),
    ("he " + "is stiff and " * 120 + "itchy", URGENT),
)
ALARMS: tuple[tuple[str, int], ...] = (
    ('{"event": "device_alarm", "tone": "two_tone", "device_serial": "SAMPLE001"}', URGENT),
    ('{"event": "device_alarm", "alarm_class": "critical", "alarm_reason": "motor_stall"}', URGENT),
    ('{"event": "device_alarm", "tone": "single_tone", "device_serial": "SAMPLE004"}', SAME_DAY),
    ('{"event": "status", "battery": "ok", "device_serial": "SAMPLE009"}', ANY),
    ('{"event": "device_alarm", "tone": "purple", "caller_note": "he is stiff"}', URGENT),
    ("not json at all", URGENT),
)
FAMILIES = (
    *(f"+161755501{n}" for n in (42, 43, 44, 45, 47, 48, 51, 52, 53, 54)),
    "+16175550199",  # nobody knows these
    "+16175550198",
    "+442079460000",
)
KEYS = ("", "0", "1", "2", "3", "8", "9", "*", "s:he is stiff and itchy", "s:hello", "s:no respira")
STAFF = ("ana", "ben", "cho", "dia", "eli", "fay", "gus")
ROTA_EDITS = tuple(EDITS)
POINTS = ("before commit", "after commit", "before sending", "after sending", "turn")
FAULTS: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("refuse", "any", (20429, 21610, 21211, 30006, 20003, 20500, 30007)),
    ("server_error", "any", ()),
    ("hang", "any", ()),
    ("accept_then_error", "any", ()),
    ("accept_then_hang", "any", ()),
    ("filter", "text", (30007, 30003, 30005, 21610)),
    ("vanish", "text", ()),
    ("lie_delivered", "text", ()),
    ("drop_callback", "any", ()),
    ("repeat_callback", "any", ()),
    ("swap_callbacks", "any", ()),
    ("delay_callback", "any", ()),
    ("delay_text", "text", ()),
    ("repeat_webhook", "any", ()),
    ("lose_webhook", "any", ()),
)


def first(seed: int, zone: str | None = None) -> Plan:
    """The night of this number, without what was thought of later."""
    roll = dice(f"night {seed}")
    where = roll.choice(ZONES)
    where = zone or where
    begins_at = _begins(roll, where)
    until = roll.choice((180.0, 420.0, 900.0))
    events = [*_people(roll, until), *_contacts(roll, until)]
    if roll.random() < 0.75:
        events += _troubles(roll, until)
    events.sort(key=lambda event: event.at)
    dawn = until + 60
    return Plan(seed, where, begins_at, dawn, dawn + 2400, tuple(events), routes=roll.choice((1, 1, 2)))


def _begins(roll: Dice, zone: str) -> datetime:
    """Any night; one in five around a change of the clocks, one in five around a hand-over."""
    day = datetime(2026, 1, 12, tzinfo=UTC) + timedelta(days=roll.randrange(700), seconds=roll.randrange(86_400))
    kind = roll.random()
    changes = changes_of_clocks(zone)
    if kind < 0.2 and changes:
        return roll.choice(changes) - timedelta(minutes=roll.randint(-5, 20))
    if kind < 0.4:
        hour = roll.choice((7, 8, 19, 21))
        local = day.astimezone(ZoneInfo(zone)).replace(hour=hour, minute=0, second=0, microsecond=0)
        return local.astimezone(UTC) - timedelta(minutes=roll.randint(0, 18))
    return day


@lru_cache(maxsize=32)
def changes_of_clocks(zone: str) -> tuple[datetime, ...]:
    """The instants of two years at which this zone's offset changes."""
    found, where = [], ZoneInfo(zone)
    at, end = datetime(2026, 1, 12, tzinfo=UTC), datetime(2027, 12, 1, tzinfo=UTC)
    while at < end:
        if at.astimezone(where).utcoffset() != (at + timedelta(days=1)).astimezone(where).utcoffset():
            while at.astimezone(where).utcoffset() == (at + timedelta(minutes=15)).astimezone(where).utcoffset():
                at += timedelta(minutes=15)
            found.append(at + timedelta(minutes=15))
            at += timedelta(days=1)
        at += timedelta(days=1)
    return tuple(found)


def _people(roll: Dice, until: float) -> list[Event]:
    """Everybody's habit at the beginning, and some that change; families who are rung."""
    events = [Event(0.0, "habit", person, (roll.choice(HABITS),)) for person in STAFF]
    for _ in range(roll.randint(0, 3)):
        events.append(Event(roll.uniform(30, until), "habit", roll.choice(STAFF), (roll.choice(HABITS),)))
    for _ in range(roll.randint(0, 2)):
        habit = roll.choice(("answers", "ignores", "voicemail"))
        events.append(Event(0.0, "family", roll.choice(FAMILIES), (habit,)))
    if roll.random() < 0.3:
        words = roll.choice(("STOP", "START", "1", "ok", "421", "99", "hello?", "7"))
        events.append(Event(roll.uniform(20, until), "says", roll.choice(STAFF), (words,)))
    return events


def _contacts(roll: Dice, until: float) -> list[Event]:
    """One family in trouble, sometimes more, some of whom do not stop writing."""
    events: list[Event] = []
    for _ in range(roll.choice((1, 1, 1, 2, 3))):
        at, number = roll.uniform(1, until * 0.6), roll.choice(FAMILIES)
        kind = roll.random()
        if kind < 0.55:
            events.append(text(roll, at, number))
            events += [text(roll, at + roll.uniform(1, until / 2), number) for _ in range(roll.choice((0, 0, 1, 3)))]
        elif kind < 0.85:
            keys: tuple[Detail, ...] = tuple(roll.choice(KEYS) for _ in range(roll.randint(0, 5)))
            events.append(Event(at, "call", roll.choice((number, number, "")), keys))
        else:
            body, floor = roll.choice(ALARMS)
            detail = (body, float(floor), f"a{roll.randrange(10_000)}", float(roll.choice((1, 1, 2, 3))))
            events.append(Event(at, "alarm", "bridge", detail))
    return events


def text(roll: Dice, at: float, number: str) -> Event:
    """A family writes something."""
    words, floor = roll.choice(WORDS)
    return Event(at, "text", number, (words, float(floor)))


def _troubles(roll: Dice, until: float) -> list[Event]:
    events: list[Event] = []
    for _ in range(roll.randint(0, 4)):
        kind, on, codes = roll.choice(FAULTS)
        detail = (kind, on, float(roll.choice((1, 1, 2, 5, 12))), float(roll.choice(codes)) if codes else 0.0)
        events.append(Event(roll.uniform(0, until), "fault", "carrier", (*detail, roll.choice((5.0, 30.0, 90.0)))))
    if roll.random() < 0.15:
        events.append(Event(roll.uniform(0, until), "outage", "carrier", (roll.choice((20.0, 90.0, 240.0)),)))
    for _ in range(roll.choice((0, 0, 1, 1, 2, 3))):
        detail = (roll.choice(POINTS), float(roll.randint(1, 40)), roll.choice((0.5, 5.0, 40.0, 200.0)))
        events.append(Event(roll.uniform(0, until), "crash", "house", detail))
    if roll.random() < 0.25:
        step = roll.choice((-7200.0, -3600.0, -300.0, -5.0, 5.0, 300.0, 3600.0, 90_000.0))
        events.append(Event(roll.uniform(0, until), "clock", "house", (step,)))
    if roll.random() < 0.25:
        how = roll.choice(("refuses", "silent", "next"))
        much = float(roll.randint(1, 6)) if how == "next" else roll.choice((2.0, 15.0, 70.0))
        events.append(Event(roll.uniform(0, until), "disk", "house", (how, much)))
    if roll.random() < 0.25:
        events.append(Event(roll.uniform(0, until), "rota", "coordinator", (roll.choice(ROTA_EDITS),)))
    return events
