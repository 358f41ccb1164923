"""The buttons of the board and of the case page: the signed-in clinician acts in their own name.

The same commands through the same desk as a reply, a key or the page's link. A form says which state of the case it was
made from, so that pressing it twice counts once; an act that is no longer possible changes nothing and says what
happened meanwhile. Deliberately not here: what an act does (`core.case.holding`, `core.case.handover`) and how it
looks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from aiohttp import web

from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.cases.act_words import address_of, word_for
from oncall.adapters.web.cases.board_pages import case_of
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import see_other
from oncall.core.case.case import Case, FollowUp, Status
from oncall.core.case.commands import (
    Acknowledge,
    AddNote,
    AddService,
    CallFamily,
    Command,
    HandOverTo,
    PassOn,
    ReachFamily,
    Resolve,
    SayBack,
    SendPhrase,
    TakeFrom,
    Undo,
)
from oncall.core.case.handover import is_offered_to
from oncall.core.case.holding import CAUSES, OUTCOMES
from oncall.core.people import Clinician
from oncall.core.wall_time import first_pass
from oncall.service.telephone.replies import SERVICES

MAY_ACT = ("clinician",)
HOW = "on the page"
LONGEST_NOTE = 4000  # characters
LONGEST_TITLE = 200
NOON = time(12)  # a follow-up is due by then
BOARD = "/"


@dataclass(frozen=True, slots=True)
class Act:
    """One pressed button: who, on which case, and what the form says besides. `name` is what is said to have come of
    it, `owners` may be given a follow-up, `zone` is the hospital's."""

    name: str
    case: Case
    person: str
    fields: Mapping[str, str]
    owners: frozenset[str]
    zone: str

    @property
    def page(self) -> str | None:
        """The page by which this person was asked, if they were."""
        page = self.case.page_of(self.person)
        return page.id if page else None


async def act(request: web.Request) -> web.Response:
    """POST /cases/{case}/acts/{act}."""
    given, form = request.app[GIVEN], await read_form(request)
    name, case = request.match_info["act"], await case_of(request)
    fields = {key: typed(form, key) for key in form}
    back = BOARD if fields.get("back") == BOARD else f"/cases/{case.id}"
    if name not in COMMANDS:
        raise Problem(404, "unknown-act", "This button is not known. Go back and press again.")
    person, directory = await clinician(request, given), await given.register.directory()
    owners = frozenset(one.id for one in directory.clinicians.values() if not one.is_shared)
    one = Act(name, case, person.id, fields, owners, given.hospital.zone)
    command = COMMANDS[name](one)
    if isinstance(command, str):
        return see_other(address_of(back, case, command))
    written = await given.desk.take(command, key_of(one))
    if name == "close":
        await given.follow_ups.look()
    return see_other(address_of(back, case, word_for(_told(one), case, written)))


def acts_now(case: Case, me: Clinician | None, now: datetime, has_interpreter: bool = False) -> frozenset[str]:
    """The buttons that make sense for this person now; nobody on the team but a clinician has any."""
    holder = case.holder
    if me is None or me.role != "clinician":
        return frozenset()
    if not case.is_open:
        return frozenset({"note"})
    if holder is None or holder.person != me.id or case.status is not Status.HELD:
        return frozenset({"note", *_for_others(case, me)})
    can_undo = now - holder.at <= case.pinned.waits.undo
    rings = {"call_family", *({"interpreter"} if has_interpreter else ())} if case.phone else set()
    writes = {"phrase"} if case.phones else set()
    return frozenset(
        {"note", "reached", "close", "add", "give", "pass", *rings, *writes, *({"undo"} if can_undo else ())}
    )


def _for_others(case: Case, me: Clinician) -> set[str]:
    """Of a case that this person does not hold."""
    if case.status is Status.HELD:
        return {"line", "pass"} if is_offered_to(case, me.id) else {"take_over"}
    page, is_mine = case.page_of(me.id), case.holder is not None and case.holder.person == me.id
    passes = {"pass", "not_me"} if page is not None and not page.declined else set()
    take = {"take", "call_later"} if case.phone else {"call_later"}
    ends = {"reached", "close"} if is_mine else {"close"} if _is_a_task(case) else set()
    return {*take, "add", *passes, *ends}


def _is_a_task(case: Case) -> bool:
    """It waits for the morning and nobody has it: done is done, without taking it first."""
    return case.status is Status.WAITING and case.holder is None


async def clinician(request: web.Request, given: Given) -> Clinician:
    """The signed-in person on the team's list; 403 for who has left it, and for a shared telephone (RULINGS 4)."""
    person = (await given.register.directory()).clinicians.get(signed_in(request).person)
    if person is None or person.role != "clinician":
        raise Problem(403, "not-a-clinician", "Only a clinician of the team may do this. Nothing was done.")
    return person


def key_of(one: Act) -> str | None:
    """The same form sent twice is one delivery; a form without its state (an older page) is always a new one."""
    seen = one.fields.get("seen", "")
    if not seen:
        return None
    told = "\x1f".join(f"{key}={one.fields[key]}" for key in sorted(one.fields) if key not in ("csrf", "back"))
    digest = hashlib.sha256(told.encode()).hexdigest()[:32]
    return f"button:{one.person}:{one.case.id}:{one.name}:{digest}"


def _told(one: Act) -> str:
    """Passing on means two more things: an offered case is declined, and a page was not for this person."""
    if one.name != "pass":
        return one.name
    if is_offered_to(one.case, one.person):
        return "declined"
    return "not_me" if one.fields.get("not_me") else "pass"


# --- the commands; a word instead says what is missing ---------------------------------------------------------------


def _take(one: Act) -> Command | str:
    return Acknowledge(one.case.id, one.person, HOW, one.page, connect=True)


def _call_later(one: Act) -> Command | str:
    return Acknowledge(one.case.id, one.person, HOW, one.page)


def _take_over(one: Act) -> Command | str:
    return TakeFrom(one.case.id, one.person, one.fields.get("holder", ""), HOW, one.page)


def _pass(one: Act) -> Command | str:
    return PassOn(one.case.id, one.person, HOW, not_me=bool(one.fields.get("not_me")))


def _add(one: Act) -> Command | str:
    service = one.fields.get("service", "")
    return AddService(one.case.id, one.person, service, HOW) if service in SERVICES.values() else "empty"


def _give(one: Act) -> Command | str:
    to = one.fields.get("to", "")
    return HandOverTo(one.case.id, one.person, to, HOW) if to not in ("", one.person) else "whom"


def _line(one: Act) -> Command | str:
    return SayBack(one.case.id, one.person, one.fields.get("line", "").strip() or one.fields.get("ready", ""), HOW)


def _call_family(one: Act) -> Command | str:
    return CallFamily(one.case.id, one.person, HOW)


def _interpreter(one: Act) -> Command | str:
    return CallFamily(one.case.id, one.person, HOW, interpreter=True)


def _reached(one: Act) -> Command | str:
    return ReachFamily(one.case.id, one.person, HOW)


def _close(one: Act) -> Command | str:
    outcome = one.fields.get("outcome", "")
    if outcome not in OUTCOMES.values():
        return "outcome"
    cause, note = one.fields.get("cause", ""), one.fields.get("note", "")[:LONGEST_NOTE].strip()
    task = _follow_up(one)
    if isinstance(task, str):
        return task
    return Resolve(one.case.id, one.person, outcome, note, cause if cause in CAUSES else "", task)


def _follow_up(one: Act) -> FollowUp | str | None:
    """None where none is wanted; a word where its day or its owner is missing."""
    title, owner = one.fields.get("task", "")[:LONGEST_TITLE].strip(), one.fields.get("owner", "") or one.person
    if not title:
        return None
    try:
        day = date.fromisoformat(one.fields.get("due", ""))
    except ValueError:
        return "due"
    return FollowUp(title, first_pass(datetime.combine(day, NOON), one.zone), owner) if owner in one.owners else "due"


def _phrase(one: Act) -> Command | str:
    return SendPhrase(one.case.id, one.person, one.fields.get("phrase", ""), HOW)


def _undo(one: Act) -> Command | str:
    return Undo(one.case.id, one.person, HOW)


def _note(one: Act) -> Command | str:
    words = one.fields.get("words", "")[:LONGEST_NOTE].strip()
    return AddNote(one.case.id, one.person, words) if words else "empty"


COMMANDS: dict[str, Callable[[Act], Command | str]] = {
    "take": _take,
    "call_later": _call_later,
    "take_over": _take_over,
    "pass": _pass,
    "add": _add,
    "give": _give,
    "line": _line,
    "call_family": _call_family,
    "interpreter": _interpreter,
    "reached": _reached,
    "close": _close,
    "phrase": _phrase,
    "undo": _undo,
    "note": _note,
}
