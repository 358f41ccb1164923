"""A request that somebody else has a shift: who asks whom, for what, how far it is, and what may follow.

Swap, give, ask all, leave, and "replace now" for who cannot go on. Until a request is published the holder is on call,
whatever anybody has answered. One table says every move; each move is kept with who made it and when. A request names
no patient. Deliberately not here: sending and hearing answers (`service.rota.requests`), words (`request_words`), and
whom a page reaches meanwhile (`rounds`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from oncall.core.rota.edits import AddCover, AddLeave, AddSwap, Edit, Given
from oncall.core.rota.on_call import Rota, shifts_between
from oncall.core.rota.spans import Span
from oncall.core.rota.stints import without_windows
from oncall.core.wall_time import TICK, instants_showing, wall

LAPSES_BEFORE = timedelta(hours=12)  # a proposal, like the two below: a coordinator's day lies between
AUTOMATIC_FROM = timedelta(hours=48)
NOW_WITHIN = timedelta(hours=48)  # a shift this near may be replaced "now"
TURN = timedelta(minutes=15)  # for so long one person is asked to replace now
CALL_AFTER = timedelta(minutes=5)
THE_LINE = "the line"  # who does what nobody needs to


class Kind(Enum):
    """What is asked for."""

    SWAP = "swap"
    GIVE = "give"
    ASK_ALL = "ask all"
    LEAVE = "leave"
    REPLACE = "replace now"


class State(Enum):
    """How far it is. Only PUBLISHED changes who is on call."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    APPROVED = "approved"
    PUBLISHED = "published"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused by a guard"


class Move(Enum):
    """What somebody, or time, does to it."""

    ASK = "asked"
    ACCEPT = "accepted"
    SAY_NO = "said no"
    DECLINE = "declined"
    APPROVE = "approved"
    PUBLISH = "published"
    REFUSE = "refused"
    WITHDRAW = "withdrew"
    LAPSE = "lapsed"


TABLE: Mapping[tuple[State, Move], State] = {
    (State.ASKED, Move.ASK): State.ASKED,  # the next one, for "replace now"
    (State.ASKED, Move.SAY_NO): State.ASKED,  # one of several
    (State.ASKED, Move.ACCEPT): State.ACCEPTED,
    (State.ASKED, Move.DECLINE): State.DECLINED,
    (State.ASKED, Move.WITHDRAW): State.WITHDRAWN,
    (State.ASKED, Move.LAPSE): State.LAPSED,
    (State.ACCEPTED, Move.APPROVE): State.APPROVED,
    (State.ACCEPTED, Move.DECLINE): State.DECLINED,
    (State.ACCEPTED, Move.REFUSE): State.REFUSED,
    (State.ACCEPTED, Move.WITHDRAW): State.WITHDRAWN,
    (State.ACCEPTED, Move.LAPSE): State.LAPSED,
    (State.APPROVED, Move.PUBLISH): State.PUBLISHED,
    (State.APPROVED, Move.REFUSE): State.REFUSED,
}
OPEN = frozenset({State.ASKED, State.ACCEPTED, State.APPROVED})


@dataclass(frozen=True, slots=True)
class Entry:
    """One move: who made it and when; `whom` it is about, if that is not who entered it. `note` is why or how."""

    move: Move
    who: str
    at: datetime
    note: str = ""
    whom: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """`holder` gives away `span` on `tier` (leave: everything in it). `asked`: everybody asked so far, the newest last;
    `back`: what the holder gets for it in a swap. `turn_at`: since when the newest has been asked."""

    id: str
    kind: Kind
    tier: str
    holder: str
    span: Span
    asked: tuple[str, ...]
    entered_by: str
    made_at: datetime
    turn_at: datetime
    back: Span | None = None
    note: str = ""
    state: State = State.ASKED
    taker: str = ""
    edition: str = ""
    entries: tuple[Entry, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def starts_at(self) -> datetime:
        """Of the earlier shift that it moves."""
        return min(self.span[0], self.back[0]) if self.back else self.span[0]

    @property
    def lapses_at(self) -> datetime:
        """When time alone ends it, or asks the next one."""
        return self.turn_at + TURN if self.kind is Kind.REPLACE else self.starts_at - LAPSES_BEFORE

    @property
    def asked_now(self) -> tuple[str, ...]:
        """Whose answer is waited for."""
        if self.state is not State.ASKED:
            return ()
        refused = {entry.whom for entry in self.entries if entry.move is Move.SAY_NO}
        newest = self.asked[-1:] if self.kind is Kind.REPLACE else self.asked
        return tuple(person for person in newest if person not in refused)

    @property
    def is_replacing(self) -> bool:
        """The holder cannot go on, and nobody else is on yet: also when the asking has come to nothing (RULINGS 8)."""
        ended = self.state in (State.PUBLISHED, State.WITHDRAWN, State.DECLINED)
        return self.kind is Kind.REPLACE and not ended

    @property
    def approver(self) -> str:
        return next((entry.who for entry in reversed(self.entries) if entry.move is Move.APPROVE), "")


def may(request: Request, move: Move) -> bool:
    """Whoever asked to be replaced may say that it is over, also after the asking came to nothing."""
    if move is Move.WITHDRAW and request.is_replacing and request.state is not State.APPROVED:
        return True
    return (request.state, move) in TABLE


def moved(request: Request, move: Move, who: str, at: datetime, note: str = "", whom: str = "") -> Request:
    """After the move; one that is not in the table changes nothing, so that everything is safe to repeat."""
    if not may(request, move):
        return request
    state = TABLE.get((request.state, move), State.WITHDRAWN)
    return replace(request, state=state, entries=(*request.entries, Entry(move, who, at, note, whom)))


def accepted(request: Request, taker: str, who: str, at: datetime, note: str = "") -> Request:
    """The first yes holds; only of somebody who is being asked."""
    if taker not in request.asked_now:
        return request
    return replace(moved(request, Move.ACCEPT, who, at, note, taker), taker=taker)


def refused_by(request: Request, person: str, who: str, at: datetime, note: str = "") -> Request:
    """One no. The last one of them declines the whole, but for who must be replaced now the next is asked."""
    if person not in request.asked_now:
        return request
    after = moved(request, Move.SAY_NO, who, at, note, person)
    if after.asked_now or request.kind is Kind.REPLACE:
        return after
    return moved(after, Move.DECLINE, who, at, note, person)


def asked_next(request: Request, person: str, at: datetime) -> Request:
    """It is this person's turn; nobody is asked twice."""
    if request.kind is not Kind.REPLACE or person in request.asked:
        return request
    after = moved(request, Move.ASK, THE_LINE, at, whom=person)
    return after if after is request else replace(after, asked=(*request.asked, person), turn_at=at)


def published(request: Request, edition: str, at: datetime) -> Request:
    """It is in force; `edition` is the one that brought it."""
    after = moved(request, Move.PUBLISH, THE_LINE, at)
    return after if after is request else replace(after, edition=edition)


def reason_of(request: Request) -> str:
    """Why it was approved, as it stands beside the edition."""
    return next((entry.note for entry in reversed(request.entries) if entry.move is Move.APPROVE), "") or "approved"


def is_automatic(request: Request, is_green: bool, at: datetime) -> bool:
    """Whether no coordinator needs to look: nothing gets worse and there is time, or there is none at all."""
    if request.kind is Kind.REPLACE:
        return True
    return is_green and request.starts_at - at > AUTOMATIC_FROM


# --- the rota ---------------------------------------------------------------------------------------------


def shift_of(rota: Rota, tier: str, person: str, at: datetime) -> Span | None:
    """The whole shift of this person on "rotation/layer" at an instant, without any hand-over window."""
    name, _, layer = tier.partition("/")
    rotation = rota.rotations.get(name)
    if rotation is None or all(known.name != layer for known in rotation.layers):
        return None
    shifts = shifts_between(without_windows(rotation), layer, at, at + TICK)
    return next(((shift.starts_at, shift.ends_at) for shift in shifts if shift.person == person), None)


def edit_of(request: Request, zone: str, now: datetime) -> Edit:
    """What publishing it writes into the rota; `zone` is the rotation's. Its note names the request."""
    note = mark_of(request)
    starts, until = typed(max(request.span[0], now), zone), typed(request.span[1], zone)
    if request.kind is Kind.LEAVE:
        return AddLeave(request.holder, starts, until, note)
    if request.back is not None:
        back = Given(request.taker, typed(request.back[0], zone), typed(request.back[1], zone))
        return AddSwap(request.tier, Given(request.holder, starts, until), back, note)
    return AddCover(request.tier, request.taker, starts, until, instead_of=request.holder, note=note)


def mark_of(request: Request) -> str:
    return f"request {request.id}"


def is_in(rota: Rota, request: Request) -> bool:
    """Whether the rota has it already: a crash may lie between publishing and keeping that it was published."""
    changes = (change for rotation in rota.rotations.values() for change in rotation.changes)
    return any(change.note == mark_of(request) for change in changes)


def typed(at: datetime, zone: str) -> str:
    """As a coordinator types it, to the minute; with the offset where the clock shows that time twice."""
    local = wall(at, zone)
    shown = f"{local:%Y-%m-%d %H:%M}"
    if len(instants_showing(local, zone)) == 1:
        return shown
    offset = local - at.replace(tzinfo=None)
    sign, minutes = ("-" if offset < timedelta(0) else "+"), abs(offset) // timedelta(minutes=1)
    return f"{shown}{sign}{minutes // 60:02d}:{minutes % 60:02d}"
