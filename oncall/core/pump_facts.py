"""What a patient's record says at one instant, in the words that triage understands.

The register keeps dates ("last refilled on"); triage asks for spans ("hours since refill"), and a span is
only true at the instant it is asked. Missing means unknown and is left out; so is a date that an event
since has overtaken. Nothing here says what is dangerous: limits stand in rules/findings.yaml. Deliberately
not here: the calendar of dangers, where a missing date counts as overdue (RULINGS 9).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from oncall.core.wall_time import wall

_DAY = timedelta(days=1)
_MRI_STAYS_RECENT = timedelta(days=3)  # J: no source says for how long


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpFacts:
    """The dated facts of one patient; `_on` is a date of the hospital, `_at` an instant."""

    model: str | None = None
    diagnosis: str | None = None
    born_on: date | None = None
    implanted_on: date | None = None
    last_refill_on: date | None = None
    last_refill_at: datetime | None = None
    refill_due_on: date | None = None
    refill_booked_on: date | None = None
    low_reservoir_on: date | None = None
    low_reservoir_alarm_ml: float | None = None
    daily_volume_ml: float | None = None
    eri_on: date | None = None
    last_dose_change_at: datetime | None = None
    last_mri_at: datetime | None = None
    mri_interrogated_at: datetime | None = None
    last_surgery_on: date | None = None


def context_of(facts: PumpFacts, at: datetime, zone: str) -> dict[str, object]:
    """The patient context of RULINGS 13 at this instant, without what is unknown."""
    today = wall(at, zone).date()
    filled_on = refilled_on(facts, today, zone)
    context: dict[str, object | None] = {
        "pump_model": facts.model or None,
        "diagnosis": facts.diagnosis or None,
        "age_years": age_in_years(facts.born_on, today),
        "pump_age_years": _pump_age(facts.implanted_on, today),
        "months_since_implant": _months(facts.implanted_on, today),
        "days_since_refill": _days_since(filled_on, today),
        "hours_since_refill": _hours_since(facts.last_refill_at, at),
        "refill_booked_in_days": _days_until(not_overtaken(facts.refill_booked_on, filled_on), today),
        "days_to_low_reservoir_alarm": _days_until(_low_on(facts, filled_on), today),
        "days_to_empty_estimate": _days_until(_empty_on(facts, filled_on), today),
        "hours_since_dose_change": _hours_since(facts.last_dose_change_at, at),
        "recent_mri": _has_recent_mri(facts, at, zone) or None,
        "hours_since_mri": _hours_since(facts.last_mri_at, at),
        "days_since_surgery": _days_since(facts.last_surgery_on, today),
    }
    return {key: value for key, value in context.items() if value is not None}


def age_in_years(born_on: date | None, today: date) -> int | None:
    """Completed years."""
    months = _months(born_on, today)
    return None if months is None else months // 12


def refilled_on(facts: PumpFacts, today: date, zone: str) -> date | None:
    """A refill in the future is a slip of the pen, and must not hide a reservoir that is low."""
    on = [facts.last_refill_on] if facts.last_refill_on else []
    if facts.last_refill_at:
        on.append(wall(facts.last_refill_at, zone).date())
    return max((day for day in on if day - today <= _DAY), default=None)


def not_overtaken(on: date | None, refilled_on: date | None) -> date | None:
    """A date that was set for the filling before the last one says nothing about this one."""
    return None if on and refilled_on and on <= refilled_on else on


def _low_on(facts: PumpFacts, refilled_on: date | None) -> date | None:
    return not_overtaken(facts.low_reservoir_on, refilled_on)


def _empty_on(facts: PumpFacts, refilled_on: date | None) -> date | None:
    """What is left at the low-reservoir alarm, used up at the daily volume."""
    low_on, left, daily = _low_on(facts, refilled_on), facts.low_reservoir_alarm_ml, facts.daily_volume_ml
    if low_on is None or left is None or not daily or daily < 0:
        return None
    return low_on + min(max(left / daily, 0.0), 365.0) * _DAY


def _has_recent_mri(facts: PumpFacts, at: datetime, zone: str) -> bool:
    """A scan of the last days, or one after which nobody is known to have looked at the pump."""
    if facts.last_mri_at is None or facts.last_mri_at - at > _DAY:
        return False
    return at - facts.last_mri_at <= _MRI_STAYS_RECENT or not seen_since(facts, facts.last_mri_at, zone)


def seen_since(facts: PumpFacts, mri_at: datetime, zone: str) -> bool:
    """Whether the pump was looked at after the scan: a refill or a change of dose is made with the programmer, too."""
    looks = (facts.mri_interrogated_at, facts.last_refill_at, facts.last_dose_change_at)
    refilled_later = facts.last_refill_on is not None and facts.last_refill_on > wall(mri_at, zone).date()
    return refilled_later or any(look is not None and look >= mri_at for look in looks)


def _hours_since(then: datetime | None, at: datetime) -> int | None:
    """Completed hours; a clock that is slightly ahead counts as now, a plan for the future as unknown."""
    if then is None or then - at > _DAY:
        return None
    return max(at - then, timedelta(0)) // timedelta(hours=1)


def _days_since(on: date | None, today: date) -> int | None:
    if on is None or on - today > _DAY:
        return None
    return max((today - on).days, 0)


def _days_until(on: date | None, today: date) -> int | None:
    """Negative when past."""
    return None if on is None else (on - today).days


def _months(on: date | None, today: date) -> int | None:
    if on is None or on > today:
        return None
    return (today.year - on.year) * 12 + today.month - on.month - (today.day < on.day)


def _pump_age(on: date | None, today: date) -> float | None:
    return None if on is None or on > today else round((today - on).days / 365.25, 1)
