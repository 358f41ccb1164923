"""What a pump alarm says, as findings.

Tables per pump model turn a reason, a tone and an alarm class into codes; a value no table knows counts as an
unknown alarm, never as harmless (RULINGS 10). A tone of a model whose tones nobody has confirmed counts as
critical. Volumes become days of drug and differences, which the declared limits judge. Deliberately not here: the
caller's note (words, `lexicon`) and how urgent any of it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from oncall.core.reports import Finding, Heard
from oncall.core.triage.thresholds import Limits, codes_for, number
from oncall.core.triage.words import fold

Table = Mapping[str, tuple[str, ...]]
_SAYS_NOTHING = frozenset({"", "none", "null"})
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class PumpTables:
    """The tables of one pump model; `model` is a piece of its name."""

    model: str
    values: Mapping[str, Table]  # field -> value -> codes


@dataclass(frozen=True, slots=True)
class AlarmTables:
    """All declared alarm knowledge (rules/alarms.yaml)."""

    pumps: tuple[PumpTables, ...]
    unknown_pump: PumpTables
    known_fields: frozenset[str]
    free_text: tuple[str, ...]
    log_phrases: Mapping[str, tuple[frozenset[str], ...]]  # code -> sets of words that stand together in a raw log
    unknown_value: str
    unreadable: str
    limits: Limits


def findings_from_alarm(fields: Mapping[str, object], tables: AlarmTables) -> tuple[Finding, ...]:
    """Every finding of one alarm; never empty."""
    if not any(str(name) in tables.known_fields for name in fields):
        return (Finding(tables.unreadable, Heard.PRESENT, "no field we know"),)
    values = tables_for(fields, tables).values
    found: list[Finding] = []
    for name, value in (*fields.items(), *_derived(fields)):
        evidence = f"{name}: {value}"
        found.extend(Finding(code, Heard.PRESENT, evidence) for code in _codes(name, value, values, tables))
    if not found:
        found.append(Finding(tables.unknown_value, Heard.PRESENT, "nothing that says what it is"))
    logged = () if fields.get("alarm_reason") else _logged(str(fields.get("raw_text") or ""), tables)
    return (*found, *logged)


def tables_for(fields: Mapping[str, object], tables: AlarmTables) -> PumpTables:
    """The tables of the named model; of the unknown pump when it is not named or not known."""
    named = fold(str(fields.get("device_model") or fields.get("pump_model") or ""))
    return next((pump for pump in tables.pumps if pump.model in named), tables.unknown_pump)


def _logged(raw: str, tables: AlarmTables) -> Iterable[Finding]:
    """What a raw log line names where no reason is given. It replaces nothing: a line half read is still unknown."""
    words = frozenset(_WORD.findall(fold(raw)))
    for code, phrases in tables.log_phrases.items():
        if any(phrase <= words for phrase in phrases):
            yield Finding(code, Heard.PRESENT, f"raw_text: {raw[:60]}")


def _codes(name: str, value: object, values: Mapping[str, Table], tables: AlarmTables) -> Iterable[str]:
    if name in values:
        said = fold(str(value)).strip().replace(" ", "_").replace("-", "_")
        return values[name].get(said, () if said in _SAYS_NOTHING else (tables.unknown_value,))
    if name in tables.known_fields or name in tables.limits:
        return codes_for(name, value, tables.limits)
    return (tables.unknown_value,)


def _derived(fields: Mapping[str, object]) -> Iterable[tuple[str, object]]:
    """Days of drug left, and how far the reservoir is from what it should hold."""
    left, daily = number(fields.get("reservoir_ml")), number(fields.get("daily_volume_ml"))
    if left is not None and daily is not None and daily > 0:
        yield "days_of_drug", round(left / daily, 1)
    expected, actual = number(fields.get("expected_residual_ml")), number(fields.get("actual_residual_ml"))
    if expected is not None and actual is not None:
        yield "residual_surplus_ml", round(actual - expected, 2)
    low = number(fields.get("low_reservoir_alarm_ml"))
    if left is not None and low is not None:
        yield "reservoir_above_low_ml", round(left - low, 2)
    if str(fields.get("alarm_reason")).startswith("motor_stall"):
        yield "stall_outcome", _stall_outcome(fields)
    if str(fields.get("tone")) == "test_tone":
        yield "test_outcome", "in_clinic" if fields.get("clinician_initiated") is True else "unconfirmed"
    minutes = number(fields.get("stall_duration_min"))
    if minutes is not None:
        yield "stall_duration_h", minutes / 60


def _stall_outcome(fields: Mapping[str, object]) -> str:
    """A recovery counts only when it is logged, and is settled only when the pump was read out afterwards."""
    recovered = fields.get("recovered") is True or (
        fields.get("alarm_reason") in ("motor_stall_recovered", "motor_stall_recovery")
        and fields.get("recovered") is not False
    )
    if not recovered:
        return "not_recovered"
    return "recovered_and_read" if fields.get("interrogated_after_mri") is True else "recovered"
