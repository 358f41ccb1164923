"""One night in a house that may lose its power, and the world outside that does not.

The world (the carrier, the mother, the attending) keeps one file to which it only adds, each line synced: what it was
handed, what it was told, what the hour is. The house is the shipped one on a SQLite file. A night may be played in
several lives; each goes on where the world stands. Deliberately not here: the cutting (`cutting`), wrong houses
(`wrong_houses`).
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from oncall.adapters.clock import VirtualClock
from oncall.adapters.handbook.files import load_handbook
from oncall.adapters.journal.sqlite import SqliteJournal
from oncall.adapters.register.reading import reads_for
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.adapters.rehearsal.sample_ward import LINE, OPERATOR, PHONE_BOOK, fill_sample
from oncall.core.case.entries import MessageAttempted
from oncall.core.case.messages import Channel, Message, Outcome, Verdict
from oncall.core.handbook import Handbook
from oncall.core.people import Hospital
from oncall.service.desk import Desk
from oncall.service.dispatch import Dispatcher
from oncall.service.intake import Intake, TextIn
from oncall.service.ports.journal import Journal
from oncall.service.ports.register import Register
from oncall.service.telephone.replies import Replies, StaffText
from oncall.service.watch import Watch

ROOT = Path(__file__).parents[2]
BEGINS = datetime(2026, 11, 25, 8, 4, tzinfo=UTC)  # Wednesday 03:04 in New York
HOSPITAL = Hospital("Lakeside Children's", "America/New_York", "911", OPERATOR, LINE, "http://127.0.0.1:1", b"secret")
MUM, DIA = PHONE_BOOK["mum of Leo"], PHONE_BOOK["dia"]
WORDS = "he is so itchy and stiff and very sleepy"
CLOCKS_DIFFER = timedelta(minutes=1)
SLOT = re.compile(r"Reply (\d\d)")


@cache
def handbook() -> Handbook:
    return load_handbook(ROOT / "rules", ROOT / "rotations")


class World:
    """The outside in one file; a power cut in the house takes nothing from it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.lines: list[dict[str, Any]] = []
        if path.exists():
            self.lines = [json.loads(line) for line in path.read_text().splitlines()]

    def note(self, what: str, **told: Any) -> None:
        line = {"what": what, **told}
        with self._path.open("a") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.lines.append(line)

    def of(self, what: str) -> Iterator[dict[str, Any]]:
        return (line for line in self.lines if line["what"] == what)

    @property
    def hour(self) -> datetime:
        return max((datetime.fromisoformat(line["at"]) for line in self.of("hour")), default=BEGINS)

    def was_told(self, event: str) -> bool:
        return any(line["event"] == event for line in self.of("told"))

    def newest_page_of(self, number: str) -> str:
        return next((line["body"] for line in reversed(list(self.of("sent"))) if _is_page(line, number)), "")


def _is_page(line: dict[str, Any], number: str) -> bool:
    return line["to"] == number and bool(SLOT.search(line["body"]))


class Carrier:
    """A Pager into the world's file: it accepts whatever it is handed and writes it down at once."""

    def __init__(self, world: World, clock: VirtualClock) -> None:
        self._world, self._clock = world, clock

    async def turn(self, message: Message) -> None:
        return None

    def waiting(self) -> int:
        return 0

    async def send(self, message: Message, attempt: int) -> Outcome:
        sid = f"{message.channel.value}-{len(self._world.lines)}"
        self._world.note(
            "sent",
            id=message.id,
            channel=message.channel.value,
            to=message.to,
            body=message.body,
            attempt=attempt,
            sid=sid,
            at=self._clock.now().isoformat(),
        )
        return Outcome(Verdict.ACCEPTED, sid)

    async def find(self, message: Message, since: datetime) -> Outcome | None:
        """As the real one: texts by their words, from a minute before the first attempt, calls not at all."""
        if message.channel is not Channel.SMS:
            return None
        newest_first = reversed(list(self._world.of("sent")))
        same = (line for line in newest_first if (line["to"], line["body"]) == (message.to, message.body))
        found = next((line for line in same if datetime.fromisoformat(line["at"]) >= since - CLOCKS_DIFFER), None)
        return Outcome(Verdict.ACCEPTED, found["sid"]) if found else None

    async def stop(self, sid: str) -> Outcome:
        self._world.note("stopped", sid=sid)
        return Outcome(Verdict.ACCEPTED, sid)

    async def close(self) -> None:
        return None


@dataclass
class Parts:
    """What a house is put together from; a wrong house has one wrong part."""

    journal: type[SqliteJournal] = SqliteJournal
    desk: Callable[[Journal, Any], Desk] = Desk
    watch: Callable[[Desk, VirtualClock], Watch] = Watch
    dispatcher: Callable[[Desk, Carrier, Register, VirtualClock, Callable[[], str]], Dispatcher] = Dispatcher


class OneHandbook:
    """A HandbookSource with one edition."""

    def current(self) -> Handbook:
        return handbook()


@dataclass
class House:
    world: World
    clock: VirtualClock
    journal: SqliteJournal
    register: SqliteRegister
    desk: Desk
    watch: Watch
    dispatcher: Dispatcher
    carrier: Carrier
    names: Names = field(default_factory=lambda: Names())

    def busy(self) -> int:
        return self.desk.under_way + self.watch.busy() + self.dispatcher.busy()

    @property
    def intake(self) -> Intake:
        return Intake(self.desk, self.register, self.clock, self.names)

    @property
    def replies(self) -> Replies:
        return Replies(self.desk, self.register, self.clock, self.names)


class Names:
    """Ids that depend only on what is being told, so that a night after a cut names its things as any other."""

    def __init__(self) -> None:
        self.begin("nobody")

    def begin(self, event: str) -> None:
        self._event, self._count = event, itertools.count(1)

    def __call__(self) -> str:
        return f"{self._event}{next(self._count)}"


async def open_house(folder: Path, parts: Parts, stack: AsyncExitStack) -> House:
    """The house on its file at the world's hour, its loops running."""
    world, path = World(folder / "world"), folder / "oncall.db"
    clock = VirtualClock(world.hour)
    register = SqliteRegister(path, HOSPITAL, clock)
    journal = parts.journal(path, reads_for(HOSPITAL), clock.now)
    stack.push_async_callback(register.close)
    stack.push_async_callback(journal.close)
    await fill_sample(register, BEGINS)
    desk = parts.desk(journal, OneHandbook())
    carrier = Carrier(world, clock)
    dispatcher = parts.dispatcher(desk, carrier, register, clock, lambda: "7")
    house = House(world, clock, journal, register, desk, parts.watch(desk, clock), dispatcher, carrier)
    clock.busy = [house.busy]
    for loop in (house.watch.run(), house.dispatcher.run()):
        stack.push_async_callback(end, asyncio.create_task(loop))
    return house


async def end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


# --- the story ----------------------------------------------------------------------------------------------------


async def mother_writes(house: House) -> bool:
    await house.intake.take_text(TextIn("SM-mother", MUM, WORDS))
    return True


async def mother_writes_again(house: House) -> bool:
    await house.intake.take_text(TextIn("SM-again", MUM, "please hurry he is worse"))
    return True


async def attending_replies(house: House, action: str) -> bool:
    """She answers the page she has read; without one there is nothing to answer."""
    page = SLOT.search(house.world.newest_page_of(DIA))
    person = await house.register.clinician_by_number(DIA)
    if page is None or person is None:
        return False
    await house.replies.take(person, StaffText(f"SM-{action}", DIA, f"{page[1]}{action}"))
    return True


STORY: tuple[tuple[str, timedelta, Callable[[House], Any]], ...] = (
    ("writes", timedelta(seconds=0), mother_writes),
    ("again", timedelta(seconds=100), mother_writes_again),
    ("takes", timedelta(minutes=4), lambda house: attending_replies(house, "2")),
    ("reaches", timedelta(minutes=6), lambda house: attending_replies(house, "6")),
    ("closes", timedelta(minutes=9), lambda house: attending_replies(house, "74")),
)
ENDS = timedelta(minutes=10)


async def live(folder: Path, parts: Parts) -> dict[str, Any]:
    """One life of the house, from where the world stands to the end of the night; what it came to."""
    async with AsyncExitStack() as stack:
        house = await open_house(folder, parts, stack)
        await house.clock.settle()
        for event, after, tell in STORY:
            await until(house, BEGINS + after)
            if not house.world.was_told(event):
                await _tell(house, event, tell)
        await until(house, BEGINS + ENDS)
        return await outcome(house)


async def _tell(house: House, event: str, tell: Callable[[House], Any]) -> None:
    """Whoever is told yes does not say it again; whoever is not, does (in the next life)."""
    house.names.begin(event)
    heard = await tell(house)
    house.world.note("told", event=event, heard=heard)
    await house.clock.settle()


async def until(house: House, at: datetime) -> None:
    """Pass time, the hour being noted outside at every stop, so that no life sees it go backwards."""
    while house.clock.now() < at:
        due = house.clock.next_deadline() or at
        house.world.note("hour", at=min(due, at).isoformat())
        await house.clock.pass_time(min(due, at) - house.clock.now())


async def outcome(house: House) -> dict[str, Any]:
    """Everything that a night leaves: the world's file and the house's own record."""
    cases = await house.journal.closed_cases(BEGINS, 100) + await house.journal.open_cases()
    entries = {case.id: await house.journal.entries(case.id) for case in cases}
    return {
        "audit": await house.journal.audit(),
        "cases": {case.id: [case.status.value, case.holder.person if case.holder else None] for case in cases},
        "entries": {
            case_id: Counter(type(one.entry).__name__ for one in recorded if not _repeats(one.entry))
            for case_id, recorded in entries.items()
        },
        "sent": list(house.world.of("sent")),
        "told": list(house.world.of("told")),
    }


def _repeats(entry: Any) -> bool:
    return isinstance(entry, MessageAttempted) and entry.attempt > 1
