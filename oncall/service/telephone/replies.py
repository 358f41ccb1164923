"""What a clinician's text means: slot and digit, or words with exactly one possible meaning.

The grammar is RULINGS 5: two digits of slot and one of action, so that a reply says which case it is about; a bare 1
or ok counts only with exactly one open page, at most ten minutes old. 8 calls with an interpreter; 0 and words change
hands (docs/decisions/0022). What cannot be read is echoed and kept as a
note on the held case, else it opens an urgent case: nothing is swallowed. Deliberately not here: what taking does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.core.case.case import Arrival, Case, Status
from oncall.core.case.commands import (
    Acknowledge,
    AddNote,
    AddService,
    CallFamily,
    Command,
    ConfirmInformed,
    HandOverTo,
    PassOn,
    ReachFamily,
    Resolve,
    SayBack,
    TakeFrom,
    TakeReport,
    TellStaff,
    Undo,
)
from oncall.core.case.facts import Facts
from oncall.core.case.handover import is_offered_to, named
from oncall.core.case.holding import OUTCOMES
from oncall.core.people import Clinician
from oncall.core.reports import Finding, Heard, Report, Source
from oncall.service.desk import Desk
from oncall.service.ports.journal import OpenPage, Written
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece

REPLY = re.compile(r"#?\s*(\d{2})\s*([1-9])\s*([1-6])?\s*[.!]?$")
CHANGES_HANDS = re.compile(r"#?\s*(\d{2})\s*0(?!\d{2})\s*(.*)$", re.DOTALL)
NOT_ME = frozenset({"not me", "not mine", "wrong person", "wrong number"})
TAKE_FROM = frozenset({"take", "take it"})
TAKE_WORDS = frozenset({"1", "ok", "okay", "ack", "got it", "yes", "y", "on it", "mine", "taking it"})
WHOLE_SECONDS = timedelta(seconds=1)  # the carrier's list tells no finer time
REACHED_WORDS = frozenset({"6", "reached", "spoke", "spoken"})
DONE_WORDS = frozenset({"7", "done", "close", "closed"})
SERVICES = {"1": "neurosurgery", "2": "neurocritical", "3": "anaesthesia-pain", "4": "complex-care"}


@dataclass(frozen=True, slots=True)
class StaffText:
    """A text from an enrolled clinician's phone; `sent_at` where it comes from the carrier's list; `is_asked` while a
    notice waits for this person's answer, so that a bare word may be meant for either (docs/decisions/0026)."""

    sid: str
    number: str
    body: str
    sent_at: datetime | None = None
    is_asked: bool = False


class Replies:
    """See the module."""

    def __init__(self, desk: Desk, register: Register, clock: Timepiece, new_id: Callable[[], str]) -> None:
        self._desk = desk
        self._register = register
        self._clock = clock
        self._new_id = new_id

    async def take(self, person: Clinician, text: StaffText) -> Written:
        """Answer every text from staff by a command on some case."""
        pages = [page for page in await self._desk.journal.pages_of(person.id) if _could_be_meant(page, text)]
        command = await self._meaning(person, text, pages)
        return await self._desk.take(command, f"text:{text.sid}")

    async def _meaning(self, person: Clinician, text: StaffText, pages: list[OpenPage]) -> Command:
        said = text.body.strip().lower()
        if match := CHANGES_HANDS.match(text.body.strip()):
            page = next((page for page in pages if page.slot == int(match[1])), None)
            if page is not None:
                return await self._changes_hands(person, text, page, match[2].strip())
        if match := REPLY.match(said):
            slot, action, detail = int(match[1]), match[2], match[3] or ""
            page = next((page for page in pages if page.slot == slot), None)
            if page is not None:
                return action_command(page.case, person.id, action, detail, "replied", page.page)
        if person.is_shared and said.rstrip(".!") in TAKE_WORDS and (page := _newest_open(pages)):
            return ConfirmInformed(page.case, page.page, "replied")
        return await self._bare(person, text, said.rstrip(".!"), [page for page in pages if page.open])

    async def _bare(self, person: Clinician, text: StaffText, said: str, open_pages: list[OpenPage]) -> Command:
        cases = [case for page in open_pages if (case := await self._desk.journal.case(page.case)) is not None]
        if said in NOT_ME and len(waiting_pages := _paging(open_pages, cases)) == 1:
            return PassOn(waiting_pages[0].case, person.id, "replied not me", not_me=True)
        held = next((c for c in cases if c.status is Status.HELD and c.holder and c.holder.person == person.id), None)
        waiting = _paging(open_pages, cases)
        if said in TAKE_WORDS and waiting:
            return self._bare_take(person, text, waiting, cases)
        if held is not None and said in REACHED_WORDS:
            return ReachFamily(held.id, person.id, "replied")
        if held is not None and said in DONE_WORDS:
            return Resolve(held.id, person.id, "")
        if held is not None:
            return AddNote(held.id, person.id, text.body)
        return self._opens_a_case(person, text)

    async def _changes_hands(self, person: Clinician, text: StaffText, page: OpenPage, rest: str) -> Command:
        """Slot and 0: the holder names a colleague, who says it back; anybody else takes it, having been told whose."""
        case = await self._desk.journal.case(page.case)
        holder = case.holder if case else None
        if case is None or holder is None:
            return TellStaff(page.case, person.id, text.number, "echo_nobody_has_it")
        if is_offered_to(case, person.id):
            return SayBack(case.id, person.id, rest, "replied")
        if holder.person == person.id:
            facts = Facts(await self._register.directory())
            to = named(rest, facts)
            if rest and to is None:
                return AddNote(case.id, person.id, text.body)  # no name that we know: nothing is swallowed
            return HandOverTo(case.id, person.id, to.id if to else "", "replied")
        if rest.lower().strip(".!") in TAKE_FROM:
            return TakeFrom(case.id, person.id, holder.person, "replied", page.page)
        name = (await self._register.directory()).clinicians.get(holder.person)
        blanks = (("name", name.name if name else holder.person),)
        return TellStaff(case.id, person.id, text.number, "echo_take_from", blanks)

    def _bare_take(self, person: Clinician, text: StaffText, waiting: list[OpenPage], cases: list[Case]) -> Command:
        page = waiting[0]
        fresh = self._clock.now() - page.ordered_at <= self._bare_limit(cases)
        if len(waiting) == 1 and fresh and not text.is_asked:
            return Acknowledge(page.case, person.id, "replied", page.page, bare=True)
        listed = ", ".join(f"{waited.slot}1" for waited in waiting if waited.slot is not None)
        blanks = (("count", str(len(waiting))), ("list", listed))
        return TellStaff(page.case, person.id, text.number, "echo_which", blanks)

    def _bare_limit(self, cases: list[Case]) -> timedelta:
        return cases[0].pinned.waits.bare_reply if cases else timedelta(0)

    def _opens_a_case(self, person: Clinician, text: StaffText) -> TakeReport:
        """Words from staff that fit no page: a person reads them (RULINGS 5)."""
        report = Report(self._new_id(), Source.STAFF, self._clock.now(), text.body, text.number)
        finding = Finding("unreadable", Heard.PRESENT, "a clinician's text that fits no page")
        return TakeReport(report, f"phone:{text.number}", Arrival.NEW_CALL, (finding,), number=text.number)


def action_command(case: str, person: str, action: str, detail: str, how: str, page: str | None = None) -> Command:
    """The one table of digits, for replies, keys and pages (RULINGS 5)."""
    match action:
        case "1":
            return Acknowledge(case, person, how, page, connect=True)
        case "2":
            return Acknowledge(case, person, how, page)
        case "3":
            return PassOn(case, person, how, not_me=detail == "3")
        case "4":
            return AddService(case, person, SERVICES.get(detail, "neurosurgery"), how)
        case "5":
            return CallFamily(case, person, how)
        case "6":
            return ReachFamily(case, person, how)
        case "8":
            return CallFamily(case, person, how, interpreter=True)
        case "7":
            return Resolve(case, person, OUTCOMES.get(detail, ""))
        case _:
            return Undo(case, person, how)


def _paging(pages: list[OpenPage], cases: list[Case]) -> list[OpenPage]:
    """The open pages whose case nobody has."""
    return [page for page, case in zip(pages, cases, strict=False) if case.status is Status.PAGING]


def _could_be_meant(page: OpenPage, text: StaffText) -> bool:
    """A text that reaches us late never answers a page that was ordered after it was written."""
    return text.sent_at is None or page.ordered_at <= text.sent_at + WHOLE_SECONDS


def _newest_open(pages: list[OpenPage]) -> OpenPage | None:
    return next((page for page in pages if page.open), None)
