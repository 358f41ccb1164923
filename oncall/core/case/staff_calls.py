"""What a clinician hears on a page: before and after the digit that proves a person, and the one table of keys.

The urgency is the first word and nothing of the patient comes before the accept digit, so a voicemail, a
call-screening robot or a pocket learns nothing and takes nothing (RULINGS 5). Every key of the table is heard at
every moment; at most three are said at once. Deliberately not here: families' calls (`calls`), what a key does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from oncall.core.case.calls import Say, Turn
from oncall.core.case.case import Case, Status
from oncall.core.case.facts import Facts
from oncall.core.case.handover import is_offered_to
from oncall.core.case.messages import MessageState, Purpose
from oncall.core.case.wording import clock_time, code_spoken, spoken_number, summary_sentence
from oncall.core.handbook import Handbook
from oncall.core.people import Clinician
from oncall.core.triage.assessment import Urgency

ACCEPT, KEYS, CONFIRM, CONNECT = "accept", "keys", "confirm", "connect"
SERVICE, OUTCOME, WHOM, LINE, SURE = "service", "outcome", "whom", "line", "sure"
MINE, SLOT = "mine", "slot"  # a paged clinician rings the line
TIMES_SAID = 3
MENUS = ("page_voice_menu_1", "page_voice_menu_2", "page_voice_menu_3")
SETS_OF_KEYS: Mapping[str, tuple[str, ...]] = {
    SERVICE: ("page_voice_services_1", "page_voice_services_2"),
    OUTCOME: ("page_voice_outcomes_1", "page_voice_outcomes_2"),
}
AT_ONCE = 3


def page_opening(case: Case, state: MessageState, facts: Facts, handbook: Handbook) -> Turn:
    """Urgency, for whom, and the digit to press; said three times. Nothing else before a person has pressed it."""
    if over := _nothing_to_do(case, state, facts, handbook):
        return replace(over, ask=None)  # no key acts before the accept digit
    sentence = handbook.advice.say(
        _opening_key(case, state),
        "en",
        name=_spoken_name(state.message.person, facts),
        urgency_spoken=(case.pace or Urgency.URGENT).word.replace("_", " ").upper(),
        digit=state.accept_digit or "6",
    )
    return Turn((Say("en", sentence),) * TIMES_SAID, ask=ACCEPT, timeout=4)


def _opening_key(case: Case, state: MessageState) -> str:
    if state.message.purpose is not Purpose.CONNECT:
        return "page_voice"
    return "page_voice_reconnect" if case.bridge and case.bridge.redials else "page_voice_connect"


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
        key = "inform_voice_keys_pilot" if case.pinned.pilot and case.step == 0 else "inform_voice_keys"
        return Turn((Say("en", opening), Say("en", say(key, "en"))), ask=CONFIRM, timeout=8)
    if is_offered_to(case, state.message.person):
        return say_back(case, facts, handbook, before=(Say("en", opening),))
    if holds(case, state):
        return menu(handbook, 0, before=(opening,))
    return Turn((Say("en", opening), Say("en", say("page_voice_keys", "en"))), ask=KEYS, timeout=8)


def holds(case: Case, state: MessageState) -> bool:
    return case.holder is not None and case.holder.person == state.message.person


def menu(handbook: Handbook, silences: int, before: Sequence[str] = ()) -> Turn:
    """The keys of a holder, three at a time; after the last three a goodbye. All of them act at any moment."""
    if silences >= len(MENUS):
        return spoken(handbook, "page_voice_goodbye")
    says = (*before, handbook.advice.say(MENUS[silences], "en"))
    return Turn(tuple(Say("en", words) for words in says), ask=KEYS, timeout=5)


def choices(handbook: Handbook, facts: Facts, ask: str, silences: int) -> Turn:
    """Services or outcomes, three at a time."""
    sets = SETS_OF_KEYS[ask]
    words = handbook.advice.say(
        sets[silences % len(sets)], "en", emergency_spoken=spoken_number(facts.hospital.emergency_number)
    )
    return Turn((Say("en", words),), ask=ask, timeout=5)


def whom(people: Sequence[Clinician], handbook: Handbook, silences: int) -> Turn:
    """Colleagues who may take it over, three at a time, by the digit of their place."""
    sets = [list(enumerate(people, 1))[at : at + AT_ONCE] for at in range(0, len(people), AT_ONCE)]
    told = sets[silences % len(sets)] if sets else []
    listed = " ".join(f"{place}, {person.spoken}." for place, person in told)
    return Turn((Say("en", handbook.advice.say("page_voice_whom", "en", people=listed)),), ask=WHOM, timeout=5)


def say_back(case: Case, facts: Facts, handbook: Handbook, before: tuple[Say, ...] = ()) -> Turn:
    """The incoming chooses the line that says what he takes over."""
    say, holder = handbook.advice.say, case.holder
    name = facts.name_of(holder.person) if holder else ""
    says = (say("page_voice_say_back", "en", name=name), say("page_voice_lines", "en"))
    return Turn((*before, *(Say("en", words) for words in says)), ask=LINE, timeout=8)


def sure(case: Case, facts: Facts, handbook: Handbook) -> Turn:
    """To take a case from its holder is said first and confirmed."""
    name = facts.name_of(case.holder.person) if case.holder else ""
    return Turn((Say("en", handbook.advice.say("page_voice_take_from_sure", "en", name=name)),), ask=SURE, timeout=6)


def page_taken(case: Case, state: MessageState, facts: Facts, handbook: Handbook, connect: bool) -> Turn:
    """After key 1 or 2; with 1 this very call goes into the talk and the family is brought."""
    if connect and (case.bridge is not None or case.is_on_the_line):
        return into_the_talk(case, handbook)
    if connect:
        return menu(handbook, 0, before=(handbook.advice.say("page_voice_no_number", "en"),))
    page = case.page(state.message.page)
    by = clock_time(case.promised_at, facts.hospital) if case.promised_at else ""
    sentence = handbook.advice.say("page_voice_taken", "en", by=by, slot=str(page.slot or "") if page else "")
    return menu(handbook, 0, before=(sentence,))


def into_the_talk(case: Case, handbook: Handbook) -> Turn:
    """This call goes into the conference of the case."""
    return Turn((Say("en", handbook.advice.say("page_voice_connecting", "en")),), join=case.id)


def dialled(case: Case, handbook: Handbook) -> Turn:
    """The provider could not confer: the family is dialled on this very call."""
    number = case.bridge.numbers[0] if case.bridge and case.bridge.numbers else case.phone
    return Turn((), dial=number) if number else said_then_keys(handbook, "page_voice_no_number")


def passed(handbook: Handbook) -> Turn:
    """The same key again says that the page was not for this person at all."""
    return Turn((Say("en", handbook.advice.say("page_voice_passed", "en")),), ask=KEYS, timeout=5)


def spoken(handbook: Handbook, key: str, **blanks: str) -> Turn:
    """One sentence, and the call ends."""
    return Turn((Say("en", handbook.advice.say(key, "en", **blanks)),))


def said_then_keys(handbook: Handbook, key: str, **blanks: str) -> Turn:
    """One sentence, and the keys again."""
    return menu(handbook, 0, before=(handbook.advice.say(key, "en", **blanks),))


def family_leg(case: Case, facts: Facts, handbook: Handbook) -> Turn:
    """What the family's leg hears before it joins: a key there proves that the family was reached. A voicemail may
    hear it too, so nothing of the patient is in it."""
    language = case.language if case.language in ("en", "es") else "en"
    words = Say(language, handbook.advice.say("voice_leg", language, hospital=facts.hospital.name))
    return Turn((words,) * TIMES_SAID, ask=CONNECT, timeout=6)


def late(case: Case, facts: Facts, handbook: Handbook, purpose: Purpose = Purpose.PAGE) -> Turn:
    """Somebody else has it; said to whoever comes late (law 4: no silent no-op), with the key that takes it over."""
    if case.status is Status.CLOSED or case.holder is None:
        return Turn((Say("en", handbook.advice.say("page_voice_over", "en")),))
    name, at = facts.name_of(case.holder.person), clock_time(case.holder.at, facts.hospital)
    said = Say("en", handbook.advice.say("page_voice_late", "en", name=name, time=at))
    if purpose is Purpose.INFORM:
        return Turn((said,))
    return Turn((said, Say("en", handbook.advice.say("page_voice_take_from", "en", name=name))), ask=KEYS, timeout=5)


def mine(handbook: Handbook) -> Turn:
    """A clinician with an open page rings the line."""
    return Turn((Say("en", handbook.advice.say("page_voice_mine", "en")),) * 2, ask=MINE, timeout=4)


def slot_asked(handbook: Handbook) -> Turn:
    """A number can be faked, so the two digits that were texted to it are asked for."""
    return Turn((Say("en", handbook.advice.say("page_voice_slot", "en")),), ask=SLOT, digits=2, timeout=8)


def interpreter_leg(case: Case, handbook: Handbook) -> Turn:
    """The interpreters' line hears which language, twice, and is in the talk."""
    tongue = TONGUES.get(case.language, "language not yet known:")
    words = handbook.advice.say("page_voice_interpreter", "en", tongue=tongue)
    return Turn((Say("en", words),) * 2, join=case.id)


TONGUES = {"en": "English", "es": "Spanish", "pt": "Portuguese", "ht": "Haitian Creole"}


def _spoken_name(person: str | None, facts: Facts) -> str:
    known = facts.clinician(person or "")
    return known.spoken if known else "the team"


def _nothing_to_do(case: Case, state: MessageState, facts: Facts, handbook: Handbook) -> Turn | None:
    if case.status is Status.CLOSED:
        return late(case, facts, handbook)
    somebody_else = (
        case.status is Status.HELD and case.holder is not None and case.holder.person != state.message.person
    )
    page = case.page(state.message.page)
    added = page is not None and case.holder is not None and case.holder.came_before(page)
    wanted = added or is_offered_to(case, state.message.person)
    return late(case, facts, handbook, state.message.purpose) if somebody_else and not wanted else None
