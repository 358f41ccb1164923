"""A night that does not happen: what the line would do with these findings if nobody answered.

The same `decide` that serves families is given a case that no journal holds, and then its clocks, one after the
other, until its first round of paging is over. So the people, times and texts are not a second account of the rules
but the line's own. Nothing is stored and nobody is paged. Deliberately not here: reading words (`bench`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from oncall.core.case import entries as e
from oncall.core.case.case import Arrival, Case
from oncall.core.case.commands import PassTime, TakeReport
from oncall.core.case.decide import Decision, decide
from oncall.core.case.facts import Directory, Facts
from oncall.core.case.messages import Channel, Message, Purpose
from oncall.core.handbook import Handbook
from oncall.core.reports import Finding, Report, Source
from oncall.core.triage.assessment import Urgency
from oncall.service.rules.text_measures import Measures, measured

CASE = "bench"  # no dash: the ids of its pages carry one
FAMILY = "+10000000000"  # a number nobody can have
LONGEST = timedelta(days=7)
MOST_LOOKS = 500
LANGUAGES = ("en", "es")


@dataclass(frozen=True, slots=True)
class Paged:
    """One person's page: when, by which tier, and the first text and call. `informs`: told, not asked to take it."""

    at: datetime
    name: str
    tier: str
    informs: bool
    texted_at: datetime | None = None
    called_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Worded:
    """One text in one language, as it would be sent, with its measures."""

    language: str
    body: str
    measures: Measures


@dataclass(frozen=True, slots=True)
class Told:
    """Something the family hears: a text in both languages, or (no versions) a call back."""

    at: datetime
    versions: tuple[Worded, ...]


@dataclass(frozen=True, slots=True)
class Night:
    """What would happen, in order, until the second round. `waits`: nobody is paged at once; `ring_again` None: each
    telephone rings once; `raised`: at `again_at` it goes on with a higher urgency, not with the next round."""

    pace: Urgency
    waits: bool
    paged: tuple[Paged, ...]
    ring_again: timedelta | None
    notices: tuple[tuple[datetime, str], ...]
    told: tuple[Told, ...]
    again_at: datetime | None
    raised: Urgency | None


@dataclass(frozen=True, slots=True)
class Event:
    """Where a case comes from, and what is already known of it."""

    arrival: Arrival
    findings: tuple[Finding, ...]
    answered: tuple[str, ...]
    at: datetime


@dataclass(slots=True)
class _Log:
    """The entries of one run, until the second round begins."""

    case: Case
    entries: list[e.Recorded] = field(default_factory=list)

    @property
    def rounds(self) -> list[datetime]:
        return [entry.at for entry in self.entries if isinstance(entry.entry, e.RoundStarted)]

    @property
    def paces(self) -> list[tuple[datetime, Urgency]]:
        return [(entry.at, entry.entry.pace) for entry in self.entries if isinstance(entry.entry, e.PaceSet)]


def dry_run(event: Event, handbook: Handbook, directory: Directory) -> Night:
    """See the module; a case that only waits for the morning is followed until it is paged."""
    facts = Facts(directory)
    runs = {language: _run(event, handbook, facts, language) for language in LANGUAGES}
    log = runs["en"]
    pace = log.paces[0][1]
    again_at = log.rounds[1] if len(log.rounds) > 1 else None
    return Night(
        pace=pace,
        waits=log.rounds[:1] != [event.at],
        paged=tuple(_paged(log, facts)),
        ring_again=None if pace is Urgency.ROUTINE else handbook.table.policy(pace).voice_again,
        notices=tuple(_notices(log, facts)),
        told=tuple(_told(runs)),
        again_at=again_at,
        raised=next((raised for at, raised in log.paces[1:] if at == again_at), None),
    )


def _run(event: Event, handbook: Handbook, facts: Facts, language: str) -> _Log:
    """Take the report, then let each clock run out. Ends after `LONGEST` at the latest."""
    source, number = (Source.ALARM, None) if event.arrival is Arrival.ALARM else (Source.TEXT, FAMILY)
    report = Report(CASE, source, event.at, "", number, None, language)
    command = TakeReport(report, f"report:{CASE}", event.arrival, event.findings, number=number)
    log = _Log(Case(CASE, answered=event.answered))
    _keep(log, decide(log.case, command, event.at, facts, handbook))
    for _ in range(MOST_LOOKS):
        due = log.case.due_at
        if due is None or due > event.at + LONGEST or len(log.rounds) > 1:
            break
        _keep(log, decide(log.case, PassTime(CASE), due, facts, handbook))
    return log


def _keep(log: _Log, decision: Decision) -> None:
    log.case = decision.case
    log.entries.extend(decision.entries)


# --- telling -------------------------------------------------------------------------------------------------------


def _first_round(log: _Log) -> Iterator[e.Recorded]:
    """Everything before the second round."""
    end = log.rounds[1] if len(log.rounds) > 1 else None
    return (entry for entry in log.entries if end is None or entry.at < end)


def _paged(log: _Log, facts: Facts) -> Iterator[Paged]:
    pages: dict[str, Paged] = {}
    for recorded in _first_round(log):
        entry, at = recorded.entry, recorded.at
        if isinstance(entry, e.PageOrdered):
            page = entry.page
            pages[page.id] = Paged(at, facts.name_of(page.person), page.tier, page.informs)
        elif isinstance(entry, e.MessageOwed) and entry.message.page in pages:
            pages[entry.message.page] = _with_message(pages[entry.message.page], entry.message, at)
    yield from pages.values()


def _with_message(paged: Paged, message: Message, at: datetime) -> Paged:
    if message.channel is Channel.SMS:
        return replace(paged, texted_at=paged.texted_at or at)
    return replace(paged, called_at=paged.called_at or at) if message.channel is Channel.VOICE else paged


def _notices(log: _Log, facts: Facts) -> Iterator[tuple[datetime, str]]:
    """What the timeline would remark, and who of the staff would be told something that is no page."""
    for recorded in _first_round(log):
        entry = recorded.entry
        if isinstance(entry, e.Noticed):
            yield recorded.at, " ".join(facts.name_of(word) for word in entry.what.split(" "))
        elif isinstance(entry, e.MessageOwed) and entry.message.purpose is Purpose.STAFF:
            yield recorded.at, f"{facts.name_of(entry.message.person or '')} is texted: {entry.message.body}"


def _told(runs: dict[str, _Log]) -> Iterator[Told]:
    """The same texts in each language, side by side."""
    texts = {language: list(_to_family(log)) for language, log in runs.items()}
    for together in zip(*texts.values(), strict=False):
        at, first = together[0]
        versions = tuple(
            Worded(language, message.body, measured(message.body, language))
            for language, (_, message) in zip(texts, together, strict=True)
        )
        yield Told(at, () if first.purpose is Purpose.CALL_BACK else versions)


def _to_family(log: _Log) -> Iterator[tuple[datetime, Message]]:
    for recorded in _first_round(log):
        entry = recorded.entry
        if isinstance(entry, e.MessageOwed) and entry.message.purpose in (Purpose.FAMILY, Purpose.CALL_BACK):
            yield recorded.at, entry.message
