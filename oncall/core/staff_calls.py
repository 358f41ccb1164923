"""What a clinician hears on a page, before and after the digit that proves a person.

The urgency is in the first words and nothing of the patient before the accept digit, so a voicemail, a call-screening
robot or a pocket learns nothing and takes nothing (clinicians.md 1b). After it: the signs in plain words and the one
table of keys. Deliberately not here: families' calls (`calls`).
"""

from __future__ import annotations

from oncall.core.calls import Say, Turn
from oncall.core.case import Case, Status
from oncall.core.facts import Facts
from oncall.core.handbook import Handbook
from oncall.core.messages import MessageState, Purpose
from oncall.core.triage import Urgency
from oncall.core.wording import clock_time, code_spoken, summary_sentence

ACCEPT, KEYS, CONFIRM, CONNECT = "accept", "keys", "confirm", "connect"
TIMES_SAID = 3


def page_opening(case: Case, state: MessageState, facts: Facts, handbook: Handbook) -> Turn:
    """Urgency, for whom, and the digit to press; said three times. Nothing else before a person has pressed it."""
    if over := _nothing_to_do(case, state, facts, handbook):
        return over
    pace = case.pace or Urgency.URGENT
    article = "an" if pace is not Urgency.SAME_DAY else "a"
    known = facts.clinician(state.message.person or "")
    sentence = handbook.advice.say(
        "page_voice",
        "en",
        name=known.spoken if known else "the team",
        urgency_spoken=f"{article} {pace.word.replace('_', ' ').upper()}",
        digit=state.accept_digit or "6",
    )
    return Turn((Say("en", sentence),) * TIMES_SAID, ask=ACCEPT, timeout=4)


def page_details(case: Case, state: MessageState, facts: Facts, handbook: Handbook) -> Turn:
    """After the accept digit: code, time, signs, leaning, keys."""
    if over := _nothing_to_do(case, state, facts, handbook):
        return over
    say = handbook.advice.say
    opening = say(
        "page_voice_details",
        "en",
        code_spoken=code_spoken(case.code),
        time=clock_time(case.opened_at, facts.hospital) if case.opened_at else "",
        summary=summary_sentence(case, handbook),
    )
    if state.message.purpose is Purpose.INFORM:
        return Turn((Say("en", opening), Say("en", say("inform_voice_keys", "en"))), ask=CONFIRM, timeout=8)
    return Turn((Say("en", opening), Say("en", say("page_voice_keys", "en"))), ask=KEYS, timeout=8)


def page_taken(case: Case, state: MessageState, facts: Facts, handbook: Handbook, connect: bool) -> Turn:
    """After key 1 or 2; with 1 the family is dialled on this same call."""
    if connect and case.is_on_the_line:
        return Turn((Say("en", handbook.advice.say("page_voice_connecting", "en")),), join=case.id)
    if connect and case.phone:
        return Turn((Say("en", handbook.advice.say("page_voice_connecting", "en")),), dial=case.phone)
    page = case.page(state.message.page)
    by = clock_time(case.promised_at, facts.hospital) if case.promised_at else ""
    sentence = handbook.advice.say("page_voice_taken", "en", by=by, slot=str(page.slot or "") if page else "")
    return Turn((Say("en", sentence),))


def page_passed(handbook: Handbook) -> Turn:
    return Turn((Say("en", handbook.advice.say("page_voice_passed", "en")),))


def informed(handbook: Handbook) -> Turn:
    return Turn((Say("en", handbook.advice.say("inform_voice_confirmed", "en")),))


def family_leg(case: Case, facts: Facts, handbook: Handbook) -> Turn:
    """What the family's leg hears before it is joined: a key there proves that the family was reached."""
    language = case.language if case.language in ("en", "es") else "en"
    return Turn((Say(language, handbook.advice.say("voice_connecting", language)),) * 2, ask=CONNECT, timeout=6)


def late(case: Case, facts: Facts, handbook: Handbook) -> Turn:
    """Somebody else has it; said to whoever comes late (law 4: no silent no-op)."""
    if case.status is Status.CLOSED or case.holder is None:
        return Turn((Say("en", handbook.advice.say("page_voice_over", "en")),))
    name, at = facts.name_of(case.holder.person), clock_time(case.holder.at, facts.hospital)
    return Turn((Say("en", handbook.advice.say("page_voice_late", "en", name=name, time=at)),))


def _nothing_to_do(case: Case, state: MessageState, facts: Facts, handbook: Handbook) -> Turn | None:
    if case.status is Status.CLOSED:
        return late(case, facts, handbook)
    somebody_else = (
        case.status is Status.HELD and case.holder is not None and case.holder.person != state.message.person
    )
    page = case.page(state.message.page)
    added = page is not None and case.holder is not None and case.holder.came_before(page)
    return late(case, facts, handbook) if somebody_else and not added else None
