"""The buttons of the board and of the case page: the signed-in clinician acts in their own name.

The same commands through the same desk as a reply, a key or the page's link. A form says which state of the case it
was made from, so that pressing it twice counts once; an act that is no longer possible changes nothing and says what
happened meanwhile. Deliberately not here: what an act does (`core.holding`, `core.handover`) and how it looks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from oncall.adapters.web.act_words import address_of, word_for
from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.board_pages import reader
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import see_other
from oncall.core.case import Case
from oncall.core.commands import (
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
    TakeFrom,
    Undo,
)
from oncall.core.handover import is_offered_to
from oncall.core.holding import OUTCOMES
from oncall.core.people import Clinician
from oncall.service.replies import SERVICES

MAY_ACT = ("clinician",)
HOW = "on the page"
LONGEST_NOTE = 4000  # characters
BOARD = "/"


@dataclass(frozen=True, slots=True)
class Act:
    """One pressed button: who, on which case, and what the form says besides. `name` is what is said to have come of
    it."""

    name: str
    case: Case
    person: str
    fields: Mapping[str, str]

    @property
    def page(self) -> str | None:
        """The page by which this person was asked, if they were."""
        page = self.case.page_of(self.person)
        return page.id if page else None


async def act(request: web.Request) -> web.Response:
    """POST /cases/{case}/acts/{act}."""
    given, form = request.app[GIVEN], await read_form(request)
    name, case = request.match_info["act"], await _case(request)
    fields = {key: typed(form, key) for key in form}
    back = BOARD if fields.get("back") == BOARD else f"/cases/{case.id}"
    if name not in COMMANDS:
        raise Problem(404, "unknown-act", "This button is not known. Go back and press again.")
    one = Act(name, case, (await clinician(request, given)).id, fields)
    command = COMMANDS[name](one)
    if isinstance(command, str):
        return see_other(address_of(back, case, command))
    written = await given.desk.take(command, key_of(one))
    return see_other(address_of(back, case, word_for(_told(one), case, written)))


async def clinician(request: web.Request, given: Given) -> Clinician:
    """The signed-in person on the team's list; 403 for who has left it, and for a shared telephone (RULINGS 4)."""
    person = (await given.register.directory()).clinicians.get(signed_in(request).person)
    if person is None or person.role != "clinician":
        raise Problem(403, "not-a-clinician", "Only a clinician of the team may do this. Nothing was done.")
    return person


async def _case(request: web.Request) -> Case:
    case = await reader(request.app[GIVEN]).find(request.match_info["case"])
    if case is None:
        raise Problem(404, "no-such-case", "There is no such case. Open the board to see the ones there are.")
    return case


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
    return Resolve(one.case.id, one.person, outcome, one.fields.get("note", "")[:LONGEST_NOTE].strip())


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
    "undo": _undo,
    "note": _note,
}
