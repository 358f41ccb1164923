"""Publish when proven: whoever comes on answers a test page first, and only then the edition goes into force.

By text and call together, then the second telephone. A yes of everybody asked publishes in the coordinator's name,
exactly what was looked at; a no, silence, or any other change meanwhile publishes nothing, and the coordinator is told
at once. Each look reads the row and does what is missing (law 3). Deliberately not here: the row's moves (core), what
is asked (`proving_words`), guards (the desk), and who may do it (pages).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

import structlog

from oncall.core.case.facts import Directory
from oncall.core.notices import About, Notice
from oncall.core.people import Hospital
from oncall.core.rota.edits import EditRefused
from oncall.core.rota.waiting import WAITS, State, Waiting, ended, who_comes_on
from oncall.service.messenger import Messenger
from oncall.service.people.second_phone import at_the_next_number
from oncall.service.ports.journal import Edition, HandbookSource, Journal
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota import proving_words as words
from oncall.service.rota.desk import FASTER, PublishRefused, RotaDesk
from oncall.service.rota.drafts import Draft, edits_to_json
from oncall.service.rota.preview import Preview
from oncall.service.telling import told_coordinators, written_to

KIND, TOLD = "rota-proving", "rota-proving-ended"
CHANGED = "The draft or the rota has changed since."
log = structlog.get_logger("rota")


class WaitingShelf(Protocol):
    """Where waiting editions are kept: audited rows of the register; `who` stands in the audit."""

    async def begin(self, waiting: Waiting) -> Waiting | None:
        """None while another of the same draft waits."""
        ...

    async def change(self, id: str, move: Callable[[Waiting], Waiting], who: str) -> Waiting | None:
        """Read, move and keep in one write; None for an unknown id."""
        ...

    async def get(self, id: str) -> Waiting | None: ...

    async def open(self) -> list[Waiting]:
        """Oldest first."""
        ...

    async def newest_of(self, author: str) -> Waiting | None: ...


class WhenProven:
    """See the module. `tell` tells whom a published change concerns."""

    def __init__(
        self,
        shelf: WaitingShelf,
        rota_desk: RotaDesk,
        journal: Journal,
        messenger: Messenger,
        register: Register,
        handbooks: HandbookSource,
        clock: Timepiece,
        hospital: Hospital,
        tell: Callable[[Preview, Edition], Awaitable[None]],
        new_id: Callable[[], str],
    ) -> None:
        self.shelf = shelf
        self._rota_desk, self._journal, self._messenger = rota_desk, journal, messenger
        self._register, self._handbooks, self._clock, self._hospital = register, handbooks, clock, hospital
        self._tell_of, self._new_id = tell, new_id
        self._one_at_a_time = asyncio.Lock()
        messenger.hears(KIND, self._heard)

    # --- what a coordinator does -------------------------------------------------------------------------------------

    async def begin(self, found: Preview, reason: str, by: str) -> Waiting:
        """Test pages go out now; `found` is what was looked at. Raises PublishRefused."""
        at, people = self._clock.now(), who_comes_on(found.moves, self._clock.now())
        if against := (*found.against(reason, "", by), *await self._unreachable(people)):
            raise PublishRefused(against)
        made = Waiting(
            self._new_id(), found.draft.author, by, found.newest, _held(found.draft), people, at, at + WAITS,
            reason.strip(),
        )  # fmt: skip
        waiting = await self.shelf.begin(made)
        if waiting is None:
            raise PublishRefused(["A test page is out for this draft already: wait for its answer, or take it back."])
        return await self._go_on(waiting)

    async def cancel(self, id: str, by: str) -> Waiting | None:
        """Nothing is published; None for an unknown one."""
        waiting = await self.shelf.get(id)
        if waiting is None:
            return None
        async with self._one_at_a_time:
            await self._messenger.withdraw(KIND, id)
            return await self.shelf.change(id, partial(ended, state=State.CANCELLED, at=self._clock.now()), by)

    async def _unreachable(self, people: tuple[str, ...]) -> list[str]:
        if not people:
            return ["Nobody comes on the first two tiers within two hours: there is nobody to ask."]
        known = (await self._register.directory()).clinicians
        without = [one for one in people if one not in known or not known[one].phones]
        return [f"{known[one].name if one in known else one} has no telephone to be asked on." for one in without]

    # --- what is heard, and what time does ---------------------------------------------------------------------------

    async def _heard(self, notice: Notice) -> None:
        """A test page was answered, or came to nothing; told again after a crash."""
        waiting = await self.shelf.get(notice.about.reference)
        if waiting is not None and waiting.is_open:
            await self._go_on(waiting)

    async def look(self) -> None:
        for waiting in await self.shelf.open():
            await self._go_on(waiting)

    async def _go_on(self, waiting: Waiting) -> Waiting:
        """What is missing now; safe to repeat."""
        async with self._one_at_a_time:
            waiting = await self.shelf.get(waiting.id) or waiting
            if not waiting.is_open:
                return waiting
            asked = await self._messenger.answers(About(KIND, waiting.id))
            refused = next((one for one in asked if one.meaning == words.NO), None)
            agreed = {one.person for one in asked if one.meaning == words.YES}
            if await self._is_published(waiting):
                return await self._end(waiting, State.PUBLISHED)
            if await self._is_overtaken(waiting):
                return await self._end(waiting, State.OVERTAKEN, CHANGED)
            if refused is not None:
                return await self._end(waiting, State.DECLINED, await self._named(words.DECLINED, refused.person))
            if agreed >= set(waiting.people):
                return await self._publish(waiting)
            await self._hush(asked, agreed)
            if self._clock.now() >= waiting.until:
                silent = tuple(one for one in waiting.people if one not in agreed)
                return await self._end(waiting, State.LAPSED, await self._named(words.SILENT, *silent))
            return await self._ask(waiting, asked)

    async def _is_overtaken(self, waiting: Waiting) -> bool:
        editions, draft = await self._journal.editions(), await self._rota_desk.draft(waiting.author)
        return editions[0].name != waiting.base or _held(draft) != waiting.edits

    async def _is_published(self, waiting: Waiting) -> bool:
        """A crash may lie between publishing and keeping that it was published."""
        reason = words.reason(waiting, await self._register.directory(), self._hospital)
        editions = await self._journal.editions()
        return any(one.reason == reason and one.author == waiting.by and one.at >= waiting.asked_at for one in editions)

    async def _hush(self, asked: list[Notice], agreed: set[str]) -> None:
        """Who has said yes is not rung any more while others are asked still."""
        for one in asked:
            if one.person in agreed:
                await self._messenger.take_back(one)

    async def _ask(self, waiting: Waiting, asked: list[Notice]) -> Waiting:
        directory = await self._register.directory()
        for id in waiting.people:
            person = directory.clinicians.get(id)
            if person is None:
                return await self._end(waiting, State.REFUSED, f"{id} is not of the team any more.")
            if any(one.person == id for one in asked):
                again = at_the_next_number(asked, person, waiting.until)
                await self._messenger.order(*([again] if again else []))
            else:
                found = await self._rota_desk.preview(waiting.author)
                about, now = About(KIND, waiting.id), self._clock.now()
                pages = words.test_pages(waiting, person, about, found, directory, now)
                await self._messenger.order(*pages)
        return waiting

    async def _publish(self, waiting: Waiting) -> Waiting:
        """What was looked at, or nothing."""
        try:
            found = await self._rota_desk.preview(waiting.author)
            if found.newest != waiting.base or _held(found.draft) != waiting.edits:
                return await self._end(waiting, State.OVERTAKEN, CHANGED)
            if against := found.against(waiting.reason, "", waiting.by):
                raise PublishRefused(against)
            reason = words.reason(waiting, await self._register.directory(), self._hospital)
            edition = await self._rota_desk.publish_seen(found, reason, by=waiting.by)
        except (PublishRefused, EditRefused) as problem:
            state = State.OVERTAKEN if FASTER in str(problem) else State.REFUSED
            return await self._end(waiting, state, " ".join(str(problem).split("\n")))
        await self._tell_safely(found, edition)
        return await self._end(waiting, State.PUBLISHED)

    async def _tell_safely(self, found: Preview, edition: Edition) -> None:
        """It is in force whether or not anybody can be told."""
        try:
            await self._tell_of(found, edition)
        except Exception as problem:  # around one edition's news
            log.error("nobody could be told of an edition", reason=type(problem).__name__)

    # --- the end -----------------------------------------------------------------------------------------------------

    async def _end(self, waiting: Waiting, state: State, note: str = "") -> Waiting:
        """No answer counts any more, the coordinator is told, and then it is kept: a crash in between repeats it."""
        await self._messenger.withdraw(KIND, waiting.id)
        directory, now = await self._register.directory(), self._clock.now()
        await self._messenger.order(*self._news(waiting, state, note, directory))
        move = partial(ended, state=state, at=now, note=note)
        return await self.shelf.change(waiting.id, move, words.THE_LINE) or waiting

    def _news(self, waiting: Waiting, state: State, note: str, directory: Directory) -> list[Notice]:
        """At once to whoever pressed the button; what was not published also to the other coordinators."""
        about, now = About(TOLD, waiting.id), self._clock.now()
        told = words.news(waiting, state, note, directory)
        known = directory.clinicians.get(waiting.by)
        own = written_to(known, about, told, words.THE_LINE) if known else None
        first = [own] if own is not None else []
        if state is State.PUBLISHED:
            return first
        handbook = self._handbooks.current()
        hours = handbook.table.hours
        return [*first, *told_coordinators(directory, handbook.rota, hours, about, told, words.THE_LINE, now)]

    async def _named(self, sentence: str, *people: str) -> str:
        known = (await self._register.directory()).clinicians
        return sentence.format(" and ".join(known[one].name if one in known else one for one in people))


def _held(draft: Draft) -> str:
    """What a draft holds, to compare with."""
    return hashlib.sha256(edits_to_json(draft.edits).encode()).hexdigest()
