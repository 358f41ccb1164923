"""What one case counts for in a report: instants, targets and sums, without a name or a word of the patient.

A function of the case's journal alone, so it can be made again and held against what is stored. Unknown is the worse
answer: a case given back counts as taken only by whoever took it after that. Deliberately not here: adding cases up
(`service.reports.counting`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from oncall.core.case import entries as e
from oncall.core.case.case import Page
from oncall.core.case.entries import Recorded
from oncall.core.case.escalation import EscalationTable
from oncall.core.case.messages import Channel, Message, Progress
from oncall.core.triage.assessment import Urgency

NO_PERSON = frozenset({Progress.COMPLETED, Progress.BUSY, Progress.NO_ANSWER, Progress.FAILED})  # how a ring may end
NOT_BROUGHT = frozenset({Progress.UNDELIVERED, Progress.FAILED})
NOT_ANSWERED = frozenset({Progress.BUSY, Progress.NO_ANSWER})


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """`target` is within what a page should be taken, `reach_target` from there to the family: by the table pinned to
    the case, on the clock that ran when it was taken. `climbed` counts the steps after the first, `silent` names who
    was rung and gave no sign."""

    case: str
    opened_at: datetime
    closed_at: datetime | None
    pace: Urgency | None
    language: str
    paged_at: datetime | None
    taken_at: datetime | None
    reached_at: datetime | None
    target: timedelta | None
    reach_target: timedelta | None
    climbed: int
    rounds: int
    passed_on: int
    not_me: int
    off_duty: int
    missed: int
    outcome: str
    needed: bool | None
    texts: int
    texts_lost: int
    calls: int
    calls_lost: int
    calls_unanswered: int
    silent: tuple[str, ...]


def figures_of(case: str, recorded: Sequence[Recorded]) -> CaseFigures | None:
    """None for a case that was never opened."""
    tally = _Tally()
    for one in recorded:
        tally.add(one.entry, one.at)
    return tally.figures(case) if tally.opened_at is not None else None


@dataclass(slots=True)
class _Tally:
    """The sums while the journal is read."""

    opened_at: datetime | None = None
    closed_at: datetime | None = None
    table: EscalationTable | None = None
    pace: Urgency | None = None
    language: str = ""
    paged_at: datetime | None = None
    taken_at: datetime | None = None
    taken_pace: Urgency | None = None
    reached_at: datetime | None = None
    steps: int = 0
    rounds: int = 0
    passed_on: int = 0
    not_me: int = 0
    off_duty: int = 0
    missed: int = 0
    outcome: str = ""
    needed: bool | None = None
    pages: dict[str, Page] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    progress: dict[str, Progress] = field(default_factory=dict)
    signs: set[str] = field(default_factory=set)

    def add(self, entry: e.Entry, at: datetime) -> None:
        match entry:
            case e.CaseOpened():
                self.opened_at, self.table, self.language = at, entry.table, entry.language
            case e.LanguageChosen():
                self.language = entry.language
            case e.PaceSet():
                self.pace = entry.pace
            case e.RoundStarted():
                self.rounds = max(self.rounds, entry.round)
            case e.StepReached():
                self.steps += 1
            case e.PromiseMissed():
                self.missed += 1
            case e.Closed():
                self.closed_at, self.outcome, self.needed = at, entry.outcome, entry.needed
            case e.MessageOwed():
                self.messages[entry.message.id] = entry.message
            case e.MessageAttempted():
                self.sent.add(entry.message)
            case e.MessageProgressed():
                self.progress[entry.message] = max(entry.progress, self.progress.get(entry.message, Progress.OWED))
            case _:
                self._people(entry, at)

    def _people(self, entry: e.Entry, at: datetime) -> None:
        """What was asked of people, and what they did."""
        match entry:
            case e.PageOrdered():
                self.pages[entry.page.id] = entry.page
                if not entry.page.informs:
                    self.paged_at = self.paged_at or at
            case e.PageQuieted():
                self._quieted(entry)
            case e.PageHeard():
                self._sign(self.messages[entry.message].person if entry.message in self.messages else None)
            case e.Acknowledged():
                if self.taken_at is None:
                    self.taken_at, self.taken_pace = at, self.pace
                self._sign(entry.person)
            case e.Undone():
                if self.reached_at is None:
                    self.taken_at = self.taken_pace = None
            case e.FamilyReached():
                self.reached_at = self.reached_at or at
            case e.WrongPerson():
                self.not_me += 1
                self._sign(entry.person)

    def _quieted(self, entry: e.PageQuieted) -> None:
        self.off_duty += entry.why == "off duty"
        if entry.declined:
            self.passed_on += 1
            self._sign(self.pages[entry.page].person if entry.page in self.pages else None)

    def _sign(self, person: str | None) -> None:
        if person is not None:
            self.signs.add(person)

    def figures(self, case: str) -> CaseFigures:
        assert self.opened_at is not None  # the caller has looked
        pace = self.pace if self.taken_pace is None else self.taken_pace
        policy = self.table.policy(pace) if self.table and pace else None  # routine pages nobody
        texts, calls = self._sent(Channel.SMS), self._sent(Channel.VOICE)
        return CaseFigures(
            case=case,
            opened_at=self.opened_at,
            closed_at=self.closed_at,
            pace=self.pace,
            language=self.language,
            paged_at=self.paged_at,
            taken_at=self.taken_at,
            reached_at=self.reached_at,
            target=policy.promise if policy else None,
            reach_target=policy.reach_family if policy else None,
            climbed=max(self.steps - 1, 0),
            rounds=self.rounds,
            passed_on=self.passed_on,
            not_me=self.not_me,
            off_duty=self.off_duty,
            missed=self.missed,
            outcome=self.outcome,
            needed=self.needed,
            texts=len(texts),
            texts_lost=sum(end in NOT_BROUGHT for end in texts),
            calls=len(calls),
            calls_lost=sum(end in NOT_BROUGHT for end in calls),
            calls_unanswered=sum(end in NOT_ANSWERED for end in calls),
            silent=self._silent(),
        )

    def _sent(self, channel: Channel) -> list[Progress]:
        """How far each message got that was handed to the carrier this way."""
        known = ((id, message) for id, message in self.messages.items() if id in self.sent)
        return [self.progress.get(id, Progress.ATTEMPTED) for id, message in known if message.channel is channel]

    def _silent(self) -> tuple[str, ...]:
        rung = {
            page.person
            for id, end in self.progress.items()
            if end in NO_PERSON and (message := self.messages.get(id)) and message.channel is Channel.VOICE
            if (page := self.pages.get(message.page or "")) and not page.informs
        }
        return tuple(sorted(rung - self.signs))
