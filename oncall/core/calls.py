"""What a caller hears next: one turn of a telephone conversation as a value.

The first sentence is the emergency number in both languages; then one question by key or speech; after the first
key, silence or 20 s the page is out, and the caller hears who is paged and by when (families.md 2, RULINGS 5).
A turn is decided with the entries of its step and stored with its dedupe key, so that a provider's retry hears the
same again. Deliberately not here: TwiML, which the telephony adapter makes of a turn.
"""

from __future__ import annotations

from dataclasses import dataclass

from oncall.core.case import Arrival, Case, ClockKind, Status
from oncall.core.codec import plain
from oncall.core.commands import TakeReport
from oncall.core.draft import Draft
from oncall.core.facts import Facts
from oncall.core.handbook import Handbook
from oncall.core.messages import Channel, Progress
from oncall.core.promises import ask_next
from oncall.core.questions import Question
from oncall.core.triage import Urgency
from oncall.core.wording import named_hour, question_text, spoken_number

HOLD = "hold"  # nothing was asked, but 0 is heard at any moment
JOIN = "join"  # a key on the family's leg before it is joined with the clinician
MENU = "menu"  # the first question of a call; everything else is a code of rules/questions.yaml
REPEAT_AFTER = 3  # seconds of silence before the first repeat (RULINGS 5)


@dataclass(frozen=True, slots=True)
class Say:
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """`ask` names the question whose answer is awaited (None: nothing), `digits` how many keys it takes at most.

    `hold` keeps the caller on the line with a short word again and again; `dial` joins the line with that number,
    `join` with everybody else in the room of that name. `staff` names the page whose keys follow on a clinician's
    own call to the line.
    """

    says: tuple[Say, ...]
    ask: str | None = None
    digits: int = 1
    speech: bool = False
    timeout: int = REPEAT_AFTER
    hold: bool = False
    dial: str | None = None
    join: str | None = None
    staff: str | None = None


def turn_after(draft: Draft, command: TakeReport) -> None:
    """Put the caller's next turn into the answer of this step."""
    draft.answer["turn"] = plain(_turn(draft, command))


def _turn(draft: Draft, command: TakeReport) -> Turn:
    case = draft.case
    greeted = command.arrival is Arrival.PICKED_UP
    if greeted and case.status in (Status.LISTENING, Status.WAITING):
        return greeting(case, draft.facts, draft.handbook)
    if greeted:
        return Turn(
            (*greeting_sentences(draft.facts, draft.handbook), *state_of(case, draft.facts, draft.handbook)),
            hold=True,
        )
    if command.new_language and case.clock(ClockKind.CALL_START):
        return menu(case, draft.handbook, before=(first_sentence(case.language, draft.facts, draft.handbook),))
    question = ask_next(draft, by_text=False) if case.status is Status.PAGING else None
    says = state_of(draft.case, draft.facts, draft.handbook)
    if question is None:
        return Turn((*says, _say(draft.case, draft.handbook, "voice_worse", draft.facts)), hold=True)
    return asking(draft.case, draft.handbook, question, before=says)


def greeting(case: Case, facts: Facts, handbook: Handbook) -> Turn:
    """The emergency sentence in English and Spanish, then the menu."""
    first = menu(case, handbook)
    return Turn((*greeting_sentences(facts, handbook), *first.says), first.ask, first.digits, first.speech)


def calling_back(case: Case, facts: Facts, handbook: Handbook) -> Turn:
    first = menu(case, handbook)
    opening = _say(case, handbook, "voice_call_back", facts)
    return Turn((opening, *greeting_sentences(facts, handbook), *first.says), first.ask, first.digits, first.speech)


def menu(case: Case, handbook: Handbook, before: tuple[Say, ...] = ()) -> Turn:
    says = before + tuple(
        Say(case.language, handbook.advice.say(key, case.language)) for key in ("voice_menu", "voice_menu_more")
    )
    return Turn(says, ask=MENU, speech=True)


def asking(case: Case, handbook: Handbook, question: Question, before: tuple[Say, ...] = ()) -> Turn:
    tongue = case.language if case.language in question.spoken else "en"
    words = Say(tongue, question.spoken.get(tongue) or question_text(question, tongue, handbook))
    return Turn((*before, words), ask=question.code, digits=5 if question.number else 1, timeout=5)


def state_of(case: Case, facts: Facts, handbook: Handbook) -> tuple[Say, ...]:
    """Where the case is, in a caller's words: the emergency number if it is one, who is paged, by when."""
    says = []
    is_staff = any(finding.code == "hospital_staff" for finding in case.findings)
    if not is_staff and case.pace is Urgency.EMERGENCY and case.assessment and case.assessment.advice == "call_911":
        says.append(_say(case, handbook, "voice_call_911", facts))
    by = named_hour(case.promised_at, case.opened_at or case.promised_at, facts.hospital) if case.promised_at else ""
    if case.status is Status.HELD and case.holder is not None:
        says.append(_say(case, handbook, "voice_taken", facts, name=facts.name_of(case.holder.person), by=by))
    elif case.status is Status.WAITING:
        says.append(_say(case, handbook, "voice_office", facts, by=by))
    elif is_staff:
        says.append(_say(case, handbook, "voice_staff_paged", facts, who=who_is_paged(case, facts)))
    else:
        says.append(_say(case, handbook, "voice_paged", facts, who=who_is_paged(case, facts), by=by))
    return tuple(says)


def waiting(case: Case, facts: Facts, handbook: Handbook) -> Turn:
    """The short word for somebody who stays on the line; the clinician, as soon as one waits to be joined."""
    if doctor_waits(case):
        return joining(case, facts, handbook)
    if case.status is Status.HELD:
        return Turn(state_of(case, facts, handbook), hold=True)
    return Turn((_say(case, handbook, "voice_waiting", facts, who=who_is_paged(case, facts)),), hold=True)


def joining(case: Case, facts: Facts, handbook: Handbook) -> Turn:
    """The clinician is there: a key proves that a person is; without one they are joined all the same."""
    return Turn((_say(case, handbook, "voice_connecting", facts),), ask=JOIN, timeout=3)


def doctor_waits(case: Case) -> bool:
    """Whether the holder is on a call of ours, having asked to be joined with the family."""
    return case.holder is not None and any(
        state.message.person == case.holder.person
        and state.message.channel is Channel.VOICE
        and state.progress is Progress.ANSWERED
        and state.heard
        for state in case.messages
    )


def who_is_paged(case: Case, facts: Facts) -> str:
    """The newest clinician whose phone we ring, by name; a family asks who is coming."""
    people = [page.person for page in case.pages if not page.informs and page.ringing]
    return facts.name_of(people[-1]) if people else facts.hospital.name


def greeting_sentences(facts: Facts, handbook: Handbook) -> tuple[Say, ...]:
    """The emergency sentence in every language we speak."""
    return tuple(first_sentence(tongue, facts, handbook) for tongue in ("en", "es"))


def first_sentence(language: str, facts: Facts, handbook: Handbook) -> Say:
    """The emergency sentence, before anything else is said."""
    number = spoken_number(facts.hospital.emergency_number)
    return Say(language, handbook.advice.say("voice_first", language, emergency_spoken=number))


def _say(case: Case, handbook: Handbook, key: str, facts: Facts, **blanks: str) -> Say:
    number = spoken_number(facts.hospital.emergency_number)
    language = case.language if case.language in ("en", "es") else "en"
    return Say(language, handbook.advice.say(key, language, emergency_spoken=number, **blanks))
