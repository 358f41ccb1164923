"""What a caller hears next: one turn of a telephone conversation as a value.

The first sentence is the emergency number in both languages; then the nodes of rules/calls.yaml, each of which can be
answered while it is being said. A turn is decided with the entries of its step and stored with its dedupe key, so
that a provider's retry hears the same again. Deliberately not here: which node follows (`walking`), and TwiML, which
the telephony adapter makes of a turn.
"""

from __future__ import annotations

from dataclasses import dataclass

from oncall.core.case.call_graph import PAGING, STATE, Node, Takes
from oncall.core.case.case import Case, ClockKind, Status
from oncall.core.case.facts import Facts
from oncall.core.case.messages import Channel, Progress
from oncall.core.case.wording import clock_time, named_hour, number_in_digits, question_text, spoken_number
from oncall.core.handbook import Handbook
from oncall.core.triage.assessment import Urgency
from oncall.core.triage.questions import Question

HOLD = "hold"  # nothing was asked, but 0 is heard at any moment
JOIN = "join"  # a key on the family's leg before it is joined with the clinician
CALL_BACK = "call_back"  # the family answers a call of ours: the conversation goes on where it was
REPEAT_AFTER = 3  # seconds of silence before the first repeat (RULINGS 5)
PATIENCE = 5  # seconds, where somebody must think, speak or key a number
MOST_DIGITS = 15
MOST_SECONDS = 30  # of a recorded message (RULINGS 5)


@dataclass(frozen=True, slots=True)
class Say:
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """`ask` names the node or question whose answer is awaited (None: nothing), `digits` how many keys it takes.

    `hold` keeps the caller on the line with a short word again and again; `dial` joins the line with that number,
    `join` with everybody else in the room of that name. `record` keeps the caller's voice for so many seconds at most.
    `family` marks a turn that is said to a family, `staff` names the page whose keys follow on a clinician's own call
    to the line.
    """

    says: tuple[Say, ...]
    ask: str | None = None
    digits: int = 1
    speech: bool = False
    timeout: int = REPEAT_AFTER
    hold: bool = False
    dial: str | None = None
    join: str | None = None
    family: bool = False
    staff: str | None = None
    record: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """A case as one of its callers hears it; `call` is the carrier's name of that call."""

    case: Case
    facts: Facts
    handbook: Handbook
    call: str = ""

    @property
    def number(self) -> str | None:
        """Where we would ring this caller."""
        call = self.case.call(self.call)
        return (call.number if call else None) or self.case.phone


def node_turn(node: Node, scene: Scene, before: tuple[Say, ...] = ()) -> Turn:
    """A node of the graph, said and then listened to as it asks for."""
    says = (*before, *(say for key in node.say for say in said(scene, key)))
    if node.takes is Takes.WAIT:
        return Turn(says, hold=True, family=True)
    if node.takes is Takes.END:
        return Turn(says, family=True)
    if node.takes in (Takes.NUMBER, Takes.EXTENSION):
        return Turn(says, ask=node.name, digits=MOST_DIGITS, timeout=PATIENCE, family=True)
    if node.takes is Takes.RECORDING:
        return Turn(says, ask=node.name, record=MOST_SECONDS, timeout=PATIENCE, family=True)
    if node.takes is Takes.WORDS:
        return Turn(says, ask=node.name, speech=True, timeout=PATIENCE, family=True)
    return Turn(says, ask=node.name, speech=node.speech, family=True)


def said(scene: Scene, key: str) -> tuple[Say, ...]:
    """One of a node's sentences, filled in; `state` and `paging` are said as the case stands."""
    case, facts, handbook = scene.case, scene.facts, scene.handbook
    if key == STATE or (key == PAGING and case.status is not Status.PAGING):
        return state_of(case, facts, handbook)
    blanks = {
        "who": who_is_paged(case, facts),
        "number": number_in_digits(scene.number or ""),
        "time": _last_contact(scene),
    }
    return (_say(case, handbook, "voice_paging" if key == PAGING else key, facts, **blanks),)


def _last_contact(scene: Scene) -> str:
    """When this family was last heard of before this call."""
    call, opened = scene.case.call(scene.call), scene.case.opened_at
    before = [note.at for note in scene.case.reports if note.sender and call and note.at < call.started_at]
    at = before[-1] if before else opened
    return clock_time(at, scene.facts.hospital) if at else ""


def asking(case: Case, handbook: Handbook, question: Question, before: tuple[Say, ...] = ()) -> Turn:
    tongue = case.language if case.language in question.spoken else "en"
    words = Say(tongue, question.spoken.get(tongue) or question_text(question, tongue, handbook))
    return Turn((*before, words), ask=question.code, digits=5 if question.number else 1, timeout=PATIENCE, family=True)


def calling_back(language: str, facts: Facts, handbook: Handbook) -> Say:
    number = spoken_number(facts.hospital.emergency_number)
    return Say(language, handbook.advice.say("voice_call_back", language, emergency_spoken=number))


def state_of(case: Case, facts: Facts, handbook: Handbook) -> tuple[Say, ...]:
    """Where the case is, in a caller's words: the emergency number if it is one, who is paged, by when.

    An hour is named only while a clock runs to it: a promise that was missed is not given again.
    """
    says = []
    is_staff = case.has_said("hospital_staff")
    if not is_staff and case.pace is Urgency.EMERGENCY and case.assessment and case.assessment.advice == "call_911":
        says.append(_say(case, handbook, "voice_call_911", facts))
    key, clocks = _standing(case, is_staff)
    due = next((clock.due_at for kind in clocks if (clock := case.clock(kind))), None)
    if due is None and clocks:
        key = WITHOUT_AN_HOUR[key]
    blanks = {
        "by": named_hour(due, case.opened_at or due, facts.hospital, case.language) if due else "",
        "who": who_is_paged(case, facts),
        "name": facts.name_of(case.holder.person) if case.holder else "",
    }
    says.append(_say(case, handbook, key, facts, **blanks))
    return tuple(says)


WITHOUT_AN_HOUR = {"voice_taken": "voice_has_it", "voice_office": "voice_office_late", "voice_paged": "voice_late"}


def _standing(case: Case, is_staff: bool) -> tuple[str, tuple[ClockKind, ...]]:
    """The sentence for where a case stands, and the clocks whose hour it may name."""
    if case.status is Status.HELD and case.holder is not None:
        return "voice_taken", (ClockKind.FAMILY_REACHED,)
    if case.status is Status.WAITING:
        return "voice_office", (ClockKind.TASK, ClockKind.PROMISE)
    return ("voice_staff_paged", ()) if is_staff else ("voice_paged", (ClockKind.PROMISE,))


def waiting(case: Case, facts: Facts, handbook: Handbook) -> Turn:
    """The short word for somebody who stays on the line; the clinician, as soon as one waits to be joined."""
    if doctor_waits(case):
        return joining(case, facts, handbook)
    if case.status is Status.HELD:
        return Turn(state_of(case, facts, handbook), hold=True, family=True)
    word = _say(case, handbook, "voice_waiting", facts, who=who_is_paged(case, facts))
    return Turn((word,), hold=True, family=True)


def joining(case: Case, facts: Facts, handbook: Handbook) -> Turn:
    """The clinician is there: a key proves that a person is; without one they are joined all the same."""
    return Turn((_say(case, handbook, "voice_connecting", facts),), ask=JOIN, timeout=3, family=True)


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
