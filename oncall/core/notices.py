"""A notice: one thing that the house tells or asks a member of staff outside of any case.

Proof of a phone, consent to a swap, who is on, a hole in the rota, a drill. It is a row, not a journal; its id is
derived from what it is about, so ordering it twice sends it once. A question is answered by slot and digit, from the
very phone that was asked, or by a key; delivery and voicemail never answer (law 4). A notice names no patient.
Deliberately not here: sending (`service.messenger`), and what an answer leads to (whoever ordered it).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from oncall.core.case.messages import Channel, Lane, Message, Outcome, Progress, Purpose, Verdict

NOTICE = "notice-"  # begins every notice's id; a message of a case is named otherwise
KEPT = timedelta(hours=24)  # unless it says otherwise, a notice is worth sending for so long
RING_AGAIN = timedelta(minutes=3)
CALL_LOST = timedelta(minutes=3)  # nobody told us how the call went: it counts as not answered
FIRST_WAIT, LAST_WAIT = timedelta(seconds=5), timedelta(seconds=60)


class Standing(Enum):
    """Where a notice stands. Only `owed` and `sent` are open."""

    OWED = "owed"  # to be handed over, or to be tried again
    SENT = "sent"  # the carrier has it and its question waits
    DONE = "done"  # handed over, and nothing was asked
    ANSWERED = "answered"
    EXPIRED = "expired"
    FAILED = "failed"  # the carrier will not take it, or could not bring it
    WITHDRAWN = "withdrawn"


OPEN = frozenset({Standing.OWED, Standing.SENT})


@dataclass(frozen=True, slots=True)
class About:
    """What it is about: a kind that its feature owns, and which one of them. Together they make it repeat-safe."""

    kind: str
    reference: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One digit (1 to 9) that answers, and what it means to whoever ordered the notice."""

    digit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Notice:
    """`to` is an E.164 number or an address; in `words`, {1} stands for how a text answers 1 (`971`), and the first
    line of a mail is its subject.

    `is_test` waits while its recipient is being paged. `rings` is how often a call is tried.
    """

    about: About
    to: str
    channel: Channel
    words: str
    ordered_by: str
    person: str = ""
    choices: tuple[Choice, ...] = ()
    is_test: bool = False
    rings: int = 1
    not_before: datetime | None = None
    expires_at: datetime | None = None
    ordered_at: datetime | None = None
    slot: int | None = None
    standing: Standing = Standing.OWED
    attempts: int = 0
    refusals: int = 0
    attempted_at: datetime | None = None  # the first time
    sent_at: datetime | None = None  # the last time the carrier took it
    sid: str | None = None
    code: int | None = None
    progress: Progress = Progress.OWED
    answer: str | None = None  # the digit
    answered_at: datetime | None = None
    reply_sid: str | None = None
    settled_at: datetime | None = None
    is_heard: bool = False  # whoever ordered it has been told how it ended

    @property
    def id(self) -> str:
        parts = (self.about.kind, self.about.reference, self.person, self.channel.value, self.to)
        return NOTICE + hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]

    @property
    def is_open(self) -> bool:
        return self.standing in OPEN

    @property
    def is_asking(self) -> bool:
        """Whether a reply by text may answer it now."""
        return self.is_open and self.attempts > 0 and self.channel is Channel.SMS and bool(self.choices)

    @property
    def is_ringing(self) -> bool:
        """A call that the carrier has and nobody has picked up, as far as we were told."""
        return self.channel is Channel.VOICE and self.standing is Standing.SENT and self.progress <= Progress.RINGING

    @property
    def meaning(self) -> str | None:
        """What was answered."""
        return next((choice.meaning for choice in self.choices if choice.digit == self.answer), None)

    @property
    def needs_slot(self) -> bool:
        return self.channel is Channel.SMS and bool(self.choices) and bool(self.person)


def is_notice(message: str) -> bool:
    """Whether a message id in a webhook names a notice."""
    return message.startswith(NOTICE)


def ordered(notice: Notice, at: datetime, slot: int | None) -> Notice:
    """As it is written down at first."""
    return replace(
        notice,
        ordered_at=at,
        not_before=notice.not_before or at,
        expires_at=notice.expires_at or (notice.not_before or at) + KEPT,
        slot=slot,
    )


def free_notice_slot(slots: Collection[int], taken: Collection[int]) -> int | None:
    """From above, as pages take theirs from below; None when all are out (then a bare digit answers)."""
    return next((slot for slot in sorted(slots, reverse=True) if slot not in taken), None)


def said(notice: Notice) -> str:
    """The words as they go out: a text names whole replies, a call single keys."""
    words = notice.words
    for choice in notice.choices:
        reply = f"{notice.slot}{choice.digit}" if notice.slot is not None else choice.digit
        words = words.replace(f"{{{choice.digit}}}", reply)
    return words


def readdressed(notice: Notice, to: str) -> Notice:
    """The same to another number of the same person, to be ordered anew."""
    return Notice(
        notice.about,
        to,
        notice.channel,
        notice.words,
        notice.ordered_by,
        person=notice.person,
        choices=notice.choices,
        is_test=notice.is_test,
        rings=notice.rings,
        expires_at=notice.expires_at,
    )


def is_about_its_number(notice: Notice) -> bool:
    """A code, or a call that proves this very number, means nothing on another."""
    return notice.to in notice.about.reference


def message_of(notice: Notice) -> Message:
    """For the pager: the lane of what is in no hurry, and no case."""
    return Message(
        id=notice.id,
        case="",
        channel=notice.channel,
        purpose=Purpose.NOTICE,
        lane=Lane.NORMAL,
        to=notice.to,
        body=said(notice),
        person=notice.person or None,
        n=max(notice.attempts, 1),
    )


# --- moves: each is safe to repeat, and leaves alone what it does not fit -------------------------------------------


def attempted(notice: Notice, at: datetime) -> Notice:
    """Written before the carrier is asked (law 5)."""
    if notice.standing is not Standing.OWED:
        return notice
    return replace(
        notice,
        attempts=notice.attempts + 1,
        attempted_at=notice.attempted_at or at,
        progress=Progress.ATTEMPTED,
        sid=None,
    )


def handed_over(notice: Notice, outcome: Outcome, at: datetime) -> Notice:
    """The carrier's answer; an answer of the person, or a status, may have come before it."""
    if notice.standing is not Standing.OWED:
        return replace(notice, sid=notice.sid or outcome.sid) if outcome.verdict is Verdict.ACCEPTED else notice
    match outcome.verdict:
        case Verdict.ACCEPTED:
            same = notice.sid in (None, outcome.sid)  # a status that came first may be of an earlier try
            progress = max(notice.progress, Progress.ACCEPTED) if same else Progress.ACCEPTED
            taken = replace(
                notice, sid=outcome.sid or notice.sid, sent_at=at, progress=progress, code=None, standing=Standing.SENT
            )
            return taken if notice.choices else _settled(taken, Standing.DONE, at)
        case Verdict.REFUSED_FOR_NOW:
            wait = min(FIRST_WAIT * 2 ** min(notice.refusals, 6), LAST_WAIT)
            return replace(
                notice,
                refusals=notice.refusals + 1,
                not_before=at + wait,
                code=outcome.code,
                progress=Progress.OWED,
            )
        case _:
            return _settled(replace(notice, code=outcome.code), Standing.FAILED, at)


def progressed(notice: Notice, progress: Progress, sid: str | None, code: int | None, at: datetime) -> Notice:
    """The carrier's status, only forward, and only of the newest try. None of them answers (law 4)."""
    stale = notice.sid is not None and sid is not None and sid != notice.sid
    if stale or notice.attempts == 0 or progress <= notice.progress:
        return notice
    moved = replace(notice, progress=progress, sid=notice.sid or sid, code=code or notice.code)
    if notice.channel is Channel.VOICE and progress.is_over:
        return _not_answered(moved, at)
    if progress.went_wrong and notice.standing in (Standing.OWED, Standing.SENT, Standing.DONE):
        return _settled(moved, Standing.FAILED, at)
    return moved


def _not_answered(notice: Notice, at: datetime) -> Notice:
    """The call is over without a key: it rings again, or that was the last time."""
    if notice.standing is not Standing.SENT:
        return notice
    if notice.attempts - notice.refusals >= notice.rings:
        return _settled(notice, Standing.EXPIRED, at)
    return replace(notice, standing=Standing.OWED, not_before=at + RING_AGAIN, progress=Progress.OWED, sid=None)


def answered(notice: Notice, digit: str, reply_sid: str | None, at: datetime) -> Notice:
    """A person has answered. The first answer holds; one that is too late, or no choice, changes nothing."""
    if not notice.is_open or all(choice.digit != digit for choice in notice.choices):
        return notice
    settled = _settled(notice, Standing.ANSWERED, at)
    return replace(settled, answer=digit, answered_at=at, reply_sid=reply_sid)


def put_off(notice: Notice, at: datetime) -> Notice:
    """A call that was stopped because the person is being paged: it does not count as a ring."""
    if not notice.is_ringing:
        return notice
    return replace(
        notice,
        standing=Standing.OWED,
        refusals=notice.refusals + 1,
        not_before=at,
        progress=Progress.OWED,
        sid=None,
    )


def withdrawn(notice: Notice, at: datetime) -> Notice:
    """Nobody needs it any more."""
    return _settled(notice, Standing.WITHDRAWN, at) if notice.is_open else notice


def lapsed(notice: Notice, at: datetime) -> Notice:
    """What time alone does to it."""
    if not notice.is_open:
        return notice
    if notice.expires_at is not None and notice.expires_at <= at:
        return _settled(notice, Standing.EXPIRED, at)
    ends_at = _call_ends_at(notice)
    return _not_answered(notice, at) if ends_at is not None and ends_at <= at else notice


def changes_at(notice: Notice) -> datetime | None:
    """The next instant at which time alone changes it."""
    times = [at for at in (notice.expires_at, _call_ends_at(notice)) if at is not None]
    return min(times, default=None) if notice.is_open else None


def heard(notice: Notice) -> Notice:
    return replace(notice, is_heard=True)


def with_slot(notice: Notice, slot: int | None) -> Notice:
    return replace(notice, slot=slot) if notice.attempts == 0 else notice


def _call_ends_at(notice: Notice) -> datetime | None:
    if notice.channel is not Channel.VOICE or notice.standing is not Standing.SENT or notice.sent_at is None:
        return None
    return notice.sent_at + CALL_LOST


def _settled(notice: Notice, standing: Standing, at: datetime) -> Notice:
    return replace(notice, standing=standing, settled_at=at, is_heard=False)
