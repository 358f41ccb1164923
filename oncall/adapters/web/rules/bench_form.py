"""The form of the test bench: what was typed, what is wrong with it, and the trial it makes.

Every field is checked against what the edition in force declares; a fault is a sentence beside the form, and what
was typed stands in it again. Deliberately not here: what the trial comes to (`service.rules.bench`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from oncall.adapters.web.forms import typed
from oncall.core.triage.rulebook import Rulebook
from oncall.core.triage.thresholds import number
from oncall.core.wall_time import first_pass
from oncall.service.rules.bench import Door, Trial
from oncall.service.rules.sentences import plain

MOST_LETTERS = 4000
MOST_MESSAGES = 20
MOST_IN_A_LINE = 200
YEARS = range(2000, 2100)
FARTHEST = 100_000
RECORD = (  # the numbers of a patient's record that may be tried, as RULINGS 13 names them
    ("days_since_refill", "Days since the last refill"),
    ("hours_since_refill", "Hours since the last refill"),
    ("hours_since_dose_change", "Hours since the last dose change"),
    ("days_to_low_reservoir_alarm", "Days to the low-reservoir date"),
    ("hours_since_mri", "Hours since an MRI"),
    ("days_since_surgery", "Days since surgery"),
)
ALARM = (("alarm_reason", "Reason"), ("tone", "Tone"), ("alarm_class", "Class"))
_DIGITS = re.compile(r"\d{1,5}")
_BETWEEN_MESSAGES = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    word: str


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was filled in. `fields` by name, `answers` by question."""

    door: str = Door.TEXT.value
    words: str = ""
    at: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    temperature: str = ""

    def said(self, name: str) -> str:
        return self.fields.get(name, "")


def read_typed(form: Mapping[str, object], rulebook: Rulebook) -> Typed:
    names = ("pump_model", "diagnosis", "caller_note", *(name for name, _ in (*RECORD, *ALARM)))
    answers = {question.code: typed(form, f"answer_{question.code}").strip() for question in rulebook.questions}
    return Typed(
        door=typed(form, "door") or Door.TEXT.value,
        words=typed(form, "words").replace("\r\n", "\n"),
        at=typed(form, "at").strip(),
        fields={name: typed(form, name).strip() for name in names},
        answers={code: key for code, key in answers.items() if key},
        temperature=typed(form, "temperature").strip(),
    )


def model_choices(rulebook: Rulebook) -> tuple[Choice, ...]:
    known = (Choice(pump.model, plain(pump.model).capitalize()) for pump in rulebook.alarms.pumps)
    return (*known, Choice(rulebook.alarms.unknown_pump.model, "Unknown"))


def alarm_choices(rulebook: Rulebook) -> Mapping[str, tuple[Choice, ...]]:
    """Every value that any pump's table knows, by field."""
    pumps = (*rulebook.alarms.pumps, rulebook.alarms.unknown_pump)
    found = {
        name: dict.fromkeys(value for pump in pumps for value in pump.values.get(name, {}) if value != "none")
        for name, _ in ALARM
    }
    return {name: tuple(Choice(value, plain(value)) for value in values) for name, values in found.items()}


# --- faults --------------------------------------------------------------------------------------------------------


def faults_of(form: Typed, rulebook: Rulebook, zone: str) -> tuple[str, ...]:
    """Everything that is wrong with the form, each with what to do."""
    return (
        *_word_faults(form),
        *_choice_faults(form, rulebook),
        *_answer_faults(form, rulebook),
        *(
            f"{label}: write a number, or leave it empty."
            for name, label in RECORD
            if form.said(name) and _number(form.said(name)) is None
        ),
        *_time_faults(form, zone),
    )


def _word_faults(form: Typed) -> Iterator[str]:
    if len(form.words) > MOST_LETTERS:
        yield f"These are {len(form.words)} letters; the bench takes {MOST_LETTERS}. Shorten the text."
    elif len(_messages(form.words)) > MOST_MESSAGES:
        yield f"These are more than {MOST_MESSAGES} messages. Leave some out."
    if len(form.said("caller_note")) > MOST_LETTERS:
        yield f"The caller's note is longer than {MOST_LETTERS} letters. Shorten it."
    if len(form.said("diagnosis")) > MOST_IN_A_LINE:
        yield f"The diagnosis is longer than {MOST_IN_A_LINE} letters. Shorten it."


def _choice_faults(form: Typed, rulebook: Rulebook) -> Iterator[str]:
    if form.door not in {door.value for door in Door}:
        yield "Choose what comes in: a text, answers or a pump alarm."
    choices = {"pump_model": model_choices(rulebook), **alarm_choices(rulebook)}
    for name, listed in choices.items():
        if form.said(name) and form.said(name) not in {choice.value for choice in listed}:
            yield f"{plain(name).capitalize()}: choose one of the list."


def _answer_faults(form: Typed, rulebook: Rulebook) -> Iterator[str]:
    keys = {question.code: question.keys for question in rulebook.questions}
    for code, key in form.answers.items():
        if key not in keys[code]:
            yield f"{plain(code).capitalize()}: choose one of its keys."
    if form.temperature and not _DIGITS.fullmatch(form.temperature):
        yield "The temperature is keyed in digits alone: 1012 for 101.2 F, 394 for 39.4 C."


def _time_faults(form: Typed, zone: str) -> Iterator[str]:
    if form.at and _instant(form.at, zone) is None:
        yield "The time must read like 2026-11-25T03:00; empty means now."


# --- the trial -----------------------------------------------------------------------------------------------------


def trial_of(form: Typed, rulebook: Rulebook, zone: str, now: datetime) -> Trial:
    """The trial of a form without faults."""
    door = Door(form.door)
    context = {name: form.said(name) for name in ("pump_model", "diagnosis") if form.said(name)}
    numbers = {name: _number(form.said(name)) for name, _ in RECORD if form.said(name)}
    return Trial(
        door=door,
        at=_instant(form.at, zone) or now,
        messages=_messages(form.words) if door is Door.TEXT else (),
        answers={} if door is Door.ALARM else _answers(form, rulebook),
        alarm=_alarm(form) if door is Door.ALARM else {},
        context={**context, **numbers},
    )


def _messages(words: str) -> tuple[str, ...]:
    """An empty line begins another message."""
    return tuple(message for message in _BETWEEN_MESSAGES.split(words.strip()) if message)


def _answers(form: Typed, rulebook: Rulebook) -> dict[str, str]:
    """In the order of the questions; a keyed temperature is the answer to its question."""
    keyed = {question.code: form.temperature for question in rulebook.questions if question.number == "temperature_c"}
    told = {**form.answers, **{code: digits for code, digits in keyed.items() if digits}}
    return {question.code: told[question.code] for question in rulebook.questions if question.code in told}


def _alarm(form: Typed) -> dict[str, object]:
    fields: dict[str, object] = {name: form.said(name) for name, _ in ALARM if form.said(name)}
    if form.said("caller_note"):
        fields["caller_note"] = form.said("caller_note")
    if fields and form.said("pump_model"):
        fields["device_model"] = form.said("pump_model")
    return fields


def _number(told: str) -> float | None:
    amount = number(told)
    return amount if amount is not None and abs(amount) <= FARTHEST else None


def _instant(told: str, zone: str) -> datetime | None:
    """A wall time of the hospital; a doubled one means its first pass. None for what is no time."""
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        return None
    return first_pass(at, zone) if at.tzinfo is None and at.year in YEARS else None
