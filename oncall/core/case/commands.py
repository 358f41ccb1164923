"""What somebody wants of a case: imperative, small, and carrying everything from outside that the decision needs.

Chance (the accept digit) and outside words arrive here; time does not, it is stamped inside the write (RULINGS 7).
Deliberately not here: whether it may happen (`decide`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from oncall.core.case.case import Arrival, FollowUp
from oncall.core.case.ipass import Ipass
from oncall.core.case.messages import Outcome, Progress
from oncall.core.reports import Enclosed, Finding, Report


@dataclass(frozen=True, slots=True)
class TakeReport:
    """File a report under `key` (RULINGS 6), or in `case` when it belongs to a closed one (thanks after closing).

    `findings` were drawn before the lock. `digits` may answer the question that the case has open, or on a call the
    one that was `asked` there: a node of rules/calls.yaml or a question. `call` is the carrier's name of the call it
    was said in. `linked` and `closer` name the case closed in the last day. `remark` is what the timeline should say
    of this report besides. `delayed`: it reached us more than a minute late. `opt_out` is the carrier's reading of a
    bare word: STOP or START. `unread`: nothing in the spoken words was understood. `enclosed` came with it.
    `idle`: nothing but words, read to the last one, with neither a sign nor a doubt in them.
    """

    report: Report
    key: str
    arrival: Arrival
    findings: tuple[Finding, ...] = ()
    case: str | None = None
    call: str | None = None
    digits: str = ""
    number: str | None = None
    linked: str | None = None
    closer: str | None = None
    thanks: bool = False
    reading_failed: bool = False
    new_language: str | None = None
    remark: str = ""
    delayed: bool = False
    asked: str = ""
    opt_out: str = ""
    photo: bool = False
    unread: bool = False
    enclosed: tuple[Enclosed, ...] = ()
    idle: bool = False


@dataclass(frozen=True, slots=True)
class WalkOn:
    """A step of a call that tells us nothing about the patient: a number is right, keyed, or nobody spoke twice."""

    case: str
    call: str
    asked: str
    digits: str = ""
    number: str | None = None


@dataclass(frozen=True, slots=True)
class ShowReport:
    """A report of another open case of the same phone is shown here too."""

    case: str
    report: str
    other: str
    code: str


@dataclass(frozen=True, slots=True)
class LinkCase:
    """`person` says that `other` is about the same patient (`linked`), or that it is not."""

    case: str
    person: str
    other: str
    code: str
    how: str
    linked: bool = True


@dataclass(frozen=True, slots=True)
class PassTime:
    case: str


@dataclass(frozen=True, slots=True)
class GoOnRestored:
    """The record was put back to `made_at` (ISO 8601), by a restore or a damage: what becomes of this open case."""

    case: str
    made_at: str


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """`how` says through what: "replied", "pressed 1", "on the page", "on the board". Never a delivery (law 4)."""

    case: str
    person: str
    how: str
    page: str | None = None
    connect: bool = False
    bare: bool = False
    call: str | None = None


@dataclass(frozen=True, slots=True)
class TakeFrom:
    """Take a case that somebody else holds, having been told so: `holder` is who the taker was told has it."""

    case: str
    person: str
    holder: str
    how: str
    page: str | None = None


@dataclass(frozen=True, slots=True)
class PassOn:
    """`not_me` says that the page should never have come to this person."""

    case: str
    person: str
    how: str
    not_me: bool = False


@dataclass(frozen=True, slots=True)
class HandOverTo:
    """The holder offers the case to a named colleague, with what that one has to know where it was written down."""

    case: str
    person: str
    to: str
    how: str
    form: Ipass | None = None


@dataclass(frozen=True, slots=True)
class EndTurn:
    """By the rota the turn of the holder is over at `ends_at`."""

    case: str
    person: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SayBack:
    """The incoming clinician's one line; with it the case is his."""

    case: str
    person: str
    line: str
    how: str


@dataclass(frozen=True, slots=True)
class AddService:
    """Page another rotation as well; the holder keeps the case."""

    case: str
    person: str
    rotation: str
    how: str


@dataclass(frozen=True, slots=True)
class CallFamily:
    """Ring the clinician from the line's number and join him with the family, an interpreter first where asked.

    `call` is the call of ours on which he is listening already.
    """

    case: str
    person: str
    how: str
    interpreter: bool = False
    call: str | None = None


@dataclass(frozen=True, slots=True)
class EnterTalk:
    """A clinician whom we rang for it pressed the accept digit: he goes in, the family is brought."""

    case: str
    person: str
    call: str


@dataclass(frozen=True, slots=True)
class JoinTalk:
    """The carrier says that this call is in the conference `room`."""

    case: str
    call: str
    room: str


@dataclass(frozen=True, slots=True)
class LeaveTalk:
    """This call has left the conference. `aside`: by star, and its listener is choosing keys; `failed`: the provider
    could not confer, and the family is dialled on the clinician's call instead."""

    case: str
    call: str
    aside: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True)
class HearMachine:
    """The carrier believes that a machine picked up."""

    case: str
    message: str


@dataclass(frozen=True, slots=True)
class Undo:
    case: str
    person: str
    how: str


@dataclass(frozen=True, slots=True)
class ReachFamily:
    """The clinician's explicit word, or a key pressed on the family's leg; never a duration (RULINGS 4)."""

    case: str
    person: str
    how: str


@dataclass(frozen=True, slots=True)
class Resolve:
    """`cause` and `follow_up` where the closer says so."""

    case: str
    person: str
    outcome: str
    note: str = ""
    cause: str = ""
    follow_up: FollowUp | None = None
    needed: bool | None = None  # whether the page was; only counted


@dataclass(frozen=True, slots=True)
class SendPhrase:
    """`phrase` is the code of an approved phrase (rules/phrases.yaml)."""

    case: str
    person: str
    phrase: str
    how: str


@dataclass(frozen=True, slots=True)
class AddNote:
    case: str
    person: str
    words: str


@dataclass(frozen=True, slots=True)
class TellStaff:
    """Answer a clinician's text about this case with an owed text, and change nothing else."""

    case: str
    person: str
    to: str
    sentence: str
    blanks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ConfirmInformed:
    case: str
    page: str
    how: str


@dataclass(frozen=True, slots=True)
class RingIn:
    """The line was rung from the telephone of a clinician who has this page open; who rings is not proven."""

    case: str
    person: str


@dataclass(frozen=True, slots=True)
class HearPage:
    """The accept digit of a voice page was pressed."""

    case: str
    message: str


@dataclass(frozen=True, slots=True)
class EndCall:
    """A family's call to the line ended."""

    case: str
    call: str


@dataclass(frozen=True, slots=True)
class RecordAttempt:
    """About to hand a message over. `accept_digit` is this try's chance."""

    case: str
    message: str
    accept_digit: str


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    case: str
    message: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class RecordProgress:
    case: str
    message: str
    progress: Progress
    sid: str | None = None
    code: int | None = None


@dataclass(frozen=True, slots=True)
class KeepEnclosure:
    """Its bytes are in our store."""

    case: str
    enclosure: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ClearEnclosure:
    """The carrier has deleted its copy."""

    case: str
    enclosure: str


@dataclass(frozen=True, slots=True)
class LoseEnclosure:
    case: str
    enclosure: str
    why: str


Command = (
    TakeReport
    | WalkOn
    | ShowReport
    | LinkCase
    | PassTime
    | Acknowledge
    | TakeFrom
    | PassOn
    | HandOverTo
    | EndTurn
    | SayBack
    | AddService
    | CallFamily
    | EnterTalk
    | JoinTalk
    | LeaveTalk
    | HearMachine
    | Undo
    | ReachFamily
    | Resolve
    | SendPhrase
    | AddNote
    | TellStaff
    | ConfirmInformed
    | RingIn
    | HearPage
    | GoOnRestored
    | EndCall
    | RecordAttempt
    | RecordOutcome
    | RecordProgress
    | KeepEnclosure
    | ClearEnclosure
    | LoseEnclosure
)
