"""What the store refused, kept beside it until it can be filed: nothing is dropped (law 1).

A contact that could not be stored goes raw into a file of its own; the hospital operator is rung past the store until a
person has heard of it; each quarter of a minute it is tried again through the same intake, under the same dedupe key,
and the file is emptied only after every commit. Killed between any two steps, it is tried once more, which adds
nothing. Deliberately not here: how a contact is taken in again (`kept_contacts`), the file, and the call.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Protocol

import structlog

from oncall.core.as_json import from_json, plain, to_json
from oncall.service.ports.journal import JournalRefused
from oncall.service.ports.timepiece import Timepiece

RING_AGAIN = timedelta(minutes=2)  # until somebody has pressed the key

log = structlog.get_logger("emergency journal")


class Door(Enum):
    """Where a contact came in; `TORN` is what a power cut left of one."""

    TEXT = "text"
    CALL = "call"
    RECORDING = "recording"
    ALARM = "alarm"
    UNREADABLE = "unreadable alarm"
    NEW_CALL = "new call"
    TORN = "torn"


@dataclass(frozen=True, slots=True)
class Contact:
    """One thing that reached us, raw. `told` is what its door took, as JSON: read by `kept_contacts`."""

    id: str
    at: datetime
    door: Door
    told: str


class Aside(Protocol):
    """The file. Everything raises OSError when the disk refuses."""

    def append(self, told: str) -> None:
        """On the disk when it returns."""
        ...

    def lines(self) -> tuple[list[str], list[str]]:
        """Whole lines, and what is left of torn ones."""
        ...

    def empty(self) -> None: ...


class LastResort(Protocol):
    """The way to the operator past the store."""

    async def ring(self, tells: Callable[[], Sequence[str]]) -> bool:
        """Whether the carrier took it. `tells` says, once a person listens, whom to call back. Never raises."""
        ...


class EmergencyJournal:
    """See the module. `again` files a contact as if it came now; `as_raw` keeps one whose reading fails."""

    def __init__(
        self,
        aside: Aside,
        clock: Timepiece,
        new_id: Callable[[], str],
        again: Callable[[Contact], Awaitable[None]],
        as_raw: Callable[[Contact], Awaitable[None]],
        operator: LastResort,
        aloud: Callable[[Sequence[Contact]], Sequence[str]],
    ) -> None:
        self._aside, self._clock, self._new_id = aside, clock, new_id
        self._again, self._as_raw, self._operator, self._aloud = again, as_raw, operator, aloud
        self._waiting: dict[str, Contact] = {}
        self._filed: set[str] = set()
        self._heard: set[str] = set()
        self._rung_at: datetime | None = None
        self._is_read = False
        self._one_at_a_time = asyncio.Lock()
        self._calls: set[asyncio.Task[None]] = set()
        self._looking = 0

    @property
    def waiting(self) -> list[Contact]:
        """What nobody has been paged for, oldest first."""
        return [contact for contact in self._waiting.values() if contact.id not in self._filed]

    def busy(self) -> int:
        return self._looking + len(self._calls)

    async def keep(self, door: Door, told: Any) -> bool:
        """Whether it is on the disk. It waits in memory in any case, and the operator is rung. Never raises."""
        contact = Contact(self._new_id(), self._clock.now(), door, json.dumps(plain(told), ensure_ascii=True))
        self._waiting[contact.id] = contact
        log.critical("a contact could not be stored", door=door.value, contact=contact.id)
        async with self._one_at_a_time:
            is_kept = await self._on_disk(contact)
        self._ring_soon()
        return is_kept

    async def _on_disk(self, contact: Contact) -> bool:
        try:
            await asyncio.to_thread(self._aside.append, to_json(contact))
        except OSError as problem:
            log.critical("nor could it be kept beside the store", contact=contact.id, problem=str(problem))
            return False
        return True

    async def look(self) -> None:
        """Try what waits, ring on while something does; at a start the file is read first."""
        self._looking += 1
        try:
            await self._read_once()
            await self._file_what_waits()
            if self.waiting:
                self._ring_soon()
        finally:
            self._looking -= 1

    async def _read_once(self) -> None:
        if self._is_read:
            return
        try:
            whole, torn = await asyncio.to_thread(self._aside.lines)
        except OSError as problem:
            log.critical("what waits beside the store cannot be read", problem=str(problem))
            return  # tried again at the next look, and nothing is emptied before
        found = [self._whole(line) for line in whole] + [self._torn(line) for line in torn]
        self._waiting = {contact.id: contact for contact in found} | self._waiting
        self._is_read = True
        if found:
            log.critical("contacts wait beside the store", contacts=len(whole), torn=len(torn))

    def _whole(self, line: str) -> Contact:
        try:
            contact: Contact = from_json(Contact, line)
        except (ValueError, TypeError, KeyError):  # another program's line
            return self._torn(line)
        return contact

    def _torn(self, line: str) -> Contact:
        return Contact(hashlib.sha256(line.encode()).hexdigest()[:16], self._clock.now(), Door.TORN, json.dumps(line))

    async def _file_what_waits(self) -> None:
        for contact in self.waiting:
            try:
                await self._take(contact)
            except JournalRefused:
                return  # the store refuses still
            except Exception as problem:  # around one contact: it holds up no other, and is tried again
                log.error("nor raw", contact=contact.id, exc_info=problem)
                continue
            self._filed.add(contact.id)
            log.info("filed from beside the store", contact=contact.id)
        await self._empty()

    async def _take(self, contact: Contact) -> None:
        try:
            await self._again(contact)
        except JournalRefused:
            raise
        except Exception as problem:  # around one contact: a reading that fails must not keep it from a person
            log.error("could not be taken in as it came", contact=contact.id, exc_info=problem)
            await self._as_raw(contact)

    async def _empty(self) -> None:
        """Only when all of it is filed: whoever comes meanwhile is kept by the same lock."""
        async with self._one_at_a_time:
            if not self._is_read or not self._waiting or self.waiting:
                return
            done = set(self._filed)
            await asyncio.to_thread(self._aside.empty)  # what is kept meanwhile waits for this lock
            self._waiting = {name: contact for name, contact in self._waiting.items() if name not in done}
            self._filed -= done

    # --- the operator ------------------------------------------------------------------------------------------

    def _tell(self) -> Sequence[str]:
        """A person has pressed the key: all that waits, and it counts as heard."""
        self._heard |= {contact.id for contact in self.waiting}
        return self._aloud(self.waiting)

    def _ring_soon(self) -> None:
        """In a task of its own: whoever is on the line must not wait for the carrier."""
        now, unheard = self._clock.now(), {contact.id for contact in self.waiting} - self._heard
        if unheard and (self._rung_at is None or now - self._rung_at >= RING_AGAIN):
            self._rung_at = now
            task = asyncio.create_task(self._ring(now), name="operator past the store")
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)

    async def _ring(self, at: datetime) -> None:
        if not await self._operator.ring(self._tell) and self._rung_at == at:
            self._rung_at = None  # nobody took it: at the next look

    async def nothing_waits(self) -> str | None:
        """What the vigil says of it."""
        count = len(self.waiting)
        return f"{count} contacts could not be stored and wait beside the store." if count else None
