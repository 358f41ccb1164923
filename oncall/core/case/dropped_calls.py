"""A family's call that ends before it was meant to: a text at once, a call back, and the conversation goes on.

Who was cut off is never greeted again: text and call back ask the next question (RULINGS 12). Who hung up because
we told them to ring 911 is not rung at once, for that would block their line. Deliberately not here: what a call back
says (`walking`).
"""

from __future__ import annotations

from oncall.core.case import entries as e
from oncall.core.case.asking import ask_by_text, left_to_ask, must_call_911
from oncall.core.case.case import ClockKind, FamilyCall, Status
from oncall.core.case.commands import EndCall
from oncall.core.case.draft import Draft
from oncall.core.case.messages import Channel, Lane, Purpose, count_key

CALLS_BACK = 3  # RULINGS 12
FIRST_QUESTION = "waking_breathing"  # the one that the text after a cut-off call asks


def end_call(draft: Draft, command: EndCall) -> None:
    """A family's call is over. Who hung up before anybody was paged is handled as a report by the intake."""
    call = draft.case.call(command.call)
    if call is None or not call.live:
        return
    draft.write(e.CallEnded(command.call))
    if draft.case.clock(ClockKind.CALL_START) is None and _was_cut_off(draft, call):
        cut_off(draft, call.number)


def _was_cut_off(draft: Draft, call: FamilyCall) -> bool:
    node = draft.handbook.calls.nodes.get(call.node)
    settled = node is None or node.settled or draft.case.has_said("hospital_staff")
    return draft.case.status is Status.PAGING and not draft.case.has_help and not settled


def cut_off(draft: Draft, number: str | None) -> None:
    """Text what comes next and ask on; where texts do not arrive, ring at once."""
    to = number or draft.case.phone
    if to is None:
        draft.notice("the call ended, and no number is known to ring back")
        return
    draft.reply_to = to
    if not draft.takes_texts(to):
        call_back(draft)
        return
    if draft.case.times_sent(count_key(Purpose.CALL_BACK.value, Channel.VOICE, to)):
        _once_more(draft)
        return
    draft.end_clock(ClockKind.SILENCE)
    if must_call_911(draft.case):
        draft.write(e.QuestionAsked(draft.handbook.calls.danger))
        draft.tell_family("cut_off_911")
    elif _first_question_is_next(draft):
        draft.write(e.QuestionAsked(FIRST_QUESTION))
        draft.tell_family("cut_off_paged")
    else:
        draft.tell_family("cut_off_known", by=draft.family_hour(draft.case.promised_at or draft.at))
        ask_by_text(draft)
    draft.set_clock(ClockKind.SILENCE, draft.case.pinned.waits.silence)


def _once_more(draft: Draft) -> None:
    """A call back was cut off too: another follows in a minute, three in all."""
    if draft.case.times_sent(count_key(Purpose.CALL_BACK.value, Channel.VOICE, draft.reply_to or "")) < CALLS_BACK:
        draft.set_clock(ClockKind.SILENCE, draft.case.pinned.waits.call_back)


def _first_question_is_next(draft: Draft) -> bool:
    question = left_to_ask(draft.case, draft.handbook)
    return question is not None and question.code == FIRST_QUESTION


def wait_for_a_word(draft: Draft) -> None:
    """Text and call back at once; the page goes out in two minutes unless a person says "wrong number" (RULINGS 3)."""
    draft.end_clock(ClockKind.CALL_START)
    draft.set_clock(ClockKind.HANG_UP, draft.case.pinned.waits.hang_up)
    call_back(draft)
    draft.write(e.QuestionAsked(FIRST_QUESTION))
    draft.tell_family("cut_off")


def call_back(draft: Draft) -> None:
    """Ring whoever of the family spoke last from the line's number and ask on, unless they are on the line."""
    spoke_last = next((note.sender for note in reversed(draft.case.reports) if note.sender), None)
    to = draft.reply_to or spoke_last or draft.case.phone
    if to is not None and not draft.case.is_on_the_line:
        draft.owe(
            Channel.VOICE,
            Purpose.CALL_BACK,
            to,
            language=draft.case.language,
            lane=Lane.FAMILY,
        )
