"""The page behind the link of a page: one screen on a clinician's phone, where one button takes the case.

Opening it changes nothing, because previews and scanners open links; only the buttons act, through the one table of
digits (RULINGS 5). Taking needs no sign-in, since waiting is worse; what the family said is shown only to who knows
the last four digits of the paged phone. A shared phone may say that it knows, sees no details, and takes a case
only with a clinician's own digits (RULINGS 4). Deliberately not here: what the acts do (`core.case.holding`).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import structlog
from aiohttp import web

from oncall.adapters.web.asker import looking_at
from oncall.adapters.web.cases.board_pages import reader
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import see_other, show
from oncall.core.case.case import Case, Page, Status
from oncall.core.case.commands import Acknowledge, Command, ConfirmInformed, HandOverTo, Resolve, SayBack, TakeFrom
from oncall.core.case.facts import Facts
from oncall.core.case.handover import LINES, colleagues, is_offered_to
from oncall.core.case.holding import OUTCOMES
from oncall.core.people import Clinician
from oncall.service.telephone.replies import SERVICES, action_command

TRIES = 5
COOKIE = "seen"
COOKIE_LIVES = 12 * 3600  # seconds
HOW = "on the page"
TAKES = frozenset("12")
ACTS = frozenset({*"123456789", "33"})
NEEDED = {"yes": True, "no": False}
HANDS = frozenset({"give", "take", "line"})

log = structlog.get_logger("page")


@dataclass(slots=True)
class Tries:
    """Wrong digits per page. It only limits guessing: losing it at a restart costs nobody a page."""

    wrong: dict[str, int] = field(default_factory=dict)

    def left(self, page: str) -> int:
        return TRIES - self.wrong.get(page, 0)

    def miss(self, page: str) -> None:
        self.wrong[page] = self.wrong.get(page, 0) + 1


TRIES_KEY = web.AppKey("tries", Tries)


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that is known: its case, its page, and whose page it is."""

    case: Case
    page: Page
    person: Clinician


async def show_page(request: web.Request) -> web.Response:
    """GET and HEAD /p/{token}: looks, never acts."""
    given, opened = request.app[GIVEN], await _opened(request)
    log.info("page opened", case=opened.case.id)
    read, tries = reader(given), request.app[TRIES_KEY]
    seen = opened.case.is_open and _has_seen(request, given, opened.page)
    if seen:
        looking_at(request, opened.case.id, opened.person.id)
    return show(
        request,
        "page_link.html",
        row=await read.row(opened.case),
        person=opened.person,
        page=opened.page,
        acts=acts_for(given, opened),
        said=SAID.get(request.query.get("said", "")),
        card=await read.card(opened.case) if seen else None,
        story=[line for line in await read.story(opened.case.id) if line.kind != "clocks"] if seen else (),
        tries_left=tries.left(opened.page.id),
        services=SERVICES,
        outcomes=OUTCOMES,
        colleagues=await _paged_people(given, opened.case) if opened.person.is_shared else (),
        takers=await _takers(given, opened),
        lines=LINES,
        enclosures_at=f"{request.path}/enclosures",
    )


async def case_if_seen(request: web.Request) -> Case | None:
    """The open case behind this link, for who has shown the paged phone's digits."""
    given, opened = request.app[GIVEN], await _opened(request)
    return opened.case if opened.case.is_open and _has_seen(request, given, opened.page) else None


async def act_on_page(request: web.Request) -> web.Response:
    """POST /p/{token}: one of the digits, the last four of the phone, or a shared phone's word."""
    given, opened = request.app[GIVEN], await _opened(request)
    try:
        typed = {name: str(value) for name, value in (await request.post()).items()}
    except (UnicodeDecodeError, ValueError, LookupError):
        raise Problem(400, "unreadable-form", "The form could not be read. Go back and press again.") from None
    act = typed.get("act", "")
    if opened.person.is_shared:
        return await _shared(request, given, opened, act, typed)
    if act == "see":
        return _see(request, given, opened, typed.get("digits", "").strip())
    if act in HANDS:
        return await _do(request, given, opened, _hands(opened, act, typed), act)
    if act not in ACTS:
        raise Problem(400, "unknown-act", "This button is not known. Go back and press again.")
    detail = typed.get("detail", "")
    detail = "3" if act == "33" else detail
    command = action_command(opened.case.id, opened.person.id, act[0], detail, HOW, opened.page.id)
    if isinstance(command, Resolve):
        command = replace(command, needed=NEEDED.get(typed.get("needed", "")))
    return await _do(request, given, opened, command, act)


async def _opened(request: web.Request) -> Opened:
    given = request.app[GIVEN]
    known = await given.journal.page_by_token(request.match_info["token"])
    case = await given.journal.case(known.case) if known else None
    page = case.page(known.page) if known and case else None
    person = (await given.register.directory()).clinicians.get(page.person) if page else None
    if case is None or page is None:
        raise Problem(404, "no-such-page", "This link is not known. If you were paged, reply with the text's digits.")
    if person is None:
        raise Problem(403, "left-the-team", "You are not on the team's list any more. Please call the operator.")
    return Opened(case, page, person)


# --- acting --------------------------------------------------------------------------------------------------------


async def _do(request: web.Request, given: Given, opened: Opened, command: Command, act: str) -> web.Response:
    before = opened.case
    written = await given.desk.take(command)
    return see_other(f"{request.path}?said={_said(before, written.case, written.answer, act)}")


def _said(before: Case, after: Case, answer: Mapping[str, object], act: str) -> str:
    """What came of it, as a word of SAID; the page itself shows how the case stands."""
    if before.status is Status.CLOSED:
        return "closed"
    if answer.get("say_back"):
        return "say-back"
    if "late" in answer:
        return "late"
    if answer.get("refused"):
        return "not-yours"
    if act == "9" and after.status is Status.HELD:
        return "undo-late"
    if act == "7" and after.status is not Status.CLOSED:
        return "outcome"
    return f"done-{act}"


def _hands(opened: Opened, act: str, typed: Mapping[str, str]) -> Command:
    """The case changes hands: offered to a colleague, said back, or taken from the one whom the button names."""
    case, person = opened.case, opened.person.id
    if act == "give":
        return HandOverTo(case.id, person, typed.get("person", ""), HOW)
    if act == "line":
        return SayBack(case.id, person, typed.get("line") or typed.get("ready", ""), HOW)
    return TakeFrom(case.id, person, typed.get("person", ""), HOW, opened.page.id)


async def _shared(
    request: web.Request, given: Given, opened: Opened, act: str, typed: Mapping[str, str]
) -> web.Response:
    if act == "know":
        return await _do(request, given, opened, ConfirmInformed(opened.case.id, opened.page.id, HOW), "know")
    if act != "code":
        raise Problem(400, "unknown-act", "This button is not known. Go back and press again.")
    tries = request.app[TRIES_KEY]
    code = typed.get("code", "").strip()
    page = opened.case.page_of(typed.get("person", ""))
    told = f"{page.slot}" if page and page.slot is not None else None
    if told is None or tries.left(opened.page.id) <= 0 or code[:-1] != told or code[-1:] not in TAKES:
        tries.miss(opened.page.id)
        return see_other(f"{request.path}?said=wrong-code")
    taker = page.person if page else ""
    how = f"digits told to the {opened.person.name.lower()}"
    return await _do(request, given, opened, Acknowledge(opened.case.id, taker, how, page.id if page else None), "code")


def acts_for(given: Given, opened: Opened) -> frozenset[str]:
    """The digits that make sense now; the desk judges again when one is pressed."""
    case, holder = opened.case, opened.case.holder
    mine = holder is not None and holder.person == opened.person.id
    if not case.is_open:
        return frozenset()
    if opened.person.is_shared:
        return frozenset({"know", "code"}) if case.status is not Status.HELD else frozenset()
    if case.status is Status.HELD and not mine:
        return frozenset({"line", "3"}) if is_offered_to(case, opened.person.id) else frozenset({"take"})
    nobody_to_ring = frozenset("158") if case.phone is None else frozenset()
    if not mine or holder is None or case.status is not Status.HELD:
        return frozenset({"1", "2"} if opened.page.declined else {"1", "2", "3", "33"}) - nobody_to_ring
    undo = given.clock.now() - holder.at <= case.pinned.waits.undo
    interpreter = {"8"} if given.hospital.interpreter else set()
    return frozenset({*("345679" if undo else "34567"), *interpreter, "give"}) - nobody_to_ring


async def _paged_people(given: Given, case: Case) -> list[tuple[str, str]]:
    known = (await given.register.directory()).clinicians
    asked = [page.person for page in case.pages if not page.informs and page.slot is not None]
    return [(person, known[person].name) for person in asked if person in known]


async def _takers(given: Given, opened: Opened) -> list[tuple[str, str]]:
    """To whom the holder may hand it over."""
    facts = Facts(await given.register.directory())
    known = colleagues(opened.case, facts, given.handbooks.current(), given.clock.now())
    return [(person.id, person.name) for person in known]


# --- seeing --------------------------------------------------------------------------------------------------------


def _see(request: web.Request, given: Given, opened: Opened, digits: str) -> web.Response:
    """The last four digits of the paged phone, five tries (RULINGS 10)."""
    tries = request.app[TRIES_KEY]
    endings = {phone.number[-4:] for phone in opened.person.phones}
    right = any(hmac.compare_digest(digits.encode("utf-8", "replace"), ending.encode()) for ending in endings)
    if tries.left(opened.page.id) <= 0 or not right:
        tries.miss(opened.page.id)
        return see_other(f"{request.path}?said=wrong-digits")
    answer = see_other(request.path)
    answer.set_cookie(
        COOKIE,
        _proof(given, opened.page),
        path=request.path,
        max_age=COOKIE_LIVES,
        httponly=True,
        secure=given.hospital.public_url.startswith("https"),
        samesite="Lax",
    )
    return answer


def _has_seen(request: web.Request, given: Given, page: Page) -> bool:
    shown = request.cookies.get(COOKIE, "").encode("utf-8", "replace")
    return hmac.compare_digest(shown, _proof(given, page).encode())


def _proof(given: Given, page: Page) -> str:
    """Only the hospital can make it, and it is good for this page alone."""
    return hmac.new(given.hospital.secret, f"details|{page.id}".encode(), hashlib.sha256).hexdigest()


SAID = {
    "done-1": "You have it. We ring you now and connect you with the family.",
    "done-2": "You have it. Call the family; they have been told to expect you.",
    "done-3": "Passed on. The next person is being paged.",
    "done-4": "The service is being paged. You keep the case.",
    "done-5": "We ring you now and then connect the family.",
    "done-6": "Noted: the family has been reached.",
    "done-7": "The case is closed. Thank you.",
    "done-33": "Noted: this page was not for you. The next person is being paged.",
    "done-8": "We ring you now, then an interpreter, then the family.",
    "done-give": "Offered. You keep the case until your colleague has said it back.",
    "done-line": "You have it now. Your colleague is clear.",
    "done-take": "You have it now. Your colleague is told.",
    "say-back": "The case is offered to you: say back one line of what you take over. Nothing was changed.",
    "done-9": "Undone. The case is back in the chain.",
    "done-know": "Noted that you know. We keep ringing the clinicians.",
    "done-code": "Noted. That clinician has the case.",
    "late": "Somebody else took it before you. Nothing to do.",
    "closed": "This case is closed. Nothing was changed.",
    "not-yours": "This case is not yours. Nothing was changed.",
    "undo-late": "It is too late to undo. You can pass it on.",
    "outcome": "Choose an outcome to close the case. Nothing was changed.",
    "wrong-digits": "These are not the last four digits of the phone that was paged.",
    "wrong-code": "These are not the three digits of that clinician's page. Nothing was changed.",
}
