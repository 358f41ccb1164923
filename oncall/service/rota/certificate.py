"""The certificate of a month: every test call and proof, who answered by which number and when, and who did not.

One line for each person and occasion, whatever telephones it took. Silence is never written as fine: what was not asked
to its end says so. Deliberately not here: the sheet of paper (adapters/web), and asking.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from oncall.core.case.facts import Directory
from oncall.core.case.messages import Channel
from oncall.core.notices import Notice, Standing
from oncall.core.staff_numbers import masked
from oncall.core.wall_time import first_pass
from oncall.service.cases.board import name_of
from oncall.service.people import number_proofs
from oncall.service.ports.register import Notices
from oncall.service.rota import drills, shift_proofs, when_proven

KINDS: Mapping[str, str] = {
    drills.KIND: "Drill",
    shift_proofs.PROOF: "Start of shift",
    number_proofs.KEY: "New number",
    when_proven.KIND: "Before coming on",
}
MOST = 1000  # notices of one kind on one sheet
BY = {Channel.SMS: "text", Channel.VOICE: "call"}


@dataclass(frozen=True, slots=True)
class Line:
    """One person on one occasion. `answered_at` None: `outcome` says what became of it; `numbers` were tried."""

    at: datetime
    what: str
    person: str
    name: str
    numbers: tuple[str, ...]
    outcome: str
    answered_at: datetime | None = None
    seconds: float | None = None
    is_missed: bool = False


@dataclass(frozen=True, slots=True)
class Certificate:
    """Oldest first; `is_cut`: older ones of that month are not on the sheet."""

    month: date
    lines: tuple[Line, ...]
    is_cut: bool

    @property
    def answered(self) -> int:
        return sum(line.answered_at is not None for line in self.lines)

    @property
    def missed(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.is_missed)


async def certificate_of(month: date, notices: Notices, directory: Directory, zone: str) -> Certificate:
    """`month` is its first day, in the hospital's zone."""
    following = (month + timedelta(days=31)).replace(day=1)
    since, until = (first_pass(datetime.combine(day, time()), zone) for day in (month, following))
    lines, is_cut = [], False
    for kind in KINDS:
        found = await notices.between(since, until, kind, MOST)
        is_cut = is_cut or len(found) == MOST
        lines += lines_of(found, directory)
    return Certificate(month, tuple(sorted(lines, key=lambda line: (line.at, line.name))), is_cut)


def lines_of(found: Iterable[Notice], directory: Directory) -> list[Line]:
    def occasion(notice: Notice) -> tuple[str, str, str]:
        return notice.about.kind, notice.about.reference, notice.person

    grouped = groupby(sorted(found, key=occasion), key=occasion)
    return [_line(list(own), directory) for _, own in grouped]


def _line(own: Sequence[Notice], directory: Directory) -> Line:
    at = min(notice.ordered_at for notice in own if notice.ordered_at is not None)
    answered = next((notice for notice in own if notice.standing is Standing.ANSWERED), None)
    what, person = KINDS[own[0].about.kind], own[0].person
    name = name_of(person, directory)
    if answered is None:
        outcome, is_missed = _unanswered(own)
        return Line(at, what, person, name, tuple(map(_tried, own)), outcome, is_missed=is_missed)
    asked_at, answered_at = answered.sent_at or answered.ordered_at, answered.answered_at
    seconds = (answered_at - asked_at).total_seconds() if answered_at and asked_at else None
    outcome = answered.meaning or "answered"
    return Line(at, what, person, name, (_tried(answered),), outcome, answered_at, seconds)


def _tried(notice: Notice) -> str:
    return f"{BY.get(notice.channel, 'mail')} {masked(notice.to)}"


def _unanswered(own: Sequence[Notice]) -> tuple[str, bool]:
    """In words, and whether a telephone was tried in vain."""
    if any(notice.is_open for notice in own):
        return "still being asked", False
    if any(notice.standing is Standing.WITHDRAWN for notice in own):
        is_shift = own[0].about.kind == shift_proofs.PROOF
        return ("a key on another call of ours showed it" if is_shift else "taken back"), False
    if all(notice.attempts == 0 for notice in own):
        return "NOT RUNG: pages went first", True
    if all(notice.standing is Standing.FAILED for notice in own):
        return "THE CARRIER REFUSED IT", True
    return "NO ANSWER", True
