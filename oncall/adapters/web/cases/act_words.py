"""What came of an act on a case, as one line for the page that is shown after it.

The address carries a word and the case, never a sentence: what is said is made from how the case stands when the page
is shown, so an act that was no longer possible says what happened meanwhile. Deliberately not here: acting.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web

from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.rendering import day_and_hour
from oncall.core.case.case import Case, Status
from oncall.service.cases.board import BoardReader, CaseRow
from oncall.service.ports.journal import Written

Hour = Callable[[datetime], str]
STAYS = "Nothing was changed."
SAID = {
    "take": "You have #{code}. We ring you now and connect you with the family.",
    "call_later": "You have #{code}. Call the family; they have been told to expect you.",
    "pass": "#{code} is passed on. The next person is being paged.",
    "declined": "Noted: you do not take #{code} over. Your colleague keeps it.",
    "not_me": "Noted: this page was not for you. The next person is being paged.",
    "add": "The service is being paged for #{code}. The holder keeps the case.",
    "call_family": "We ring you now and then connect the family of #{code}.",
    "interpreter": "We ring you now, then an interpreter, then the family of #{code}.",
    "reached": "Noted: the family of #{code} has been reached.",
    "close": "#{code} is closed. Thank you.",
    "phrase": "Sent to the family of #{code}. That is no proof that they were reached.",
    "no_number": "Nobody of the family of #{code} has a number that we know. " + STAYS,
    "no_phrase": "This phrase is not in the edition in force any more. " + STAYS,
    "due": "Say by which day the follow-up of #{code} is due, and whose it is. " + STAYS,
    "undo": "Undone. #{code} is back in the chain.",
    "note": "Your note is kept on #{code}.",
    "give": "#{code} is offered. You keep it until your colleague has said it back.",
    "line": "You have #{code} now. Your colleague is clear.",
    "take_over": "You have #{code} now. Your colleague is told.",
    "say-back": "#{code} is offered to you: say back one line of what you take over. " + STAYS,
    "outcome": "Choose an outcome to close #{code}. " + STAYS,
    "empty": "There was nothing written. " + STAYS,
    "whom": "Choose a colleague of the team who has a telephone. " + STAYS,
    "undo-late": "It is too late to undo #{code}; pass it on instead. " + STAYS,
}
MEANWHILE = frozenset({"late", "closed", "refused"})


def address_of(back: str, case: Case, word: str) -> str:
    """Where to go after an act: `back` with what came of it."""
    return f"{back}?{urlencode({'said': word, 'of': case.id})}"


def word_for(act: str, before: Case, written: Written) -> str:
    """What came of it, as a word of SAID or MEANWHILE."""
    after, answer = written.case, written.answer
    if before.status is Status.CLOSED and act != "note":
        return "closed"
    if answer.get("say_back"):
        return "say-back"
    if "unsent" in answer:
        return str(answer["unsent"])
    if "late" in answer:
        return "late"
    if answer.get("refused"):
        return "refused"
    if act == "undo" and after.status is Status.HELD:
        return "undo-late"
    return act


async def said_on(request: web.Request, read: BoardReader) -> str:
    """The line above the page that was gone back to; empty without one."""
    word, of = request.query.get("said", ""), request.query.get("of", "")
    case = await read.find(of) if of and (word in SAID or word in MEANWHILE) else None
    if case is None:
        return ""
    now, zone = request.app[GIVEN].clock.now(), ZoneInfo(request.app[GIVEN].hospital.zone)
    return line_for(word, await read.row(case), lambda at: day_and_hour(at, now, zone))


def line_for(word: str, row: CaseRow, hour: Hour) -> str:
    """`word` about the case as it stands now."""
    if word not in MEANWHILE:
        return SAID[word].format(code=row.code)
    if row.closed:
        return f"#{row.code} was closed by {row.closer_name} at {hour(row.closed.at)}: {row.closed.outcome}. {STAYS}"
    if row.holder_name and row.held_since:
        return f"{row.holder_name} took #{row.code} at {hour(row.held_since)} and has it. {STAYS}"
    return f"Nobody has #{row.code}: take it first. {STAYS}"
