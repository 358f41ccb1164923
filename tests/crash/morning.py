"""A morning of everything that is no case: notices, a request in the rota, tasks, a STOP, a picture of a family.

The same world, carrier and rules of telling as the night; what is compared is every row of the register and the
enclosures but for their times and tries. Deliberately not here: publishing an edition.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from oncall.adapters.enclosures.sqlite import SqliteEnclosures
from oncall.adapters.rehearsal.sample_ward import PHONE_BOOK
from oncall.core import notices as moves
from oncall.core.case.messages import Channel
from oncall.core.notices import About, Choice, Notice, Standing
from oncall.core.rota import requests
from oncall.core.rota.requests import Kind, Request
from oncall.service.messenger import Messenger
from oncall.service.ports.enclosures import KeptEnclosure
from tests.crash.night import BEGINS, MUM, House, Parts, end, open_house, outcome, until

QUESTION = "drill-question"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(20_000)
SPAN = (BEGINS + timedelta(days=8), BEGINS + timedelta(days=8, hours=12))
ROWS = {
    "notices": "SELECT about_kind, about_ref, person, channel, standing FROM notices",
    "tasks": "SELECT id, title, done_by FROM tasks",
    "rota_requests": "SELECT * FROM rota_requests",
    "numbers": "SELECT * FROM numbers",
    "enclosures": "SELECT name, case_id, media_type, body FROM enclosures",
    "audit": "SELECT DISTINCT who, what FROM audit WHERE who <> 'sample ward'",
}


@dataclass
class Morning:
    """The house of the night, with what sees to the rest."""

    house: House
    messenger: Messenger
    enclosures: SqliteEnclosures

    async def hears_an_answer(self, notice: Notice) -> None:
        """Whoever asked writes down what follows; told again after a crash, it is written once."""
        title = f"{notice.person} says {notice.meaning}"
        await self.house.register.leave_task(f"heard-{notice.id}", title, BEGINS + timedelta(hours=9), "the drill")


def _question(person: str) -> Notice:
    choices = (Choice("1", "yes"), Choice("2", "no"))
    about = About(QUESTION, person)
    return Notice(about, PHONE_BOOK[person], Channel.SMS, "Are you there? {1} yes, {2} no.", "maria", person, choices)


async def asks(morning: Morning) -> bool:
    tells = Notice(About("drill-news", "ben"), PHONE_BOOK["ben"], Channel.VOICE, "The drill begins.", "maria", "ben")
    return len(await morning.messenger.order(_question("ana"), _question("dia"), tells)) == 3


async def answers(morning: Morning) -> bool:
    """By the slot, as the door would: the first digit counts, a repeat of it changes nothing."""
    [asked] = [one for one in await morning.messenger.answers(About(QUESTION, "ana"))]
    at = morning.house.clock.now()
    moved = await morning.messenger.change(asked.id, partial(moves.answered, digit="1", reply_sid="SM-ana", at=at))
    return moved is not None and moved.standing is Standing.ANSWERED


async def gives_a_night_away(morning: Morning) -> bool:
    """Asked twice after a crash, it is one request: who asks sees what is open already."""
    shelf, at = morning.house.register.rota_requests, morning.house.clock.now()
    if await shelf.open_requests():
        return True
    entry = requests.Entry(requests.Move.ASK, "ben", BEGINS, "")

    def make(id: str) -> Request:
        asked, tier = ("ana",), "pump-team/primary"
        return Request(id, Kind.GIVE, tier, "ben", SPAN, asked, "ben", BEGINS, BEGINS, entries=(entry,))

    return at >= BEGINS and (await shelf.add_request(make, "ben")).is_open


async def takes_it(morning: Morning) -> bool:
    shelf = morning.house.register.rota_requests
    [request] = await shelf.open_requests()
    change = partial(requests.accepted, taker="ana", who="ana", at=BEGINS)
    if request.taker:
        return True
    moved = await shelf.change_request(request.id, change, "ana")
    return moved is not None and moved.taker == "ana"


async def says_stop(morning: Morning) -> bool:
    await morning.house.register.set_stopped(MUM, True, BEGINS)
    await morning.house.register.finish_task(f"heard-{_question('ana').id}", "maria")
    return True


async def sends_a_picture(morning: Morning) -> bool:
    await morning.enclosures.keep(KeptEnclosure("case-1", "ME1", "image/png", PICTURE), BEGINS)
    await morning.enclosures.keep(KeptEnclosure("case-1", "ME2", "image/png", PICTURE[::-1]), BEGINS)
    await morning.enclosures.forget("ME1")
    return True


STORY: tuple[tuple[str, timedelta, Callable[[Morning], Any]], ...] = (
    ("asks", timedelta(seconds=0), asks),
    ("answers", timedelta(seconds=30), answers),
    ("gives", timedelta(minutes=1), gives_a_night_away),
    ("takes", timedelta(minutes=2), takes_it),
    ("stop", timedelta(minutes=3), says_stop),
    ("picture", timedelta(minutes=4), sends_a_picture),
)
ENDS = timedelta(minutes=10)


async def live(folder: Path) -> dict[str, Any]:
    """One life, from where the world stands to the end of the morning; what it came to."""
    async with AsyncExitStack() as stack:
        morning = await _opened(folder, stack)
        house = morning.house
        await house.clock.settle()
        for event, after, tell in STORY:
            await until(house, BEGINS + after)
            if not house.world.was_told(event):
                house.world.note("told", event=event, heard=await tell(morning))
                await house.clock.settle()
        await until(house, BEGINS + ENDS)
        return await outcome(house) | {"rows": rows_of(folder / "oncall.db")}


async def _opened(folder: Path, stack: AsyncExitStack) -> Morning:
    house = await open_house(folder, Parts(), stack)
    kept = SqliteEnclosures(folder / "oncall.db", house.clock.now)
    stack.push_async_callback(kept.close)
    messenger = Messenger(house.register.notices, house.desk, house.carrier, house.register, house.clock)
    morning = Morning(house, messenger, kept)
    messenger.hears(QUESTION, morning.hears_an_answer)
    house.clock.busy = [house.busy, messenger.busy]
    stack.push_async_callback(end, asyncio.create_task(messenger.run()))
    return morning


def rows_of(path: Path) -> dict[str, list[str]]:
    """Sorted, long bodies by their hash."""
    with closing(sqlite3.connect(path)) as file:
        return {name: sorted(map(_told, file.execute(sql))) for name, sql in ROWS.items()}


def _told(row: tuple[Any, ...]) -> str:
    return repr([hashlib.sha256(one).hexdigest() if isinstance(one, bytes) else one for one in row])
