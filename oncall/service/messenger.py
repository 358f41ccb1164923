"""The messenger: brings staff what is told or asked outside of cases.

Like the dispatcher it writes an attempt before the carrier is asked and the outcome after (law 5), and its duties are
rows (law 3). Every page goes first: a notice waits while a message of a case is owed, a test also while its recipient
is being paged, and a test that rings is stopped when a page for that person is ordered. Whoever ordered a notice hears
how it ended, at least once. Deliberately not here: reading answers (`notice_answers`), and what they lead to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

import structlog

from oncall.core import notices as moves
from oncall.core.case.case import Status
from oncall.core.case.messages import Channel, Outcome, Progress, Verdict
from oncall.core.notices import About, Notice, Standing
from oncall.core.triage.assessment import Urgency
from oncall.service.desk import Desk
from oncall.service.ports.carrier import Pager
from oncall.service.ports.journal import Written
from oncall.service.ports.register import Notices, Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.telephone.phone_marks import note_refusal

LIMIT = timedelta(seconds=10)  # the carrier's time limit of one call
PAGES_FIRST = timedelta(seconds=1)  # until it is asked again whether a page waits
AFTER_TROUBLE = timedelta(seconds=5)
HANDS = 4  # so many at once
Hears = Callable[[Notice], Awaitable[None]]

log = structlog.get_logger("messenger")


class Messenger:
    """See the module. `order`, `withdraw`, `answers` and `hears` are what other features use."""

    def __init__(self, notices: Notices, desk: Desk, pager: Pager, register: Register, clock: Timepiece) -> None:
        self.notices = notices
        self._desk, self._pager, self._register, self._clock = desk, pager, register, clock
        self._ears: dict[str, list[Hears]] = {}
        self._woken = asyncio.Event()
        self._resting = False
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._minds_pages = False  # a test is held back or rings: what the desk writes may change that
        desk.listeners.append(self._desk_wrote)

    # --- for those who order -----------------------------------------------------------------------------------

    async def order(self, *wanted: Notice) -> list[Notice]:
        """Each is written down and will be sent; one that is known already stands as it is."""
        placed = [await self._place(notice) for notice in wanted]
        self._woken.set()
        return placed

    async def withdraw(self, kind: str, reference: str) -> None:
        """What of this is still open is not sent any more, and no answer to it counts."""
        for notice in await self.notices.about(kind, reference):
            await self.take_back(notice)

    async def take_back(self, notice: Notice) -> None:
        """The same for one; a telephone that rings for it falls silent."""
        if notice.is_open:
            await self.change(notice.id, partial(moves.withdrawn, at=self._clock.now()))
        if notice.is_ringing and notice.sid is not None:
            await self._within_limit(self._pager.stop(notice.sid))

    async def readdress(self, notice: Notice) -> None:
        """Its number is no more: to the present one of the same person, or nowhere. After a crash in between the same
        one is ordered again, which is nothing."""
        person = (await self._register.directory()).clinicians.get(notice.person)
        is_text = notice.channel is Channel.SMS
        phones = [phone for phone in person.phones if phone.can_be_texted or not is_text] if person else []
        if phones and not moves.is_about_its_number(notice):
            await self.order(moves.readdressed(notice, phones[0].number))
        await self.take_back(notice)

    async def answers(self, about: About) -> list[Notice]:
        """Every notice about this, as it stands; oldest first."""
        return await self.notices.about(about.kind, about.reference)

    def hears(self, kind: str, listener: Hears) -> None:
        """`listener` is told of every notice of this kind that was answered, ran out, failed or was withdrawn.

        After a crash it may be told again. One that raises is told again soon.
        """
        self._ears.setdefault(kind, []).append(listener)

    async def change(self, notice_id: str, move: Callable[[Notice], Notice]) -> Notice | None:
        """One move of one notice; whoever waits for it is woken."""
        moved = await self.notices.change(notice_id, move)
        self._woken.set()
        return moved

    async def _place(self, wanted: Notice) -> Notice:
        """No page has the same slot: a page ordered after the claim sees it, one before is seen here."""
        placed = await self.notices.put(wanted, await self._page_slots(wanted))
        while placed.slot is not None and placed.attempts == 0:
            taken = await self._page_slots(placed)
            if placed.slot not in taken:
                break
            placed = await self.notices.reslot(placed.id, taken) or placed
        return placed

    async def _page_slots(self, notice: Notice) -> frozenset[int]:
        pages = await self._desk.journal.pages_of(notice.person) if notice.needs_slot else []
        return frozenset(page.slot for page in pages if page.slot is not None)

    # --- the loop ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Look for ever; cancelled at the end of the house."""
        try:
            while True:
                self._woken.clear()
                next_at = await self._look_safely()
                if self._woken.is_set():
                    continue
                self._resting = True
                try:
                    await self._clock.sleep_until(next_at, self._woken)
                finally:
                    self._resting = False
        finally:
            for task in self._under_way.values():
                task.cancel()

    def busy(self) -> int:
        """Whoever waits at the pager's gate is counted there."""
        awake = 0 if self._resting and not self._woken.is_set() else 1
        return awake + len(self._under_way)

    async def _look_safely(self) -> datetime | None:
        try:
            return await self.look()
        except Exception as problem:  # around one look: the next one asks again
            log.error("notices could not be looked at", exc_info=problem)
            return self._clock.now() + AFTER_TROUBLE

    async def look(self) -> datetime | None:
        """Everything that is due; when to look again if nobody wakes us."""
        self._minds_pages = False
        times = [await self._see_to(notice) for notice in await self.notices.open()]
        for notice in await self.notices.unheard():
            times.append(await self._tell(notice))
        return min((at for at in times if at is not None), default=None)

    async def _see_to(self, notice: Notice) -> datetime | None:
        """One open notice; when it wants to be looked at again."""
        now = self._clock.now()
        if moves.lapsed(notice, now) != notice:
            await self.change(notice.id, partial(moves.lapsed, at=now))
            return None
        if notice.id in self._under_way:
            return None  # its end wakes us
        if notice.is_test and notice.is_ringing:
            return await self._stop_if_paged(notice)
        if notice.standing is not Standing.OWED:
            return moves.changes_at(notice)
        if notice.not_before is not None and notice.not_before > now:
            return _first(notice.not_before, moves.changes_at(notice))
        return await self._begin(notice)

    async def _begin(self, notice: Notice) -> datetime | None:
        if await self._is_held_back(notice):
            self._minds_pages = True
            return moves.changes_at(notice)  # the end of the page wakes us
        if len(self._under_way) >= HANDS or await self._pages_wait():
            return self._clock.now() + PAGES_FIRST
        task = asyncio.create_task(self._send_safely(notice))
        self._under_way[notice.id] = task
        return None

    async def _tell(self, notice: Notice) -> datetime | None:
        try:
            for listener in self._ears.get(notice.about.kind, ()):
                await listener(notice)
            await self.notices.change(notice.id, moves.heard)
        except Exception as problem:  # around one notice: it is told again
            log.error("the end of a notice was not heard", notice=notice.id, exc_info=problem)
            return self._clock.now() + AFTER_TROUBLE
        return None

    # --- pages go first --------------------------------------------------------------------------------------------

    def _desk_wrote(self, written: Written) -> None:
        if self._minds_pages:
            self._woken.set()

    async def _pages_wait(self) -> bool:
        """Whether a message of a case may be sent now, or stands at the pager's gate."""
        if self._pager.waiting() > 0:
            return True
        owed_at = await self._desk.journal.next_owed()
        return owed_at is not None and owed_at <= self._clock.now()

    async def _is_held_back(self, notice: Notice) -> bool:
        """A test never rings beside an emergency of its recipient, nor beside a page that nobody has taken."""
        if not notice.is_test or not notice.person or notice.channel is Channel.MAIL:
            return False
        for page in await self._desk.journal.pages_of(notice.person):
            case = await self._desk.journal.case(page.case) if page.open else None
            if case is not None and (case.pace is Urgency.EMERGENCY or case.status is Status.PAGING):
                return True
        return False

    async def _stop_if_paged(self, notice: Notice) -> datetime | None:
        """A test that rings gives the telephone back to a real page; a call that was answered is left alone."""
        self._minds_pages = True
        if notice.sid is None or not await self._is_held_back(notice):
            return moves.changes_at(notice)
        outcome = await self._within_limit(self._pager.stop(notice.sid))
        if outcome.verdict is not Verdict.ACCEPTED:
            return self._clock.now() + PAGES_FIRST
        await self.change(notice.id, partial(moves.put_off, at=self._clock.now()))
        return None

    # --- one notice --------------------------------------------------------------------------------------------------

    async def _send_safely(self, notice: Notice) -> None:
        try:
            await self._send(notice)
        except Exception as problem:  # around one notice: it is owed still, and looked at again
            log.error("notice not sent", notice=notice.id, exc_info=problem)
            await self._clock.sleep_until(self._clock.now() + PAGES_FIRST)
        finally:
            self._under_way.pop(notice.id, None)
            self._woken.set()

    async def _send(self, notice: Notice) -> None:
        """Its turn, attempt, hand over, outcome; whether it is still wanted is asked at the last moment."""
        await self._pager.turn(moves.message_of(notice))
        if await self._is_held_back(notice):
            return
        if await self._register.is_retired(notice.to):
            await self.readdress(notice)
            return
        if not await self._may_be_told(notice):
            nobody = Outcome(Verdict.REFUSED_FOR_GOOD)
            await self.notices.change(notice.id, partial(moves.handed_over, outcome=nobody, at=self._clock.now()))
            return
        begun = await self.notices.change(notice.id, partial(moves.attempted, at=self._clock.now()))
        if begun is None or begun.standing is not Standing.OWED:
            return
        outcome = await self._within_limit(self._hand_over(begun))
        await self.notices.change(notice.id, partial(moves.handed_over, outcome=outcome, at=self._clock.now()))
        if notice.channel is not Channel.MAIL:
            await note_refusal(self._register, notice.to, outcome.code, self._clock.now())

    async def _may_be_told(self, notice: Notice) -> bool:
        """Nobody who has left since it was ordered, and no text to a number that has said STOP since."""
        people = (await self._register.directory()).clinicians
        if notice.person and notice.person not in people:
            return False
        family = None if notice.person else await self._register.caller(notice.to)
        phones = [phone for person in people.values() for phone in person.phones if phone.number == notice.to]
        phones += [family.phone] if family else []
        return notice.channel is not Channel.SMS or all(phone.can_be_texted for phone in phones)

    async def _hand_over(self, notice: Notice) -> Outcome:
        """A repeat first looks whether an earlier try went out; another notice with the same words is none."""
        message = moves.message_of(notice)
        if notice.attempts > 1 and notice.attempted_at is not None:
            found = await self._pager.find(message, notice.attempted_at)
            others = {other.sid for other in await self.notices.of_person(notice.person) if other.id != notice.id}
            if found is not None and found.sid not in others:
                return found
        return await self._pager.send(message, notice.attempts)

    async def _within_limit(self, asked: Awaitable[Outcome]) -> Outcome:
        try:
            async with asyncio.timeout(LIMIT.total_seconds()):
                return await asked
        except TimeoutError:
            log.warning("carrier did not answer in time")
        except Exception as problem:  # around one message: whatever broke, it is tried again
            log.error("hand-over failed", exc_info=problem)
        return Outcome(Verdict.REFUSED_FOR_NOW)

    async def progress(self, notice_id: str, progress: Progress, sid: str | None, code: int | None) -> None:
        """The carrier's status of a notice; only forward (law 4)."""
        at = self._clock.now()
        moved = await self.change(notice_id, partial(moves.progressed, progress=progress, sid=sid, code=code, at=at))
        if moved is not None and progress.went_wrong:
            await note_refusal(self._register, moved.to, code, at)


def _first(*times: datetime | None) -> datetime | None:
    return min((at for at in times if at is not None), default=None)


def newest(notices: Iterable[Notice]) -> Notice | None:
    """The one ordered last."""
    return max(notices, key=lambda notice: (notice.ordered_at is not None, notice.ordered_at), default=None)
