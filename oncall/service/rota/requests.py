"""Swaps, leave, cover and "replace now": asked, answered, approved, published, or come to nothing.

Each state is a row, and every look does what is still missing for it, so that a restart loses nothing (law 3). Only
publishing changes who is on call: an edition by the approver's name, through the coordinators' desk and its guards.
Until then the holder is on, and who must be replaced now is paged together with whoever is asked and the next tier
(RULINGS 8). Deliberately not here: the table of moves and the words (core), what goes out (`request_notices`), what
can be asked (`request_checks`), and who may do it (pages).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Protocol

from oncall.core.case.case import Status
from oncall.core.case.commands import PassTime
from oncall.core.case.facts import Directory
from oncall.core.notices import About, Notice, Standing
from oncall.core.rota import requests as moves
from oncall.core.rota.on_call import called
from oncall.core.rota.requests import Kind, Move, Request, State
from oncall.service.desk import Desk
from oncall.service.messenger import Messenger
from oncall.service.ports.journal import HandbookSource
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota.desk import PublishRefused, RotaDesk
from oncall.service.rota.request_checks import Wanted, against, could_take
from oncall.service.rota.request_editions import RequestEditions
from oncall.service.rota.request_notices import QUESTION, YES, names_of, news, questions, to_coordinators

TOLD_AGAIN = timedelta(hours=1)  # for so long after its end it is seen to that everybody was told
Change = Callable[[Request], Request]
_GO_ON_WITHOUT = (Kind.ASK_ALL, Kind.REPLACE)  # the others, or the next, are asked


class RequestRefused(Exception):
    """Nothing was done; a sentence for each reason."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


class RequestShelf(Protocol):
    """Where requests are kept: audited rows of the register; `who` stands in the audit."""

    async def add_request(self, make: Callable[[str], Request], who: str) -> Request:
        """`make` is given the next free id, inside the write."""
        ...

    async def change_request(self, request_id: str, move: Change, who: str) -> Request | None:
        """Read, move and keep in one write; None for an unknown id."""
        ...

    async def request(self, request_id: str) -> Request | None: ...

    async def open_requests(self) -> list[Request]:
        """Oldest first."""
        ...

    async def requests(self, limit: int = 200) -> list[Request]:
        """Newest first."""
        ...


class RotaRequests:
    """See the module."""

    def __init__(
        self,
        shelf: RequestShelf,
        rota_desk: RotaDesk,
        messenger: Messenger,
        desk: Desk,
        register: Register,
        handbooks: HandbookSource,
        clock: Timepiece,
    ) -> None:
        self.shelf = shelf
        self._editions = RequestEditions(rota_desk, handbooks, clock)
        self._messenger, self._desk = messenger, desk
        self._register, self._handbooks, self._clock = register, handbooks, clock
        self._one_at_a_time = asyncio.Lock()
        messenger.hears(QUESTION, self._heard)

    # --- what people do ----------------------------------------------------------------------------------------------

    async def ask(self, wanted: Wanted, by: str) -> Request:
        """Written down, and asked at once. Raises RequestRefused."""
        now, directory = self._clock.now(), await self._register.directory()
        rota, known = called(self._handbooks.current().rota, names_of(directory)), await self.shelf.open_requests()
        if sentences := against(wanted, rota, directory, known, now):
            raise RequestRefused(*sentences)
        asked = self._whom(wanted, directory)
        if not asked and wanted.kind is Kind.ASK_ALL:
            raise RequestRefused("Nobody else of this rotation has a proven telephone: ask a coordinator.")
        entry = moves.Entry(Move.ASK, by, now, wanted.note)
        state = State.ACCEPTED if wanted.kind is Kind.LEAVE else State.ASKED

        def make(id: str) -> Request:
            return Request(
                id, wanted.kind, wanted.tier, wanted.holder, wanted.span, asked, by, now, now,
                back=wanted.back, note=wanted.note, state=state, entries=(entry,),
            )  # fmt: skip

        request = await self.shelf.add_request(make, by)
        return await self._go_on(request)

    async def answer(self, request_id: str, person: str, is_yes: bool, by: str, note: str = "") -> Request:
        """The answer of who was asked; entered by another when they said it by phone. Raises RequestRefused."""
        at = self._clock.now()
        change = partial(moves.accepted, taker=person, who=by, at=at, note=note)
        if not is_yes:
            change = partial(moves.refused_by, person=person, who=by, at=at, note=note)
        return await self._changed(request_id, change, by)

    async def approve(self, request_id: str, by: str, reason: str = "") -> Request:
        """A coordinator's word; published in the same act. Raises RequestRefused for what wants a reason, or is red."""
        request = await self.known(request_id)
        if not moves.may(request, Move.APPROVE):
            raise RequestRefused(f"It is {request.state.value}: there is nothing to approve.")
        red, yellow = await self.guards_of(request)
        if red and request.kind is Kind.LEAVE:
            raise RequestRefused(*red, "Put somebody else on first, then approve.")
        if red:
            return await self._changed(request_id, partial(self._made, Move.REFUSE, by, " ".join(red)), by)
        if yellow and not reason.strip():
            raise RequestRefused("Say why:", *yellow)
        return await self._changed(request_id, partial(self._made, Move.APPROVE, by, reason.strip()), by)

    async def decline(self, request_id: str, by: str, reason: str = "") -> Request:
        return await self._changed(request_id, partial(self._made, Move.DECLINE, by, reason.strip()), by)

    async def withdraw(self, request_id: str, by: str) -> Request:
        return await self._changed(request_id, partial(self._made, Move.WITHDRAW, by, ""), by)

    async def open_of(self, person: str) -> list[Request]:
        """What is open and cannot go on, or not as it is, without this person; the oldest first."""
        found = await self.shelf.open_requests()
        return [one for one in found if person in (one.holder, one.taker, *one.asked_now)]

    async def end_of(self, person: str, by: str) -> None:
        """They leave: what is theirs, or rests on them alone, is withdrawn; where others are asked too, they are out.

        Raises RequestRefused for one that is just being published.
        """
        for request in await self.open_of(person):
            is_one_of_several = person not in (request.holder, request.taker) and request.kind in _GO_ON_WITHOUT
            if is_one_of_several:
                await self.answer(request.id, person, False, by, "leaves the team")
            else:
                await self._changed(request.id, partial(self._made, Move.WITHDRAW, by, "leaves the team"), by)

    async def known(self, request_id: str) -> Request:
        """Raises KeyError for an unknown id."""
        request = await self.shelf.request(request_id)
        if request is None:
            raise KeyError(request_id)
        return request

    async def guards_of(self, request: Request) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What publishing it would break, red and yellow, as long as that is the question."""
        if request.state is not State.ACCEPTED:
            return (), ()
        async with self._one_at_a_time:
            return await self._editions.guards(request)

    def _made(self, move: Move, who: str, note: str, request: Request) -> Request:
        return moves.moved(request, move, who, self._clock.now(), note)

    async def _changed(self, request_id: str, change: Change, by: str) -> Request:
        before = await self.known(request_id)
        after = await self.shelf.change_request(request_id, change, by)
        assert after is not None, "requests are never deleted"
        if after == before:
            raise RequestRefused(f"Nothing was done: the request is {after.state.value}.")
        return await self._go_on(after)

    # --- what is heard, and what time does ---------------------------------------------------------------------------

    async def _heard(self, notice: Notice) -> None:
        """A question was answered, or cannot be answered any more; told again after a crash."""
        request = await self.shelf.request(notice.about.reference)
        if request is None:
            return
        if notice.standing is Standing.ANSWERED and notice.person in request.asked_now:
            try:
                await self.answer(request.id, notice.person, notice.meaning == YES, notice.person)
            except RequestRefused:
                return  # somebody was faster
        elif request.is_open:
            await self._go_on(request)

    async def look(self) -> None:
        """What has lapsed, whose turn is over, and whatever was left undone."""
        for request in await self.shelf.open_requests():
            await self._go_on(await self._after_time(request))
        at = self._clock.now()
        for request in await self.shelf.requests(50):
            if not request.is_open and request.entries and at - request.entries[-1].at <= TOLD_AGAIN:
                await self._go_on(request)

    async def _after_time(self, request: Request) -> Request:
        at = self._clock.now()
        if request.lapses_at > at or request.state is State.APPROVED:
            return request
        if request.kind is Kind.REPLACE and request.state is State.ASKED and at < request.span[1]:
            return await self._next_turn(request)
        lapse = partial(self._made, Move.LAPSE, moves.THE_LINE, "")
        return await self.shelf.change_request(request.id, lapse, moves.THE_LINE) or request

    async def _next_turn(self, request: Request) -> Request:
        """The next who could take it; when nobody is left it lapses, and the next tier stays with the holder."""
        rota, directory = self._handbooks.current().rota, await self._register.directory()
        found = could_take(rota, request.tier, request.span, directory, request.holder)
        person = next((one for one in found if one not in request.asked), None)
        change = partial(self._made, Move.LAPSE, moves.THE_LINE, "nobody is left to ask")
        if person is not None:
            change = partial(moves.asked_next, person=person, at=self._clock.now())
        await self._messenger.withdraw(QUESTION, request.id)
        return await self.shelf.change_request(request.id, change, moves.THE_LINE) or request

    # --- one state after the other -----------------------------------------------------------------------------------

    async def _go_on(self, request: Request) -> Request:
        """What this state still wants; safe to repeat."""
        async with self._one_at_a_time:
            request = await self.known(request.id)
            if request.state is State.ASKED and not request.asked_now:
                request = await self._next_turn(request)
            if request.state is State.ASKED:
                await self._ask_them(request)
            else:
                await self._messenger.withdraw(QUESTION, request.id)
            if request.state is State.ACCEPTED:
                request = await self._settle(request)
            if request.state is State.APPROVED:
                request = await self._publish(request)
            if not request.is_open:
                await self._close(request)
        return request

    async def _ask_them(self, request: Request) -> None:
        directory, handbook, now = await self._register.directory(), self._handbooks.current(), self._clock.now()
        asked = await self._messenger.answers(About(QUESTION, request.id))
        await self._messenger.order(*questions(request, directory, handbook, asked, now))
        if request.kind is Kind.REPLACE:
            await self._messenger.order(*to_coordinators(request, directory, handbook, now))
            await self._page_now()

    async def _page_now(self) -> None:
        """Whoever is being paged for an open case may be the one who cannot go on."""
        for case in await self._desk.journal.open_cases():
            if case.status is Status.PAGING:
                await self._desk.take(PassTime(case.id))

    async def _settle(self, request: Request) -> Request:
        """Everybody concerned has agreed: refused by a guard, approved without anybody, or a coordinator is asked."""
        directory, handbook, now = await self._register.directory(), self._handbooks.current(), self._clock.now()
        if request.kind is not Kind.REPLACE and await self._editions.is_drafted(request):
            await self._messenger.order(*to_coordinators(request, directory, handbook, now))
            return request  # looked at before: a coordinator has it
        red, yellow = await self._editions.guards(request)
        if red and request.kind is not Kind.LEAVE:
            change = partial(self._made, Move.REFUSE, moves.THE_LINE, " ".join(red))
        elif moves.is_automatic(request, not red and not yellow, now):
            why = "cannot wait" if request.kind is Kind.REPLACE else "nothing gets worse, more than 48 h ahead"
            change = partial(self._made, Move.APPROVE, moves.THE_LINE, why)
        else:
            await self._messenger.order(*to_coordinators(request, directory, handbook, now))
            return request
        return await self.shelf.change_request(request.id, change, moves.THE_LINE) or request

    async def _publish(self, request: Request) -> Request:
        """Published, refused by a guard after all, or left for the next look when others were faster."""
        try:
            edition = await self._editions.publish(request)
        except PublishRefused as problem:
            change = partial(self._made, Move.REFUSE, moves.THE_LINE, " ".join(problem.sentences))
        else:
            if not edition:
                return request
            change = partial(moves.published, edition=edition, at=self._clock.now())
        return await self.shelf.change_request(request.id, change, moves.THE_LINE) or request

    async def _close(self, request: Request) -> None:
        directory, handbook = await self._register.directory(), self._handbooks.current()
        await self._messenger.order(*news(request, directory, handbook, self._clock.now()))
        await self._editions.discard(request)
        if request.is_replacing:
            await self._page_now()

    def _whom(self, wanted: Wanted, directory: Directory) -> tuple[str, ...]:
        if wanted.kind in (Kind.SWAP, Kind.GIVE):
            return (wanted.whom,)
        if wanted.kind is Kind.LEAVE:
            return ()
        rota = self._handbooks.current().rota
        found = could_take(rota, wanted.tier, wanted.span, directory, wanted.holder)
        return found if wanted.kind is Kind.ASK_ALL else found[:1]
