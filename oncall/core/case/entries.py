"""What happened to a case: the kinds of journal entry, past tense, small and resolved.

Entries carry everything that was decided (names, deadlines, texts, the edition's hash), so that `evolve` never asks a
rota, a rule or a clock. Kinds live for ever; a changed shape gets a new version and an upcaster in `codec`.
Deliberately not here: how a case changes (`evolve`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from oncall.core.case.case import Arrival, ClockKind, FollowUp, Page
from oncall.core.case.escalation import EscalationTable
from oncall.core.case.ipass import Ipass
from oncall.core.case.messages import LegKind, LegOutcome, Message, Progress
from oncall.core.reports import Enclosed, Finding, Source
from oncall.core.triage.assessment import Assessment, Urgency


@dataclass(frozen=True, slots=True)
class CaseOpened:
    key: str
    code: str
    patient: str | None
    phone: str | None
    label: str
    language: str
    edition: str
    table: EscalationTable
    linked: str | None = None


@dataclass(frozen=True, slots=True)
class ReportAdded:
    """`sha256` ties the raw words, kept in their own row, into the case's hash chain."""

    report: str
    source: Source
    arrival: Arrival
    sender: str | None
    sha256: str
    call: str | None = None


@dataclass(frozen=True, slots=True)
class FindingsDrawn:
    report: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Assessed:
    assessment: Assessment


@dataclass(frozen=True, slots=True)
class RulesFailed:
    """The rules, or our own code, failed on this report: read the raw words (law 1)."""

    reason: str


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    language: str


@dataclass(frozen=True, slots=True)
class CallEnded:
    call: str


@dataclass(frozen=True, slots=True)
class CallReached:
    """A caller stands at this node of rules/calls.yaml; a call that drops goes on from there."""

    call: str
    node: str


@dataclass(frozen=True, slots=True)
class NumberGiven:
    """The caller keyed where to ring: a number (E.164), or the extension of hospital staff."""

    number: str
    call: str | None
    extension: bool = False


@dataclass(frozen=True, slots=True)
class PaceSet:
    """Which column of the table is in force, and why; never lowered by a machine (law 7)."""

    pace: Urgency
    why: str


@dataclass(frozen=True, slots=True)
class RoundStarted:
    round: int
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class RoundMoved:
    """The round counts as begun at `starts_at`: a case that climbs again goes on from where it was, not from then."""

    starts_at: datetime


@dataclass(frozen=True, slots=True)
class StepReached:
    round: int
    step: int
    tiers: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class PageOrdered:
    page: Page


@dataclass(frozen=True, slots=True)
class PageResumed:
    """A page that had gone quiet rings again."""

    page: str
    why: str


@dataclass(frozen=True, slots=True)
class PageQuieted:
    """A page is no longer repeated: declined, or its person went off duty in a case that is not an emergency."""

    page: str
    declined: bool
    why: str


@dataclass(frozen=True, slots=True)
class MessageOwed:
    message: Message


@dataclass(frozen=True, slots=True)
class MessageAttempted:
    message: str
    attempt: int
    accept_digit: str | None


@dataclass(frozen=True, slots=True)
class MessageAccepted:
    """`route` is the account or number that carried it; older journals name none."""

    message: str
    sid: str | None
    route: str | None = None


@dataclass(frozen=True, slots=True)
class MessageHeldBack:
    """Refused for now; owed again from `not_before`."""

    message: str
    not_before: datetime
    code: int | None
    route: str | None = None


@dataclass(frozen=True, slots=True)
class MessageProgressed:
    """The carrier's or our own word on how far it got; never backwards."""

    message: str
    progress: Progress
    code: int | None = None
    sid: str | None = None
    route: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryMissed:
    """A text whose arrival nobody reported in time: what follows it was brought forward."""

    message: str


@dataclass(frozen=True, slots=True)
class PageHeard:
    """The accept digit was pressed: a person is listening. Not yet an acknowledgement."""

    message: str


@dataclass(frozen=True, slots=True)
class Informed:
    """A shared phone confirmed that it knows. Stops nothing (RULINGS 4)."""

    page: str
    how: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    person: str
    page: str | None
    how: str


@dataclass(frozen=True, slots=True)
class Undone:
    person: str
    why: str


@dataclass(frozen=True, slots=True)
class Reopened:
    """A held case climbs again; its holder stays on it."""

    why: str


@dataclass(frozen=True, slots=True)
class FamilyReached:
    person: str
    how: str


@dataclass(frozen=True, slots=True)
class NoteAdded:
    person: str
    words: str


@dataclass(frozen=True, slots=True)
class Closed:
    """`cause` and `follow_up` are not in older journals; `needed` says whether the page was worth waking somebody."""

    person: str
    outcome: str
    note: str
    cause: str = ""
    follow_up: FollowUp | None = None
    needed: bool | None = None


@dataclass(frozen=True, slots=True)
class ClockSet:
    kind: ClockKind
    subject: str
    due_at: datetime
    wait_seconds: float


@dataclass(frozen=True, slots=True)
class ClockEnded:
    kind: ClockKind
    subject: str


@dataclass(frozen=True, slots=True)
class Promised:
    """What the family was told, and by when a person would keep it."""

    what: str
    by: datetime


@dataclass(frozen=True, slots=True)
class PromiseMissed:
    what: str


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """A question of rules/questions.yaml, or a node of rules/calls.yaml that is asked by text too."""

    question: str
    by_text: bool = True


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    question: str
    digits: str


@dataclass(frozen=True, slots=True)
class TextsBlocked:
    """A family's phone takes no texts (STOP, landline): voice only from here. Without a number: the first phone."""

    code: int | None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class TextsOpened:
    """START came from this number: it takes texts again."""

    number: str


@dataclass(frozen=True, slots=True)
class PersonTold:
    """The caller says whether this is about the person whose telephone it is: "usual", "other" or "unsure"."""

    about: str
    call: str


@dataclass(frozen=True, slots=True)
class EnclosureAdded:
    """A report came with sound or a picture, which the carrier has."""

    report: str
    what: Enclosed


@dataclass(frozen=True, slots=True)
class EnclosureKept:
    """It is in our own store. `media_type` is what its first bytes say; `sha256` ties it into the hash chain."""

    enclosure: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class EnclosureCleared:
    """The carrier was told to delete it, and has."""

    enclosure: str


@dataclass(frozen=True, slots=True)
class EnclosureGone:
    """It is not kept here: it could not be fetched, or its time is over."""

    enclosure: str
    why: str


@dataclass(frozen=True, slots=True)
class ReplyWithheld:
    """A text was not answered, because an auto-responder seems to answer us. The case and the page live on."""

    number: str
    why: str


@dataclass(frozen=True, slots=True)
class ReportShown:
    """A report filed with another open case of the same phone, shown here too (RULINGS 10)."""

    report: str
    case: str
    code: str


@dataclass(frozen=True, slots=True)
class CasesLinked:
    """A named person says that this other case is about the same patient. Nothing is merged."""

    person: str
    other: str
    code: str
    how: str


@dataclass(frozen=True, slots=True)
class CasesUnlinked:
    person: str
    other: str
    code: str
    how: str


@dataclass(frozen=True, slots=True)
class MessagePutOff:
    """A message that waits for its hour, whatever becomes of the case."""

    message: str
    not_before: datetime


@dataclass(frozen=True, slots=True)
class MachineAnswered:
    """The carrier believes that a machine picked up. It only ends the call early (law 4)."""

    message: str


@dataclass(frozen=True, slots=True)
class BridgeAsked:
    """Somebody wants to talk to the family: `numbers` are rung in this order, an interpreter before them. `call` is the
    call he is on already."""

    person: str
    numbers: tuple[str, ...]
    interpreter: bool = False
    call: str | None = None


@dataclass(frozen=True, slots=True)
class BridgeEnded:
    why: str


@dataclass(frozen=True, slots=True)
class LegJoined:
    """A line is in the talk. That it is there is no proof that anybody has spoken (RULINGS 4)."""

    call: str
    leg: LegKind
    number: str | None
    person: str | None
    room: str = ""


@dataclass(frozen=True, slots=True)
class LegEnded:
    """What came of a line, whether it joined the talk or never did. `call` is None when there was none."""

    call: str | None
    leg: LegKind
    number: str | None
    person: str | None
    outcome: LegOutcome


@dataclass(frozen=True, slots=True)
class LegRedialled:
    """A line was lost while the other side is still there: it is rung again."""

    leg: LegKind
    number: str | None
    person: str | None


@dataclass(frozen=True, slots=True)
class HandOverAsked:
    """The holder offers the case to a named colleague and stays the holder until that one has said it back. Older
    journals have no form."""

    person: str
    to: str
    how: str
    form: Ipass | None = None


@dataclass(frozen=True, slots=True)
class HandOverEnded:
    """`declined` by the one who was asked; older journals do not say."""

    to: str
    why: str
    declined: bool = False


@dataclass(frozen=True, slots=True)
class SaidBack:
    """The one line in which the incoming clinician says what he takes over."""

    person: str
    line: str


@dataclass(frozen=True, slots=True)
class WrongPerson:
    """A paged person says "not me": counted, and told to the coordinator in the morning."""

    person: str
    page: str | None
    how: str


@dataclass(frozen=True, slots=True)
class PhraseSent:
    """A named clinician sent the family an approved phrase; the text itself is a message of its own."""

    person: str
    phrase: str
    title: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something the timeline should say that changes nothing else."""

    what: str


Entry = (
    CaseOpened
    | ReportAdded
    | FindingsDrawn
    | Assessed
    | RulesFailed
    | LanguageChosen
    | CallEnded
    | CallReached
    | NumberGiven
    | PaceSet
    | RoundStarted
    | RoundMoved
    | StepReached
    | PageOrdered
    | PageResumed
    | PageQuieted
    | MessageOwed
    | MessageAttempted
    | MessageAccepted
    | MessageHeldBack
    | MessageProgressed
    | DeliveryMissed
    | PageHeard
    | Informed
    | Acknowledged
    | Undone
    | Reopened
    | FamilyReached
    | NoteAdded
    | Closed
    | ClockSet
    | ClockEnded
    | Promised
    | PromiseMissed
    | QuestionAsked
    | QuestionAnswered
    | TextsBlocked
    | TextsOpened
    | PersonTold
    | EnclosureAdded
    | EnclosureKept
    | EnclosureCleared
    | EnclosureGone
    | ReplyWithheld
    | ReportShown
    | CasesLinked
    | CasesUnlinked
    | MessagePutOff
    | MachineAnswered
    | BridgeAsked
    | BridgeEnded
    | LegJoined
    | LegEnded
    | LegRedialled
    | HandOverAsked
    | HandOverEnded
    | SaidBack
    | WrongPerson
    | PhraseSent
    | Noticed
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry at its place: `seq` orders the case (from 1), `at` is the UTC instant stamped inside the write."""

    seq: int
    at: datetime
    entry: Entry
