"""rules/escalation.yaml and rules/advice.yaml: the clocks and the sentences that clinicians sign.

Reads both into the core's values with every fault at once. Waits are written as people write them (90s, 3m, 2h15m).
Deliberately not here: what the clocks and sentences are for.
"""

from __future__ import annotations

import re
from datetime import time, timedelta
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from oncall.adapters.handbook.reading import Fault, Sheet, read_shape, read_sheet
from oncall.core.case.escalation import EscalationTable, Hours, Policy, Step, Waits
from oncall.core.triage.advice import SPOKEN, Advice
from oncall.core.triage.assessment import Urgency

_SPAN = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$")


def read_span(written: object) -> timedelta:
    """90s, 3m, 2h15m as a span. Raises ValueError for anything else."""
    match = _SPAN.match(written) if isinstance(written, str) and written else None
    if match is None:
        raise ValueError("should be a wait such as 90s, 3m or 2h15m")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def read_hour(written: object) -> time:
    """07:00 as a time of day."""
    try:
        return time.fromisoformat(str(written))
    except ValueError:
        raise ValueError('should be a time of day such as "07:00"') from None


Span = Annotated[timedelta, BeforeValidator(read_span)]
Hour = Annotated[time, BeforeValidator(read_hour)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Step(_Strict):
    after: Span
    tiers: Annotated[list[str], Field(min_length=1)]
    text: Span = timedelta(0)
    voice: Span | None = timedelta(0)
    inform: list[str] = []


class _Climbing(_Strict):
    steps: Annotated[list[_Step], Field(min_length=1)]
    voice_again: Span
    promise: Span
    next_round: Span
    reach_family: Span


class _SameDay(_Strict):
    steps: Annotated[list[_Step], Field(min_length=1)]
    raise_after: Span
    promise: Span
    reach_family: Span


class _Hours(_Strict):
    day_from: Hour
    day_until: Hour
    task_due: Hour
    page_at: Hour


class _Waits(_Strict):
    status_every: Span
    call_start: Span
    first_sentence: Span
    hang_up: Span
    silence: Span
    holder_silent: Span
    undo: Span
    bare_reply: Span
    redial: Span
    call_back: Span


class EscalationFile(_Strict):
    signed: Any
    source: str
    emergency: _Climbing
    urgent: _Climbing
    same_day: _SameDay
    hours: _Hours
    waits: _Waits


class AdviceFile(_Strict):
    signed: Any
    source: str
    sentences: dict[str, dict[Literal["en", "es", "pt", "ht"], str]]


def read_escalation(path: Path, text: str | None = None) -> tuple[EscalationTable | None, bool, tuple[Fault, ...]]:
    """The table, whether it is signed, and the faults (then the table is None)."""
    sheet, faults = read_sheet(path, text)
    if sheet is None:
        return None, False, faults
    shape, faults = read_shape(sheet, EscalationFile)
    if shape is None:
        return None, False, faults
    faults = (*_order_faults(sheet, shape), *_span_faults(sheet, shape))
    table = EscalationTable(
        emergency=_policy(Urgency.EMERGENCY, shape.emergency),
        urgent=_policy(Urgency.URGENT, shape.urgent),
        same_day=_policy(Urgency.SAME_DAY, shape.same_day),
        hours=Hours(**shape.hours.model_dump()),
        waits=Waits(**shape.waits.model_dump()),
    )
    return (None if faults else table), is_signed(shape.signed), faults


def _policy(urgency: Urgency, block: _Climbing | _SameDay) -> Policy:
    climbing = isinstance(block, _Climbing)
    return Policy(
        urgency=urgency,
        steps=tuple(
            Step(step.after, tuple(step.tiers), step.text, step.voice, tuple(step.inform)) for step in block.steps
        ),
        voice_again=block.voice_again if climbing else None,
        promise=block.promise,
        next_round=block.next_round if climbing else None,
        reach_family=block.reach_family,
        raise_after=None if climbing else block.raise_after,
    )


def _order_faults(sheet: Sheet, shape: EscalationFile) -> tuple[Fault, ...]:
    """Steps begin at zero and only go forward; the next round begins after the last step."""
    faults = []
    for name in ("emergency", "urgent", "same_day"):
        steps = getattr(shape, name).steps
        if steps[0].after:
            faults.append(sheet.fault((name, "steps", 0, "after"), steps[0].after, "a first step after 0m"))
        for place in range(1, len(steps)):
            if steps[place].after <= steps[place - 1].after:
                faults.append(
                    sheet.fault(
                        (name, "steps", place, "after"),
                        steps[place].after,
                        "a step later than the one before",
                    )
                )
    for name in ("emergency", "urgent"):
        block = getattr(shape, name)
        if block.next_round <= block.steps[-1].after:
            faults.append(
                sheet.fault((name, "next_round"), block.next_round, "a round that begins after its last step")
            )
        if not any(step.inform for step in block.steps):
            faults.append(sheet.fault((name, "steps"), "no last resort", "a step with inform: [operator] (law 6)"))
    return tuple(faults)


def _span_faults(sheet: Sheet, shape: EscalationFile) -> tuple[Fault, ...]:
    """A wait of nothing would ring for ever at once."""
    zero = timedelta(0)
    named = [
        ((name, key), getattr(getattr(shape, name), key))
        for name in ("emergency", "urgent")
        for key in ("voice_again", "promise", "next_round", "reach_family")
    ] + [(("waits", key), value) for key, value in shape.waits.model_dump().items()]
    return tuple(sheet.fault(place, value, "a wait longer than nothing") for place, value in named if value <= zero)


def read_advice(path: Path, text: str | None = None) -> tuple[Advice | None, bool, tuple[Fault, ...]]:
    """The sentences, whether they are signed, and the faults."""
    sheet, faults = read_sheet(path, text)
    if sheet is None:
        return None, False, faults
    shape, faults = read_shape(sheet, AdviceFile)
    if shape is None:
        return None, False, faults
    faults = _blank_faults(sheet, shape)
    return (None if faults else Advice(dict(shape.sentences))), is_signed(shape.signed), faults


def _blank_faults(sheet: Sheet, shape: AdviceFile) -> tuple[Fault, ...]:
    """English must exist; every translation has the same blanks (a missing blank would fail at 3 am)."""
    faults = []
    for key, versions in shape.sentences.items():
        if "en" not in versions:
            faults.append(sheet.fault(("sentences", key), sorted(versions), "an English sentence"))
            continue
        wanted = _blanks(versions["en"])
        for language in SPOKEN[1:]:
            if language in versions and not _blanks(versions[language]) <= wanted:
                extra = sorted(_blanks(versions[language]) - wanted)
                faults.append(sheet.fault(("sentences", key, language), extra, f"only the blanks {sorted(wanted)}"))
    return tuple(faults)


def _blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def is_signed(signed: object) -> bool:
    """`signed: none yet` is not a signature; a mapping with a name is."""
    return isinstance(signed, dict) and bool(signed.get("by"))
