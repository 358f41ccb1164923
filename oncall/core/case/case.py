"""One open episode of one person with a pump, as replay of its journal gives it.

A case is a value: `evolve` makes the next one from an entry, `decide` reads it, nothing changes it in place. Its
clocks are the waits that run now, each an absolute instant (law 3). Deliberately not here: any rule of what to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from oncall.core.case.escalation import EscalationTable
from oncall.core.case.ipass import Ipass
from oncall.core.case.messages import Channel, LegKind, MessageState
from oncall.core.reports import Enclosed, Finding, Heard, Source
from oncall.core.triage.assessment import Assessment, Urgency


class Status(Enum):
    """Where a case stands. Every legal move between these is in `decide.MOVES`."""

    NEW = "new"  # nothing has been written yet
    LISTENING = "listening"  # a call was picked up; the page waits at most 20 s for a key
    WAITING = "waiting"  # a same-day report at night, or a task for the morning
    PAGING = "paging"  # pages climb
    HELD = "held"  # a named clinician has taken it
    CLOSED = "closed"


class ClockKind(Enum):
    """Every wait a case can be in; each ends in something that a person notices."""

    CALL_START = "call_start"  # 20 s after pick-up the page goes out whatever was said
    HANG_UP = "hang_up"  # an unknown phone hung up early: page unless a person says "wrong number"
    STEP = "step"
    ROUND = "round"
    RING = "ring"  # subject: page
    DELIVERY = "delivery"  # subject: a text whose arrival nobody has reported yet
    PROMISE = "promise"
    STATUS = "status"
    SILENCE = "silence"  # a question to the family without an answer
    MORNING = "morning"  # a same-day report at night waits for the day
    UNTAKEN = "untaken"  # a same-day page nobody took becomes urgent
    TASK = "task"
    TASK_PAGE = "task_page"
    FAMILY_REACHED = "family_reached"
    HOLDER_SILENT = "holder_silent"
    FAMILY_TRY = "family_try"  # the family did not answer the doctor's call: the next try
    INTERPRETER = "interpreter"  # the family does not wait for an interpreter longer than this
    HAND_OVER = "hand_over"  # the holder's turn ends, or is over and nobody has said the case back
    REVIEW = "review"  # a restored database brought it back, and no person has looked at it yet
    LEG_LOST = "leg_lost"  # subject: the call that left the talk while the other side is still there


@dataclass(frozen=True, slots=True)
class Clock:
    """One running wait. `wait` is its own length, so that a clock stepped back can be noticed (RULINGS 7)."""

    kind: ClockKind
    subject: str
    due_at: datetime
    wait: timedelta


class Arrival(Enum):
    """In what form a report arrived; the conversation depends on it."""

    TEXT = "text"
    PICKED_UP = "picked_up"
    KEY = "key"
    WORDS = "words"
    SILENT = "silent"
    HUNG_UP = "hung_up"
    RECORDED = "recorded"
    ALARM = "alarm"
    NEW_CALL = "new_call"
    CALENDAR = "calendar"  # a date or a task of the house's own that passed


@dataclass(frozen=True, slots=True)
class ReportNote:
    """A report's place in the case; its raw words are in the report itself."""

    id: str
    source: Source
    arrival: Arrival
    at: datetime
    sender: str | None
    sha256: str = ""  # of its raw words: the same again is known without reading them
    moved: bool = False  # it answered a question or raised the case: no auto-responder's echo


@dataclass(frozen=True, slots=True)
class Enclosure:
    """Sound or picture of a report. `media_type` is set once it is kept here, `cleared` once the carrier has it no
    more; `gone` says why it is not here."""

    what: Enclosed
    report: str
    at: datetime
    media_type: str = ""
    size: int = 0
    cleared: bool = False
    gone: str = ""

    @property
    def is_kept(self) -> bool:
        return bool(self.media_type) and not self.gone

    @property
    def is_at_the_carrier(self) -> bool:
        """Whether something is still to be fetched there, or to be deleted after it was."""
        return not self.cleared and not self.gone


@dataclass(frozen=True, slots=True)
class Page:
    """The request that one person take this case. `slot` is the two digits of a reply, `token` the link's secret."""

    id: str
    person: str
    tier: str
    round: int
    ordered_at: datetime
    why: str
    slot: int | None
    token: str
    informs: bool = False
    declined: bool = False
    ringing: bool = True  # still repeated; ends for a decline and for who went off duty

    @property
    def seq(self) -> int:
        """The place in the journal of the entry that ordered it, which its id carries (RULINGS 7)."""
        return int(self.id.split("-")[1])


@dataclass(frozen=True, slots=True)
class Holding:
    """Who has taken the case, since when and how; `seq` is the place of the taking in the journal."""

    person: str
    page: str | None
    at: datetime
    how: str
    seq: int = 0

    def came_before(self, page: Page) -> bool:
        """Whether this page was ordered after the taking, to help the holder. Order is seq, never time."""
        return page.seq > self.seq


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What is still to be done after closing: by whom, by when. A task of the register as well."""

    title: str
    due_at: datetime
    owner: str


@dataclass(frozen=True, slots=True)
class Closing:
    person: str
    at: datetime
    outcome: str
    note: str
    cause: str = ""
    follow_up: FollowUp | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Another case that a named person says is about the same patient."""

    case: str
    code: str
    person: str


@dataclass(frozen=True, slots=True)
class FamilyCall:
    """A family's call to the line, and the nodes of rules/calls.yaml it has been through, the last one last."""

    sid: str
    number: str | None
    started_at: datetime
    live: bool = True
    silences: int = 0
    nodes: tuple[str, ...] = ()

    @property
    def node(self) -> str:
        """Where the caller is, or was when the call ended."""
        return self.nodes[-1] if self.nodes else ""


@dataclass(frozen=True, slots=True)
class Leg:
    """One line of the talk. `room` is the carrier's name of the conference, `met` says whether the other side was
    there at the same time."""

    call: str
    kind: LegKind
    number: str | None
    person: str | None
    joined_at: datetime
    room: str = ""
    met: bool = False


@dataclass(frozen=True, slots=True)
class Bridge:
    """The talk that `person` wants with the family: whose phones in which order, and how often they were rung."""

    person: str
    numbers: tuple[str, ...]
    began_at: datetime
    interpreter: bool = False
    call: str | None = None  # on which he asked, where he was on one
    tries: int = 0
    lost: LegKind | None = None  # which side is being rung again after its line was lost
    redials: int = 0
    reached: bool = False  # the family, since this talk was asked for


@dataclass(frozen=True, slots=True)
class HandOver:
    """The holder offers the case to `to`; it stays his until that person has said back one line."""

    person: str
    to: str
    at: datetime
    form: Ipass | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """See the module. Instants are UTC; `version` is the seq of the last entry."""

    id: str
    version: int = 0
    status: Status = Status.NEW
    key: str = ""
    code: str = ""
    opened_at: datetime | None = None
    patient: str | None = None
    phone: str | None = None
    label: str = ""
    about: str = ""  # what the caller says: usual, other or unsure; "" while nobody was asked
    language: str = "en"
    edition: str = ""
    table: EscalationTable | None = None
    linked: str | None = None
    reports: tuple[ReportNote, ...] = ()
    findings: tuple[Finding, ...] = ()
    assessment: Assessment | None = None
    pace: Urgency | None = None
    round: int = 0
    round_started_at: datetime | None = None
    step: int = -1
    pages: tuple[Page, ...] = ()
    messages: tuple[MessageState, ...] = ()  # all that is under way, and the newest of what is over
    sent: tuple[tuple[str, int], ...] = ()  # how many were ordered, by `count_key`
    holder: Holding | None = None
    family_reached_at: datetime | None = None
    heard: int = 0  # how many reports there were when the family was last reached: order is seq, never time
    promised_at: datetime | None = None
    first_paged_at: datetime | None = None
    clocks: tuple[Clock, ...] = ()
    asked: str | None = None
    pending: tuple[str, ...] = ()  # texted, and not answered yet
    answered: tuple[str, ...] = ()
    calls: tuple[FamilyCall, ...] = ()
    notes: tuple[str, ...] = ()
    bridge: Bridge | None = None
    legs: tuple[Leg, ...] = ()  # who is in the talk now
    past_legs: tuple[Leg, ...] = ()  # who has left it, the newest few
    hand_over: HandOver | None = None
    not_taking: tuple[str, ...] = ()  # who declined it from the present holder
    wrong_people: tuple[str, ...] = ()  # paged, and said "not me"
    texts_blocked: bool = False  # by anybody of the family
    blocked: tuple[str, ...] = ()  # the numbers that take no texts
    extension: str = ""  # at which hospital staff wait
    links: tuple[Link, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    rules_failed: bool = False
    closed: Closing | None = None

    @property
    def is_open(self) -> bool:
        return self.status not in (Status.NEW, Status.CLOSED)

    @property
    def pinned(self) -> EscalationTable:
        """The table pinned at opening. Raises ValueError for a case that was never opened."""
        if self.table is None:
            raise ValueError("a case that was never opened has no table")
        return self.table

    @property
    def due_at(self) -> datetime | None:
        """The earliest clock."""
        return min((clock.due_at for clock in self.clocks), default=None)

    def clock(self, kind: ClockKind, subject: str = "") -> Clock | None:
        return next((c for c in self.clocks if c.kind is kind and c.subject == subject), None)

    def page_of(self, person: str) -> Page | None:
        """This person's page that asks for taking (not a mere information)."""
        return next((page for page in self.pages if page.person == person and not page.informs), None)

    def page(self, page_id: str | None) -> Page | None:
        return next((page for page in self.pages if page.id == page_id), None)

    def message(self, message: str) -> MessageState | None:
        return next((state for state in self.messages if state.message.id == message), None)

    def messages_of(self, page_id: str) -> Iterator[MessageState]:
        return (state for state in self.messages if state.message.page == page_id)

    def leg(self, call: str) -> Leg | None:
        """The line of the talk that is this call."""
        return next((leg for leg in self.legs if leg.call == call), None)

    def has_leg(self, kind: LegKind) -> bool:
        return any(leg.kind is kind for leg in self.legs)

    def message_of_call(self, call: str) -> MessageState | None:
        """The message by which we placed this call."""
        return next((state for state in self.messages if state.sid == call), None)

    def times_sent(self, key: str) -> int:
        """How many messages were ever ordered under this `count_key`."""
        return next((count for known, count in self.sent if known == key), 0)

    def times_rung(self, page_id: str) -> int:
        """How often somebody's phones were rung for this page."""
        start = f"{page_id}|{Channel.VOICE.value}|"
        return sum(count for key, count in self.sent if key.startswith(start))

    @property
    def phones(self) -> tuple[str, ...]:
        """Everybody who has spoken for the family in this case, first contact first."""
        senders = (note.sender for note in self.reports if note.sender)
        return tuple(dict.fromkeys((*senders, *((self.phone,) if self.phone else ()))))

    @property
    def unreached_since(self) -> datetime | None:
        """The first report that nobody has spoken with the family about; None when they were reached after the last."""
        return next((note.at for note in self.reports[self.heard :]), None)

    @property
    def last_family_report_at(self) -> datetime | None:
        return self.reports[-1].at if self.reports else None

    def enclosure(self, name: str) -> Enclosure | None:
        return next((known for known in self.enclosures if known.what.id == name), None)

    def call(self, sid: str | None) -> FamilyCall | None:
        return next((call for call in self.calls if call.sid == sid), None)

    def has_said(self, code: str) -> bool:
        """Whether the family said so themselves (not merely that they are not sure)."""
        return any(finding.code == code and finding.heard is Heard.PRESENT for finding in self.findings)

    @property
    def has_help(self) -> bool:
        """Somebody has it, or 911 has been called: no more questions to the family (RULINGS 5). The page goes on."""
        return self.holder is not None or self.has_said("called_911")

    @property
    def is_on_the_line(self) -> bool:
        """Whether the family is in a live call with us."""
        return any(call.live for call in self.calls)
