"""What a past case would have become under other rules.

The raw words, alarms and keyed answers of each report are read again by both rulebooks; what the words did not give
(the record, pictures, menu keys, an earlier case) is carried over from the journal as it stood then. So the rules in
force and a draft are asked the same question about the same night. Deliberately not here: printing, and writing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from oncall.core.case import entries as e
from oncall.core.case.case import Arrival
from oncall.core.case.entries import Recorded
from oncall.core.reports import Finding, Report, Source
from oncall.core.triage.assessment import Assessment, Urgency, assess, merge
from oncall.core.triage.rulebook import Rulebook, draw_from_alarm, draw_from_answer, draw_from_words
from oncall.service.intake import TAKEN_DOWN, digits_and_words
from oncall.service.ports.journal import Journal


@dataclass(frozen=True, slots=True)
class PastCase:
    """One case read twice, with the rules that decided each time; `words` are the family's own."""

    code: str
    opened_at: datetime
    was: Urgency
    becomes: Urgency
    rules_before: tuple[str, ...]
    rules_after: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(slots=True)
class _Heard:
    """One report with what the journal says of it."""

    added: e.ReportAdded
    raw: Report | None
    findings: list[Finding]
    answers: list[e.QuestionAnswered]


async def reread_all(
    journal: Journal, case_ids: Iterable[str], in_force: Rulebook, draft: Rulebook
) -> tuple[PastCase, ...]:
    """These cases under both rulebooks, in their order."""
    found = [await reread(journal, case_id, in_force, draft) for case_id in case_ids]
    return tuple(case for case in found if case is not None)


async def reread(journal: Journal, case_id: str, in_force: Rulebook, draft: Rulebook) -> PastCase | None:
    """The case under both rulebooks; None for a case without a report."""
    recorded = await journal.entries(case_id)
    heard = _heard(recorded)
    opened = next((r for r in recorded if isinstance(r.entry, e.CaseOpened)), None)
    if opened is None or not heard or not isinstance(opened.entry, e.CaseOpened):
        return None
    for report in heard:
        report.raw = await journal.report(report.added.report)
    kept = [finding for report in heard for finding in _carried(report, in_force)]
    before, after = (assess(merge((*kept, *_drawn(heard, book))), book.rules) for book in (in_force, draft))
    return PastCase(
        code=opened.entry.code,
        opened_at=opened.at,
        was=before.urgency,
        becomes=after.urgency,
        rules_before=_deciding(before, in_force),
        rules_after=_deciding(after, draft),
        words=tuple(report.raw.raw for report in heard if report.raw),
    )


def _heard(recorded: Sequence[Recorded]) -> list[_Heard]:
    """The reports in order, each with the answers and findings that stand behind it."""
    found: list[_Heard] = []
    for entry in (each.entry for each in recorded):
        match entry:
            case e.ReportAdded():
                found.append(_Heard(entry, None, [], []))
            case e.FindingsDrawn() if found:
                found[-1].findings.extend(entry.findings)
            case e.QuestionAnswered() if found:
                found[-1].answers.append(entry)
    return found


def _drawn(heard: Sequence[_Heard], rulebook: Rulebook) -> Iterator[Finding]:
    for report in heard:
        yield from _read_again(report, rulebook)


def _read_again(report: _Heard, rulebook: Rulebook) -> Iterator[Finding]:
    """What this rulebook draws from the raw report and from the keyed answers."""
    for answer in report.answers:
        yield from draw_from_answer(answer.question, answer.digits, rulebook)
    if report.raw is None:
        return
    if report.added.source is Source.ALARM:
        yield from _read_alarm(report.raw.raw, rulebook)
    elif words := _words_of(report):
        yield from draw_from_words([words], rulebook, report.raw.language).findings


def _read_alarm(raw: str, rulebook: Rulebook) -> Sequence[Finding]:
    """Nothing for a body that was no alarm: that it was unreadable is carried over."""
    try:
        fields = json.loads(raw)
    except ValueError:
        return ()
    if not isinstance(fields, dict):
        return ()
    return draw_from_alarm({k: v for k, v in fields.items() if k != "patient_context"}, rulebook).findings


def _words_of(report: _Heard) -> str:
    """The words to be read: of a text what is no bare answer, of a call what was said, of staff what was taken down."""
    raw = report.raw.raw if report.raw else ""
    match report.added.arrival:
        case Arrival.TEXT:
            digits, words = digits_and_words(raw, asked=bool(report.answers))
            return words or ("" if digits else raw)
        case Arrival.WORDS:
            return raw
        case Arrival.NEW_CALL:
            return raw.rpartition(TAKEN_DOWN)[0].strip()
    return ""


def _carried(report: _Heard, in_force: Rulebook) -> Iterator[Finding]:
    """What the journal holds beyond the words: neither drawn from them today nor quoted from them then."""
    today = {(finding.code, finding.evidence) for finding in _read_again(report, in_force)}
    raw = _plain(report.raw.raw) if report.raw else ""
    for finding in report.findings:
        quoted = _words_of(report) and _plain(finding.evidence) in raw
        if (finding.code, finding.evidence) not in today and not quoted:
            yield finding


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())


def _deciding(assessment: Assessment, rulebook: Rulebook) -> tuple[str, ...]:
    """The ids of the rules that gave the urgency."""
    ids = {rule.id for rule in rulebook.rules.rules if rule.urgency == assessment.urgency}
    return tuple(reason.rule for reason in assessment.because if reason.rule in ids)
