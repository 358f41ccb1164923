"""What the page of a case says in one screen: the pump as the record knows it, and which rule decided, from what.

What the record does not hold is said to be unknown, never left out: a blank reads like a no. Deliberately not here:
the family's words and signs (`card`), who has been asked (`board`), and pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from oncall.core.case.case import Case
from oncall.core.handbook import Handbook
from oncall.core.people import Patient
from oncall.core.triage.assessment import Urgency
from oncall.service.ports.journal import Edition

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Decided:
    """One rule that gave the urgency: its id, what it says, and the signs that it rests on."""

    rule: str
    says: str
    signs: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The edition whose rules decided: who published it, when, and who signed the chapter of the deciding rule.

    `signed` is empty where nobody has, None where these rules are in force no more.
    """

    author: str
    second: str
    at: datetime
    signed: str | None


def origin_of(case: Case, edition: Edition, handbook: Handbook, name: Callable[[str], str]) -> Origin:
    """Of the edition that was in force when the case was judged last."""
    second = name(edition.second) if edition.second else ""
    return Origin(name(edition.author), second, edition.at, _signed(case, handbook))


def _signed(case: Case, handbook: Handbook) -> str | None:
    verdict, book = case.assessment, handbook.rulebook
    if verdict is None or verdict.edition != book.edition:
        return None
    deciding = {one.rule for one in _decided(case, handbook)[:1]}
    return next((chapter.signed for chapter in book.chapters if not deciding.isdisjoint(chapter.rules)), "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """`pump` as names with what is known; `decided` the rules that gave the urgency, the others are on the card."""

    pump: tuple[tuple[str, str], ...]
    decided: tuple[Decided, ...]
    edition: str

    @property
    def known(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, told) for name, told in self.pump if told != UNKNOWN)

    @property
    def unknown(self) -> tuple[str, ...]:
        """What nobody has written down, by name."""
        return tuple(name for name, told in self.pump if told == UNKNOWN)


def sheet_of(case: Case, patient: Patient | None, handbook: Handbook) -> Sheet:
    verdict = case.assessment
    return Sheet(
        pump=pump_lines(patient),
        decided=tuple(_decided(case, handbook)) if verdict else (),
        edition=case.edition[:8],
    )


def pump_lines(patient: Patient | None) -> tuple[tuple[str, str], ...]:
    """The record at this instant; of an unknown patient everything is unknown."""
    known: Mapping[str, object] = patient.context if patient else {}
    return (
        ("pump", str(known.get("pump_model", UNKNOWN))),
        ("last refill", _ago(known, "days_since_refill", "day")),
        ("next refill booked", _ahead(known, "refill_booked_in_days")),
        ("low reservoir alarm", _ahead(known, "days_to_low_reservoir_alarm")),
        ("last change of dose", _ago(known, "hours_since_dose_change", "hour")),
        ("last MRI", _ago(known, "hours_since_mri", "hour")),
        ("last surgery", _ago(known, "days_since_surgery", "day")),
        ("implanted", _ago(known, "months_since_implant", "month")),
    )


def _ago(known: Mapping[str, object], name: str, unit: str) -> str:
    count = known.get(name)
    return UNKNOWN if not isinstance(count, int | float) else f"{_count(abs(count), unit)} ago"


def _ahead(known: Mapping[str, object], name: str) -> str:
    days = known.get(name)
    if not isinstance(days, int | float):
        return UNKNOWN
    if days < 0:
        return f"{_count(-days, 'day')} OVERDUE"
    return "today" if days < 1 else f"in {_count(days, 'day')}"


def _count(number: float, unit: str) -> str:
    whole = int(number)
    if unit == "hour" and whole >= 72:
        whole, unit = whole // 24, "day"
    return f"{whole} {unit}{'' if whole == 1 else 's'}"


def _decided(case: Case, handbook: Handbook) -> list[Decided]:
    verdict, signs = case.assessment, handbook.rulebook.vocabulary
    if verdict is None:
        return []
    urgency: Urgency = verdict.urgency
    ids = {rule.id for rule in handbook.rulebook.rules.rules if rule.urgency == urgency}
    because = [reason for reason in verdict.because if reason.rule in ids] or list(verdict.because)
    return [
        Decided(
            reason.rule,
            reason.says,
            ", ".join(signs[code].sentence if code in signs else code.replace("_", " ") for code in reason.findings),
        )
        for reason in because
    ]
