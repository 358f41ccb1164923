"""The bodies of the API in shapes that programs can read: alarms in, answers out.

These models describe the API (openapi.json is made of them). An alarm is never refused for its contents: a field or
a value that no shape knows is kept, shown to the clinician and counts as unknown (RULINGS 10); the models only name
it back to the sender. Deliberately not here: what an alarm means (rules/alarms.yaml).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from oncall.core.case.holding import OUTCOMES

UrgencyWord = Literal["emergency", "urgent", "same_day", "routine"]
Suspicion = Literal["withdrawal", "overdose", "device", "infection", "other", "none"]
Amount = Annotated[float, Field(allow_inf_nan=False)]


class PatientContext(BaseModel):
    """What the sender knows of the patient. Everything is optional, missing is unknown; our register wins."""

    model_config = ConfigDict(extra="allow")

    pump_model: str | None = None
    diagnosis: str | None = None
    age_years: Amount | None = None
    pump_age_years: Amount | None = None
    months_since_implant: Amount | None = None
    days_since_refill: Amount | None = None
    hours_since_refill: Amount | None = None
    refill_booked_in_days: Amount | None = None
    days_to_low_reservoir_alarm: Amount | None = Field(None, description="negative: past")
    days_to_empty_estimate: Amount | None = None
    hours_since_dose_change: Amount | None = None
    recent_mri: bool | None = None
    hours_since_mri: Amount | None = None
    days_since_surgery: Amount | None = None
    oral_baclofen_given_hours_ago: Amount | None = None


class Alarm(BaseModel):
    """One pump alarm, flat. All fields are optional; unknown fields and values are kept and count as unknown."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "id": "gateway-7-000123",
                    "device_serial": "NGP123456H",
                    "event": "device_alarm",
                    "device_model": "SynchroMed II",
                    "alarm_class": "critical",
                    "alarm_reason": "empty_reservoir",
                    "tone": "two_tone",
                    "reservoir_ml": 0.4,
                    "occurred_at": "2026-11-23T02:58:00-05:00",
                }
            ]
        },
    )

    id: str | int | None = Field(None, description="the sender's own name of this message; beats the header")
    device_serial: str | int | None = None
    occurred_at: datetime | None = None
    sent_at: datetime | None = Field(None, description="left out when repeats are recognised")
    patient_context: PatientContext | None = None
    event: Literal["device_alarm", "device_log", "interrogation_mismatch", "status"] | None = None
    device_model: str | None = None
    alarm_class: Literal["critical", "non_critical", "none", "unknown"] | None = None
    tone: Literal["two_tone", "single_tone", "test_tone", "none", "unknown"] | None = None
    alarm_reason: (
        Literal[
            "low_reservoir",
            "empty_reservoir",
            "elective_replacement_indicator",
            "end_of_service",
            "motor_stall",
            "motor_stall_recovered",
            "stopped_pump_over_48h",
            "pump_memory_error",
            "non_critical_memory_error",
            "flow_activated_valve_closed",
            "reservoir_refilled",
            "alarm_test_in_clinic",
        ]
        | None
    ) = None
    reservoir_ml: Amount | None = None
    expected_residual_ml: Amount | None = None
    actual_residual_ml: Amount | None = None
    low_reservoir_alarm_ml: Amount | None = None
    daily_volume_ml: Amount | None = None
    interval_min: Amount | None = None
    near_mri: bool | None = None
    hours_since_mri: Amount | None = None
    interrogated_after_mri: bool | None = None
    recovered: bool | None = None
    stall_duration_min: Amount | None = None
    stall_duration_h: Amount | None = None
    hours_since_refill: Amount | None = None
    low_reservoir_alarm_cleared: bool | None = None
    clinician_initiated: bool | None = None
    days_to_low_reservoir: Amount | None = None
    months_to_elective_replacement: Amount | None = None
    months_to_end_of_service: Amount | None = None
    battery: str | Amount | None = None
    caller_note: str | None = Field(None, description="free text; triaged like a family's words")
    raw_text: str | None = None


class Alarms(BaseModel):
    """Several alarms of one message: all in one commit, or none."""

    id: str | int | None = None
    alarms: list[Alarm]


class ReportTaken(BaseModel):
    """What one alarm became. `case` is the code people say, `id` the case's own name for ever."""

    case: str
    id: str
    urgency: UrgencyWord
    suspicion: list[Suspicion]


class AlarmTaken(ReportTaken):
    """The worst of the reports on top. A repeat gets the first answer again."""

    reports: list[ReportTaken]
    not_understood: list[str] = Field(
        default_factory=list, description="fields or values we do not know: kept, shown, counted as unknown"
    )


class Problem(BaseModel):
    """RFC 9457. `case` is there when the body was kept and somebody is being paged for it."""

    type: str
    title: str
    status: int
    detail: str
    case: str | None = None
    id: str | None = None


class Paged(BaseModel):
    """One page: who is asked, by which tier, and how often it has rung."""

    person: str
    name: str
    tier: str
    texts: int
    calls: int
    state: str


class Next(BaseModel):
    """What the house does next on this case, and when."""

    what: str
    at: datetime


class CaseView(BaseModel):
    """One case as the board shows it. `label` is null for a device's token."""

    id: str
    code: str
    urgency: UrgencyWord | None
    suspicion: list[Suspicion]
    status: Literal["listening", "waiting", "paging", "held", "closed"]
    label: str | None
    opened_at: datetime
    waiting_seconds: int
    pages: list[Paged]
    next: Next | None
    holder: str | None
    holder_name: str | None
    held_since: datetime | None
    family_reached: bool
    closed_at: datetime | None
    outcome: str | None
    links: list[str]


class Cases(BaseModel):
    """Worst first, then oldest."""

    at: datetime
    cases: list[CaseView]


class StoryLine(BaseModel):
    """One line of the timeline, made of one journal entry."""

    seq: int
    at: datetime
    kind: Literal["family", "pages", "people", "system", "clocks"]
    text: str
    words: str = ""
    details: list[str] = []
    why: str = ""


class CaseStory(CaseView):
    """A case with its timeline; a device's token gets none."""

    story: list[StoryLine]


class Acted(BaseModel):
    """The case after the act."""

    case: CaseView


class Nothing(BaseModel):
    """No body is needed."""

    model_config = ConfigDict(extra="forbid")


class Acknowledge(BaseModel):
    """Take the case; `connect` rings you and joins you with the family."""

    model_config = ConfigDict(extra="forbid")
    connect: bool = False


class Pass(BaseModel):
    """What `pass` may say."""

    model_config = ConfigDict(extra="forbid")
    not_me: bool = Field(False, description="the page should never have come to this person")


class Call(BaseModel):
    """What `call` may say."""

    model_config = ConfigDict(extra="forbid")
    interpreter: bool = Field(False, description="an interpreter is rung first")


class Take(BaseModel):
    """What `take` must say: naming who has the case is the confirmation."""

    model_config = ConfigDict(extra="forbid")
    holder: str = Field(alias="from", description="the person who has it now")


class HandOver(BaseModel):
    """What `hand-over` must say."""

    model_config = ConfigDict(extra="forbid")
    to: str = Field(description="the colleague's id; the case stays yours until that person has said it back")


class SayBack(BaseModel):
    """What `say-back` must say."""

    model_config = ConfigDict(extra="forbid")
    line: str = Field(min_length=1, max_length=400, description="1, 2, 3 for a ready line, or a line of your own")


class Close(BaseModel):
    """Closing needs an outcome."""

    model_config = ConfigDict(extra="forbid")
    outcome: Literal[tuple(OUTCOMES.values())]  # type: ignore[valid-type]  # the one list is in core
    note: str = Field("", max_length=4000)
    needed: bool | None = Field(None, description="whether the page was needed; counted in the report, nothing else")


class Add(BaseModel):
    """Page another rotation as well."""

    model_config = ConfigDict(extra="forbid")
    rotation: str


class Note(BaseModel):
    """Words that are kept with the case."""

    model_config = ConfigDict(extra="forbid")
    words: str = Field(min_length=1, max_length=4000)


class LinkTo(BaseModel):
    """The other case, by id or code."""

    model_config = ConfigDict(extra="forbid")
    other: str = Field(min_length=1, max_length=60)


class OnCallRow(BaseModel):
    """One person on one layer, or one hole (person is null)."""

    model_config = ConfigDict(populate_by_name=True)

    rotation: str
    layer: str
    person: str | None
    name: str | None
    from_: str | None = Field(alias="from")
    until: str | None
    from_utc: str | None
    until_utc: str | None
    hours: float | None
    reason: str


class OnCall(BaseModel):
    """Who is on call at one instant, or the shifts of a span."""

    rows: list[OnCallRow]


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"]


class Ready(BaseModel):
    """Each check by its name."""

    status: Literal["ready", "not ready"]
    checks: dict[str, bool]


def not_understood(fields: dict[str, Any]) -> list[str]:
    """The fields of an alarm that no shape knows, and those whose value is none that we know."""
    try:
        alarm = Alarm.model_validate(fields)
    except ValidationError as problem:
        wrong = [".".join(str(part) for part in error["loc"] if _is_name(part)) for error in problem.errors()]
        return sorted({*(name for name in wrong if name), *(set(fields) - set(Alarm.model_fields))})
    context = alarm.patient_context
    inner = [f"patient_context.{name}" for name in (context.model_extra or {})] if context else []
    return sorted([*(alarm.model_extra or {}), *inner])


def _is_name(part: object) -> bool:
    """Union members appear in an error's place under the name of their type: only our own fields are named."""
    return isinstance(part, str) and (part in Alarm.model_fields or part in PatientContext.model_fields)
