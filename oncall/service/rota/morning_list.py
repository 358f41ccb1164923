"""Who is on, told each morning at 07:05 to coordinators and to shared telephones such as the operator's.

Names and tiers, no patient; coordinators also read how much waits on the calendar of dangers and among the tasks.
Whoever has an address gets it by e-mail, the others as a text; the list is on the board as well. Ordered at the first
look after 07:05, so a house that starts late still tells it. Deliberately not here: who is on (`core.rota.on_call`),
and what waits (`what_waits`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta

import structlog

from oncall.core.case.facts import Directory
from oncall.core.case.messages import Channel
from oncall.core.case.wording import named_hour
from oncall.core.notices import About, Notice
from oncall.core.people import Clinician, Hospital
from oncall.core.rota.hand_overs import paging_layers
from oncall.core.rota.on_call import Rota, Rotation, Shift, on_call_at
from oncall.core.wall_time import FOREVER, wall
from oncall.service.cases.board import name_of, tier_title
from oncall.service.messenger import Messenger
from oncall.service.ports.journal import HandbookSource
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.telling import text_number

KIND, BY = "who-is-on", "the morning list"
FROM, UNTIL = time(7, 5), time(11)
LEAVING = timedelta(minutes=15)  # who goes within this is not named beside the newcomer

log = structlog.get_logger("morning list")


class MorningList:
    """See the module."""

    def __init__(
        self,
        messenger: Messenger,
        register: Register,
        handbooks: HandbookSource,
        clock: Timepiece,
        hospital: Hospital,
        waiting: Callable[[], Awaitable[list[str]]],
    ) -> None:
        self._messenger, self._register, self._handbooks = messenger, register, handbooks
        self._clock, self._hospital, self._waiting = clock, hospital, waiting

    async def look(self) -> None:
        """Order today's list once it is time; again is nothing."""
        now, rota = self._clock.now(), self._handbooks.current().rota
        local = wall(now, rota.zone)
        if not FROM <= local.time() < UNTIL:
            return
        about, directory = About(KIND, local.date().isoformat()), await self._register.directory()
        known = {notice.person for notice in await self._messenger.answers(about)}
        readers = [person for person in _readers(directory) if person.id not in known]
        if not readers:
            return
        lines = who_is_on(rota, directory, now, self._hospital)
        head = f"On call, {local:%a} {local.day} {local:%b %H:%M}"
        waiting = await self._what_waits()
        told = (
            _list_for(person, about, head, [*lines, *waiting] if person.role == "coordinator" else lines)
            for person in readers
        )
        await self._messenger.order(*(notice for notice in told if notice is not None))

    async def _what_waits(self) -> list[str]:
        """For coordinators; the list of who is on goes out without it rather than not at all."""
        try:
            return await self._waiting()
        except Exception as problem:  # around an addition to the list
            log.error("what waits could not be told", exc_info=problem)
            return []


def who_is_on(rota: Rota, directory: Directory, now: datetime, hospital: Hospital) -> list[str]:
    """One line for each layer that pages; nobody is said, not left out."""
    return [
        f"{tier_title(rotation, layer)}: {_holders(rotation, layer, directory, now, hospital)}"
        for rotation, layer in paging_layers(rota)
    ]


def _holders(rotation: Rotation, layer: str, directory: Directory, now: datetime, hospital: Hospital) -> str:
    shifts = on_call_at(rotation, layer, now)
    staying = [shift for shift in shifts if shift.ends_at - now > LEAVING] or list(shifts)
    told = [f"{name_of(shift.person, directory)}{_until(shift, now, hospital)}" for shift in staying]
    return " and ".join(told) or "NOBODY"


def _until(shift: Shift, now: datetime, hospital: Hospital) -> str:
    return "" if shift.ends_at >= FOREVER else f" until {named_hour(shift.ends_at, now, hospital)}"


def _readers(directory: Directory) -> list[Clinician]:
    return [person for person in directory.clinicians.values() if person.role in ("coordinator", "shared")]


def _list_for(person: Clinician, about: About, head: str, lines: list[str]) -> Notice | None:
    if person.email:
        return Notice(about, person.email, Channel.MAIL, "\n".join([head, "", *lines]), BY, person=person.id)
    number = text_number(person)
    words = f"{head}. {'; '.join(lines)}."
    return Notice(about, number, Channel.SMS, words, BY, person=person.id) if number else None
