"""Asking a family one question at a time, and reading a digit as the answer to the one that was asked.

The question whether 911 has been called comes first where the advice is to call it; then the declared questions, core
ones first, until somebody has the case or 911 has been called (RULINGS 5). A digit that could answer two questions is
read as the worse one. Deliberately not here: the questions of a telephone menu (`walking`).
"""

from __future__ import annotations

from collections.abc import Iterable

from oncall.core.case import entries as e
from oncall.core.case.call_graph import SPANISH
from oncall.core.case.case import Arrival, Case, ClockKind
from oncall.core.case.commands import TakeReport
from oncall.core.case.draft import Draft
from oncall.core.case.wording import page_link, question_text
from oncall.core.handbook import Handbook
from oncall.core.reports import Finding, Heard
from oncall.core.triage.questions import Question, next_question
from oncall.core.triage.rulebook import draw_from_answer

CALLED, CANNOT = "called_911", "cannot_call_911"
TOLD = {CALLED: ("noted_called", "page_911_called"), CANNOT: ("noted_cannot", "page_911_cannot")}


def left_to_ask(case: Case, handbook: Handbook) -> Question | None:
    """The declared question that comes next, whoever asks it."""
    book = handbook.rulebook
    return next_question(frozenset(case.answered), case.findings, book.questions, book.rules)


def ask_next(draft: Draft) -> Question | None:
    """The next of the declared questions, to be spoken; None when nobody is to be asked any more."""
    question = left_to_ask(draft.case, draft.handbook)
    if question is None or draft.case.has_help:
        return None
    draft.write(e.QuestionAsked(question.code, by_text=False))
    return question


def ask_by_text(draft: Draft) -> bool:
    """Text the next question, if one is left; silence after it is noticed. Whether one was asked.

    A phone that takes no texts is called with the answer, and asked on that call.
    """
    asked = _next_text(draft)
    if asked is None or draft.case.phone is None:
        return False
    code, words = asked
    draft.write(e.QuestionAsked(code))
    number = draft.reply_to or draft.case.phone
    if draft.takes_texts(number):
        draft.tell_family_words(words)
    if draft.case.clock(ClockKind.SILENCE) is None:  # asked again and again by an auto-responder, it still runs out
        draft.set_clock(ClockKind.SILENCE, draft.case.pinned.waits.silence)
    return True


def _next_text(draft: Draft) -> tuple[str, str] | None:
    case = draft.case
    if case.has_help:
        return None
    if must_call_911(case):
        return draft.handbook.calls.danger, draft.say("ask_called_911", case.language)
    question = left_to_ask(case, draft.handbook)
    return (question.code, question_text(question, case.language, draft.handbook)) if question else None


def must_call_911(case: Case) -> bool:
    """The advice is 911, and whether it was called has not been said; hospital staff are not asked."""
    if case.assessment is None or case.assessment.advice != "call_911" or case.has_said("hospital_staff"):
        return False
    return not (case.has_said(CALLED) or case.has_said(CANNOT))


# --- answers ---------------------------------------------------------------------------------------------------------


def answer_of(draft: Draft, command: TakeReport) -> tuple[Finding, ...]:
    """What the digits say about the question that was asked."""
    asked = command.asked or ("" if command.call else draft.case.asked)
    if not asked or not command.digits or command.digits == SPANISH:
        return ()
    found = findings_of(asked, command.digits, draft.handbook)
    earlier = _older_questions(draft, command, asked)
    if earlier:
        found = _the_worse(draft, command, found, earlier)
    elif found:
        _answered(draft, asked, command.digits)
    return tuple(found)


def findings_of(asked: str, digits: str, handbook: Handbook) -> tuple[Finding, ...]:
    """The findings of a key at a node of the call, or of an answer to a declared question."""
    node = handbook.calls.nodes.get(asked)
    if node is None:
        known = any(question.code == asked for question in handbook.rulebook.questions)
        return draw_from_answer(asked, digits, handbook.rulebook) if known else ()
    if node.question is not None and digits not in handbook.calls.always:
        return draw_from_answer(node.question, digits, handbook.rulebook)
    choice = handbook.calls.choice(asked, digits)
    return tuple(
        Finding(answer.code, answer.heard, f"{asked}: {digits}")
        for answer in (choice.answers if choice and digits not in handbook.calls.always else ())
    )


def _older_questions(draft: Draft, command: TakeReport, asked: str) -> tuple[str, ...]:
    """Questions texted before the last one and never answered: the digit may be meant for them."""
    if command.arrival is not Arrival.TEXT:
        return ()
    return tuple(code for code in draft.case.pending if code != asked)


def _the_worse(
    draft: Draft, command: TakeReport, newest: Iterable[Finding], earlier: Iterable[str]
) -> tuple[Finding, ...]:
    """Both readings where they are dangerous; neither a denial nor "911 has been called" is taken from a doubt."""
    draft.notice(f"the answer {command.digits} may be to more than one question; read as the worse")
    kept = [finding for finding in newest if finding.heard.counts and finding.code != CALLED]
    if kept and draft.case.asked is not None:
        _answered(draft, draft.case.asked, command.digits)
    for code in earlier:
        found = [f for f in findings_of(code, command.digits, draft.handbook) if f.heard.counts and f.code != CALLED]
        if found:
            _answered(draft, code, command.digits)
        kept += found
    return tuple(kept)


def _answered(draft: Draft, asked: str, digits: str) -> None:
    node = draft.handbook.calls.nodes.get(asked)
    draft.write(e.QuestionAnswered(node.question if node and node.question else asked, digits))
    draft.end_clock(ClockKind.SILENCE)


def tell_about_911(draft: Draft, command: TakeReport, found: Iterable[Finding]) -> bool:
    """They have called 911, or cannot: the family hears that we know it, and so does whoever is being paged.

    Whether the family was told by text.
    """
    said = next((f.code for f in found if f.code in TOLD and f.heard is Heard.PRESENT), None)
    if said is None:
        return False
    to_family, to_staff = TOLD[said]
    for page in draft.case.pages:
        if page.ringing and not page.informs:
            draft.tell_person(page.person, to_staff, link=page_link(page, draft.facts.hospital))
    if command.arrival is not Arrival.TEXT:
        return False
    promised = draft.case.clock(ClockKind.PROMISE) or draft.case.clock(ClockKind.FAMILY_REACHED)
    draft.tell_family(to_family, by=draft.family_hour(promised.due_at if promised else draft.at))
    return True
