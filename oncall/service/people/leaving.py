"""Somebody leaves the team: everything that is theirs is given to somebody first, then nothing reaches them any more.

Turns are taken out of the patterns, or given on; shifts that remain before the next hand-over, and covers and swaps to
come, are given one by one, with a filler suggested for each; tasks get another owner, a case is handed over before, and
what they have asked of others is withdrawn. The rota changes in one published edition, and only when it names them no
more do they leave. Rows and history stay, and they can be brought back. Deliberately not here: the page, and how edits
are written into files.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from oncall.core.rota.edits import AddCover, Edit, ReplaceRoster
from oncall.core.rota.fillers import Filler, fillers
from oncall.core.rota.leavers import Turns, shifts_ahead, still_named, turns_of
from oncall.core.rota.on_call import Gap, Rota, called
from oncall.core.rota.stints import Stint, tier_in_words
from oncall.core.rota.working_days import LAST_RESORT
from oncall.core.staff_numbers import Member
from oncall.service.people.sign_in import SignIn
from oncall.service.people.team_shelf import TeamShelf
from oncall.service.ports.journal import HandbookSource, Journal
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota.desk import RotaDesk
from oncall.service.rota.prefill import typed_at
from oncall.service.rota.preview import Preview
from oncall.service.rota.request_notices import names_of
from oncall.service.rota.requests import RequestRefused, RotaRequests
from oncall.service.rota.span_words import between_words

OUT = ""  # of a pattern's turns: one turn less
Deactivates = Callable[[str, str], Awaitable[object]]  # the person, and who did it


class LeaveRefused(Exception):
    """They are still of the team; a sentence for each reason."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = tuple(sentences)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form says: by the key of turns or of a shift, who has it then; who gets the tasks."""

    turns: Mapping[str, str] = field(default_factory=dict)
    shifts: Mapping[str, str] = field(default_factory=dict)
    tasks: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Theirs:
    """One shift that must be given to somebody by name, with who could have it, the best first."""

    key: str
    words: str
    stint: Stint
    fillers: tuple[Filler, ...]


@dataclass(frozen=True, slots=True)
class Leaving:
    """All that stands between somebody and leaving. `others` may have turns and tasks: id and name."""

    member: Member
    turns: tuple[tuple[Turns, str], ...]
    shifts: tuple[Theirs, ...]
    cases: tuple[tuple[str, str], ...]  # id and code
    tasks: tuple[tuple[str, str, datetime], ...]
    requests: tuple[str, ...]  # open ones of theirs, by id
    others: tuple[tuple[str, str], ...]


class Leavers:
    """See the module. `deactivate` ends tokens, account, sessions and calendar links, in one commit."""

    def __init__(
        self,
        shelf: TeamShelf,
        register: Register,
        journal: Journal,
        handbooks: HandbookSource,
        desk: RotaDesk,
        sign_in: SignIn,
        clock: Timepiece,
        deactivate: Deactivates,
        requests: RotaRequests,
    ) -> None:
        self._shelf, self._register, self._journal, self._handbooks = shelf, register, journal, handbooks
        self._desk, self._sign_in, self._clock = desk, sign_in, clock
        self._deactivate, self._requests = deactivate, requests

    async def look(self, person: str, choices: Choices = Choices()) -> Leaving:
        """What is theirs; shifts are those that would remain with the turns given so. Raises LeaveRefused."""
        member, now = await self._member(person), self._clock.now()
        rota, directory = self._handbooks.current().rota, await self._register.directory()
        turns = turns_of(rota, person, now)
        edits = _roster_edits(turns, person, _complete(turns, person, choices, rota), rota, now)
        after = await self._desk.rota_with(edits) if edits else called(rota, names_of(directory))
        proven = frozenset(one.id for one in directory.clinicians.values() if one.is_proven) - {person}
        cases = [case for case in await self._journal.held_cases() if case.holder and case.holder.person == person]
        others = ((one.id, one.name) for one in directory.clinicians.values() if one.id not in (person, LAST_RESORT))
        return Leaving(
            member,
            tuple((one, tier_in_words(rota, one.tier)) for one in turns),
            tuple(_theirs(after, stint, proven) for stint in shifts_ahead(after, person, now)),
            tuple((case.id, case.code) for case in cases),
            tuple(await self._shelf.tasks_of(person)),
            tuple(request.id for request in await self._requests.open_of(person)),
            tuple(sorted(others, key=lambda one: one[1])),
        )

    async def preview(self, person: str, choices: Choices, by: str) -> tuple[Leaving, Preview | None]:
        """The rota as it would be; None when nothing of it changes. Raises LeaveRefused for what is not chosen yet."""
        found = await self.look(person, choices)
        edits = self._edits(found, choices)
        return found, await self._desk.try_all(edits, by) if edits else None

    async def leave(self, person: str, choices: Choices, by: str) -> None:
        """Publish, give the tasks, leave. Raises LeaveRefused and PublishRefused; then they are still of the team."""
        if person == by:
            raise LeaveRefused(["Somebody else must do this for you."])
        found = await self.look(person, choices)
        if against := [*_cases(found), *_tasks(found, choices)]:
            raise LeaveRefused(against)
        if edits := self._edits(found, choices):
            tried = await self._desk.try_all(edits, by)
            if still_named(tried.after, person, self._clock.now()):
                raise LeaveRefused([f"The rota still names {found.member.name}: change it on the rota page first."])
            await self._desk.publish_tried(tried, by, choices.reason or f"{found.member.name} leaves the team")
        try:
            await self._requests.end_of(person, by)
        except RequestRefused as refused:
            raise LeaveRefused([*refused.sentences, "Look again in a minute."]) from None
        if still_named(self._handbooks.current().rota, person, self._clock.now()):
            raise LeaveRefused(["Somebody changed the rota at the same moment: look again."])
        await self._shelf.give_tasks(person, choices.tasks, by)
        await self._deactivate(person, by)
        await self._sign_in.end_all(person, by)

    async def bring_back(self, person: str, by: str) -> None:
        """Of the team again; the account, tokens and turns are given anew."""
        member = await self._shelf.member(person)
        if member is None or member.left_at is None:
            raise LeaveRefused(["This person has not left."])
        await self._shelf.bring_back(person, by)

    async def _member(self, person: str) -> Member:
        member = await self._shelf.member(person)
        if member is None or member.left_at is not None:
            raise LeaveRefused(["This person is not of the team (any more)."])
        if person == LAST_RESORT:
            raise LeaveRefused(["The last resort can be given another number, never taken away."])
        return member

    def _edits(self, found: Leaving, choices: Choices) -> list[Edit]:
        """In order: turns, then the shifts that remain. Raises LeaveRefused while one has nobody."""
        rota, now = self._handbooks.current().rota, self._clock.now()
        alone = [words for one, words in found.turns if _nobody_left(one, found.member.id, choices)]
        open_ones = [shift.words for shift in found.shifts if not choices.shifts.get(shift.key)]
        if alone or open_ones:
            turned = [f"Choose who takes the turns of {words}: nobody else is in them." for words in alone]
            raise LeaveRefused([*turned, *(f"Choose who has it: {words}." for words in open_ones)])
        turns = [one for one, _ in found.turns]
        covers = [_cover(rota, shift, choices.shifts[shift.key], found.member.name) for shift in found.shifts]
        return [*_roster_edits(turns, found.member.id, choices, rota, now), *covers]


def _roster_edits(turns: Sequence[Turns], person: str, choices: Choices, rota: Rota, now: datetime) -> list[Edit]:
    """Taken out of every pattern, or given on; from the next hand-over."""
    edits = list[Edit]()
    for one in turns:
        slots = one.without(person, choices.turns.get(one.key, OUT))
        if slots:
            zone = rota.rotations[one.tier.partition("/")[0]].zone
            edits.append(ReplaceRoster(one.tier, one.pattern, slots, typed_at(_next_minute(now), zone)))
    return edits


def _nobody_left(one: Turns, person: str, choices: Choices) -> bool:
    return not one.without(person, choices.turns.get(one.key, OUT))


def _complete(turns: Sequence[Turns], person: str, choices: Choices, rota: Rota) -> Choices:
    """For looking alone: somebody stands for who is not chosen yet, so that what remains after the turns is seen."""
    anybody = next((one for one in rota.people if one != person), OUT)
    stand_ins = {one.key: anybody for one in turns if _nobody_left(one, person, choices)}
    return Choices({**choices.turns, **stand_ins})


def _theirs(rota: Rota, stint: Stint, proven: frozenset[str]) -> Theirs:
    rotation, _, layer = stint.tier.partition("/")
    suggested = fillers(rota, Gap(rotation, layer, *stint.span), proven)
    words = f"{tier_in_words(rota, stint.tier)}, {between_words(*stint.span, rota.zone)}"
    return Theirs(f"{stint.tier}|{stint.ends_at.isoformat()}", words, stint, suggested)


def _cover(rota: Rota, shift: Theirs, by: str, name: str) -> AddCover:
    zone = rota.rotations[shift.stint.tier.partition("/")[0]].zone
    starts, until = (typed_at(at, zone) for at in shift.stint.span)
    return AddCover(shift.stint.tier, by, starts, until, note=f"{name} leaves the team")


def _cases(found: Leaving) -> list[str]:
    return [f"{found.member.name} holds case #{code}: hand it over first." for _, code in found.cases]


def _tasks(found: Leaving, choices: Choices) -> list[str]:
    known = {id for id, _ in found.others}
    return ["Choose who gets the open tasks."] if found.tasks and choices.tasks not in known else []


def _next_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0) + timedelta(minutes=1)
