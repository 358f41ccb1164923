"""The hospital's own pages: the live board, and the form for a call taken by hand.

Here a case is opened for a family that somebody has on the telephone (RULINGS 9). Deliberately not here: what is shown
(`service.cases.board`), the buttons (`acts`) and the page of a case (`pages`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import phonenumbers
from aiohttp import web

from oncall.adapters.web.asker import signed_in
from oncall.adapters.web.cases.act_words import said_on
from oncall.adapters.web.forms import read_form, typed
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import see_other, show
from oncall.core.case.case import Case
from oncall.core.emergency_numbers import is_emergency_number
from oncall.core.reports import Finding
from oncall.core.triage.questions import Question
from oncall.core.triage.rulebook import draw_from_answer
from oncall.service.cases.board import BoardReader
from oncall.service.line.emergency_journal import Door
from oncall.service.line.kept_contacts import TakenDown
from oncall.service.ports.journal import JournalRefused
from oncall.service.typed_cells import written_phone

LINKERS = frozenset({"clinician", "coordinator"})  # who may say that two cases are about one patient
NOT_PAGED = (
    "This could not be stored, and nobody of the pump team has been paged. Ring the doctor on call yourself, from the "
    "sheet beside the telephone, or call the hospital operator, {operator}."
)
KEPT = "What you wrote is kept, and it pages as soon as the store works again."
NOT_KEPT = "What you wrote is not on the disk either: write it on paper."
REGION = "US"  # numbers taken down without a country's code (the line's own country)


def reader(given: Given) -> BoardReader:
    return BoardReader(given.journal, given.register, given.handbooks, given.clock)


async def case_of(request: web.Request) -> Case:
    """The case that the address names, by id or code. Raises Problem 404."""
    case = await reader(request.app[GIVEN]).find(request.match_info["case"])
    if case is None:
        raise Problem(404, "no-such-case", "There is no such case. Open the board to see the ones there are.")
    return case


async def board(request: web.Request) -> web.Response:
    """GET /; with `part=live` only what changes."""
    read = reader(request.app[GIVEN])
    shown, said, line = await read.board(), await said_on(request, read), await request.app[GIVEN].line_states.now()
    return show(request, "board_live.html" if is_part(request) else "board.html", board=shown, line=line, said=said)


def is_part(request: web.Request) -> bool:
    return request.query.get("part") == "live"


# --- a call taken by hand ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """What was typed, kept as it was for showing it again."""

    words: str = ""
    number: str = ""
    by: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A core question as the form asks it: without the keys of a text message."""

    code: str
    text: str


async def new_call_form(request: web.Request) -> web.Response:
    """GET /new-call."""
    return _form(request, Told())


async def new_call(request: web.Request) -> web.Response:
    """POST /new-call: open or join the family's case, then show it."""
    given = request.app[GIVEN]
    told = await _told(request)
    if not told.words.strip() and not told.number.strip() and not told.answers:
        return _form(request, told, "Write a word, answer a question or give a number; then we page the pump team.")
    number, words = _number_and_words(told)
    me = signed_in(request).name
    by = f"{told.by.strip()}, entered by {me}" if told.by.strip() else me
    answers = _findings(given, told)
    try:
        written = await given.intake.take_new_call(number, words, answers, by)
    except JournalRefused as refused:
        kept = await given.keep_aside(Door.NEW_CALL, TakenDown(number, words, answers, by))
        sentence = NOT_PAGED.format(operator=written_phone(given.hospital.operator))
        raise Problem(503, "store-refused", f"{sentence} {KEPT if kept else NOT_KEPT}") from refused
    return see_other(f"/cases/{written.case.id}")


def _form(request: web.Request, told: Told, problem: str = "") -> web.Response:
    questions = [Asked(question.code, _question_text(question)) for question in _core_questions(request.app[GIVEN])]
    status = 422 if problem else 200
    return show(request, "new_call.html", status=status, told=told, questions=questions, problem=problem)


async def _told(request: web.Request) -> Told:
    form = await read_form(request)
    answers = {question.code: typed(form, question.code) for question in _core_questions(request.app[GIVEN])}
    return Told(
        words=typed(form, "words")[:4000],
        number=typed(form, "number")[:40],
        by=typed(form, "by")[:80],
        answers={code: digit for code, digit in answers.items() if digit in ("1", "2", "3")},
    )


def _number_and_words(told: Told) -> tuple[str | None, str]:
    """A number we cannot ring stays in the words: nothing that was said is lost (law 1)."""
    if not told.number.strip():
        return None, told.words
    try:
        parsed = phonenumbers.parse(told.number, REGION)
    except phonenumbers.NumberParseException:
        return None, f"{told.words}\n(number as taken down: {told.number})"
    if not phonenumbers.is_possible_number(parsed) or is_emergency_number(told.number):
        return None, f"{told.words}\n(number as taken down: {told.number})"
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), told.words


def _findings(given: Given, told: Told) -> tuple[Finding, ...]:
    rulebook = given.handbooks.current().rulebook
    return tuple(finding for code, digit in told.answers.items() for finding in draw_from_answer(code, digit, rulebook))


def _core_questions(given: Given) -> list[Question]:
    return [question for question in given.handbooks.current().rulebook.questions if question.core]


def _question_text(question: Question) -> str:
    return question.text.get("en", question.code).partition(" Reply ")[0]
