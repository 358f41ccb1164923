"""The team as its page shows it: who, on which tiers, reachable how and proven when, on leave, signed in.

Everybody may look; one sentence for each person says whether a page would really reach them. Somebody who has left and
whom the rota still names is said in red. Deliberately not here: changing anything (`number_proofs`, `leaving`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from oncall.core.notices import Notice, Standing
from oncall.core.rota.fairness import roster_of
from oncall.core.rota.leavers import still_named
from oncall.core.rota.on_call import Kind, Rota
from oncall.core.staff_numbers import Light, Member, Number, Proof, Readiness, proof_of, readiness_of
from oncall.core.wall_time import FOREVER
from oncall.service.cases.board import tier_title, tiers_in_order
from oncall.service.messenger import Messenger
from oncall.service.people.accounts import Accounts
from oncall.service.people.number_proofs import NumberProofs
from oncall.service.people.team_shelf import TeamShelf
from oncall.service.ports.journal import HandbookSource
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota.drills import KIND, Drills
from oncall.service.rota.span_words import between_words

STOP_WORDS = (
    "STOP: the carrier blocks our texts. They are rung only. Text START from this phone to the line, then ask for a "
    "new code."
)
RANG = {
    Standing.EXPIRED: "no answer",
    Standing.FAILED: "the carrier refused the call",
    Standing.WITHDRAWN: "taken back",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One number with what is known of it."""

    number: Number
    proof: Proof


@dataclass(frozen=True, slots=True)
class TeamRow:
    """One person. `signed_in_at` None: never, or no account (`has_account`)."""

    member: Member
    tiers: tuple[str, ...]
    lines: tuple[Line, ...]
    readiness: Readiness
    leave: tuple[str, ...]
    has_account: bool
    signed_in_at: datetime | None
    calendars: int  # links to their shifts that are in use
    tested: str  # how the last test page went, "" for none within a week

    @property
    def is_here(self) -> bool:
        return self.member.left_at is None


class Team:
    """See the module."""

    def __init__(
        self,
        shelf: TeamShelf,
        accounts: Accounts,
        messenger: Messenger,
        proofs: NumberProofs,
        drills: Drills,
        handbooks: HandbookSource,
        clock: Timepiece,
    ) -> None:
        self.shelf, self.proofs, self.drills = shelf, proofs, drills
        self._accounts, self._messenger, self._handbooks, self._clock = accounts, messenger, handbooks, clock

    async def rows(self) -> list[TeamRow]:
        """Who is here first, the least ready of them at the top."""
        rows = [await self._row(member) for member in await self.shelf.members()]
        return sorted(rows, key=lambda row: (not row.is_here, -row.readiness.light))

    async def row(self, person: str) -> TeamRow | None:
        member = await self.shelf.member(person)
        return await self._row(member) if member else None

    async def _row(self, member: Member) -> TeamRow:
        rota, now = self._handbooks.current().rota, self._clock.now()
        tiers = tiers_of(rota, member.id, now)
        account = await self._accounts.account(member.id)
        sessions = await self._accounts.sessions(member.id)
        return TeamRow(
            member=member,
            tiers=tiers,
            lines=tuple(Line(number, proof_of(number, now)) for number in member.numbers),
            readiness=_readiness(member, rota, now, bool(tiers)),
            leave=leave_ahead(rota, member.id, now),
            has_account=account is not None and not account.ended,
            signed_in_at=max((session.made_at for session in sessions), default=None),
            calendars=await self.shelf.calendar_links(member.id),
            tested=_tested(await self._messenger.notices.of_person(member.id)),
        )


def tiers_of(rota: Rota, person: str, now: datetime) -> tuple[str, ...]:
    """The tiers on which they stand, by turn or by a cover to come."""
    found = []
    for rotation, layer in tiers_in_order(rota):
        own = f"{rotation.name}/{layer}"
        covers = {change.person for change in rotation.changes if change.tier == own and change.ends_at > now}
        if person in covers or person in roster_of(rotation.layer(layer), now, FOREVER):
            found.append(tier_title(rotation, layer))
    return tuple(found)


def leave_ahead(rota: Rota, person: str, now: datetime) -> tuple[str, ...]:
    """Leave that runs or is to come; it stands with every rotation, and is told once."""
    spans = {
        (change.starts_at, change.ends_at)
        for rotation in rota.rotations.values()
        for change in rotation.changes
        if change.kind is Kind.LEAVE and change.person == person and change.ends_at > now
    }
    return tuple(between_words(*span, rota.zone) for span in sorted(spans))


def _readiness(member: Member, rota: Rota, now: datetime, rostered: bool) -> Readiness:
    if member.left_at is None:
        return readiness_of(member, now, rostered)
    if still_named(rota, member.id, max(member.left_at, now)):
        return Readiness(Light.RED, "has left, and the rota still names them: change it")
    return Readiness(Light.GREEN, "has left the team")


def _tested(notices: list[Notice]) -> str:
    """The newest test call, in a few words."""
    last = next((notice for notice in notices if notice.about.kind == KIND), None)
    if last is None:
        return ""
    if last.standing is Standing.ANSWERED and last.answered_at and last.sent_at:
        return f"answered after {(last.answered_at - last.sent_at).total_seconds():.0f} s"
    return RANG.get(last.standing, "on its way")
