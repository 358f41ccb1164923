"""One thing the house owes a telephone: a text, a call, or the end of a call.

Texts are rendered when they are decided (RULINGS 10), so what is owed is what will be said. The states follow the
carrier's and only ever move forward. Deliberately not here: sending (`service.dispatch`) and wording.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, IntEnum

DELIVERY_WAIT = timedelta(seconds=60)  # a text not known to have arrived by then is not believed in (hazard 11)


class Channel(Enum):
    SMS = "sms"
    VOICE = "voice"
    STOP = "stop"  # end a call that we placed
    MOVE = "move"  # give a live call other words; `body` names the scene
    SAY = "say"  # a sentence to one leg of a conference, while it goes on
    MAIL = "mail"  # only notices


class Purpose(Enum):
    """Why it goes out; the voice webhook and the follow-up of a failure depend on it."""

    PAGE = "page"
    INFORM = "inform"  # the last resort is told; confirming stops nothing (RULINGS 4)
    STAFF = "staff"  # echo, stand-down, coordinator's notice
    FAMILY = "family"  # a sentence to the family
    CALL_BACK = "call_back"  # a call to the family that asks the questions again
    CONNECT = "connect"  # a call to a clinician that is then joined with the family
    LEG = "leg"  # a call whose answerer joins the talk: the family, an interpreter
    BRIDGE = "bridge"  # moves of, and words to, those who are in the talk or on their way
    STOP = "stop"
    NOTICE = "notice"  # to staff, outside of any case (`core.notices`)


class LegKind(Enum):
    """Who is on one line of the talk between family and clinician."""

    FAMILY = "family"
    CLINICIAN = "clinician"
    INTERPRETER = "interpreter"
    SERVICE = "service"  # a second clinician, added to help


class LegOutcome(Enum):
    """What came of one line; "connected" is a fact of the lines, whether they spoke only people can say."""

    CONNECTED = "connected"
    LEFT = "left before the other side came"
    NO_KEY = "answered, but no key was pressed"
    MACHINE = "a machine answered"
    NO_ANSWER = "no answer"
    BUSY = "busy"
    FAILED = "could not be called"
    STOPPED = "stopped"


class Lane(Enum):
    """Queues of the dispatcher. Emergencies, families and urgent pages share theirs with nobody (RULINGS 7)."""

    EMERGENCY = "emergency"
    FAMILY = "family"
    URGENT = "urgent"
    NORMAL = "normal"


class Progress(IntEnum):
    """How far a message got. Sent is not heard (law 4): no value here ever acknowledges."""

    OWED = 0
    ATTEMPTED = 1
    ACCEPTED = 2
    SENT = 3
    RINGING = 4
    ANSWERED = 5
    DELIVERED = 6
    COMPLETED = 7
    BUSY = 8
    NO_ANSWER = 9
    CANCELED = 10
    UNDELIVERED = 11
    FAILED = 12
    DROPPED = 13

    @property
    def is_over(self) -> bool:
        return self >= Progress.DELIVERED

    @property
    def went_wrong(self) -> bool:
        return self in (Progress.BUSY, Progress.NO_ANSWER, Progress.UNDELIVERED, Progress.FAILED)


class Verdict(Enum):
    """What the carrier said when it was handed a message."""

    ACCEPTED = "accepted"
    REFUSED_FOR_NOW = "refused_for_now"
    REFUSED_FOR_GOOD = "refused_for_good"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The carrier's answer. `code` is its error number; `sid` its own name for the message; `route` who carried it."""

    verdict: Verdict
    sid: str | None = None
    code: int | None = None
    route: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """`to` is an E.164 number, `n` counts repeats. `target` is the call that a STOP ends or a MOVE moves, and for SAY
    the conference and the call. `leg` says whom a LEG brings, `route` where those are whom this call must meet."""

    id: str
    case: str
    channel: Channel
    purpose: Purpose
    lane: Lane
    to: str
    body: str = ""
    language: str = "en"
    person: str | None = None
    page: str | None = None
    n: int = 1
    target: str | None = None
    leg: LegKind | None = None
    route: str | None = None


@dataclass(frozen=True, slots=True)
class MessageState:
    """A message and how far it got. `not_before` holds a refused one back; `refusals` counts tries refused for now."""

    message: Message
    progress: Progress = Progress.OWED
    attempts: int = 0
    attempted_at: datetime | None = None  # the first time
    refusals: int = 0
    not_before: datetime | None = None
    sid: str | None = None
    code: int | None = None
    accept_digit: str | None = None
    heard: bool = False  # the accept digit was pressed
    machine: bool = False  # the carrier believes that a machine picked up; never an acknowledgement, either way
    joined: bool = False  # this call has been in the talk
    route: str | None = None  # the last that had it
    overdue: bool = False  # no word of its delivery came in time, and the call was brought forward

    @property
    def is_owed(self) -> bool:
        """Whether the outbox must still hand it over; after a crash an attempt without an outcome is owed again."""
        return self.progress in (Progress.OWED, Progress.ATTEMPTED)

    @property
    def may_be_ringing(self) -> bool:
        return self.progress in (Progress.ATTEMPTED, Progress.ACCEPTED, Progress.SENT, Progress.RINGING)


def count_key(about: str, channel: Channel, number: str) -> str:
    """What repeats are counted by: the page or purpose, the channel and the number."""
    return f"{about}|{channel.value}|{number}"


def message_id(case: str, page: str, channel: Channel, number: str, n: int) -> str:
    """A name that a replayed decision repeats and that shows no number: case, then 12 characters of a digest."""
    digest = hashlib.sha256(f"{count_key(page, channel, number)}|{n}".encode()).hexdigest()
    return f"{case}.{digest[:12]}"


def case_of(message: str) -> str:
    """The case that a message id belongs to."""
    return message.split(".", 1)[0]
