"""The shapes of the files in `rules/`: what may stand where.

Pydantic models only; an unknown key is a fault, so a misspelt `urgency` cannot pass as "no urgency". Deliberately
not here: faults of meaning (unknown codes, examples that fail), which `rules_files` adds.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Direction = Literal["lower", "higher", "within"]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Headed(Shape):
    """Every file says who signed it and where it comes from."""

    signed: str | dict[str, Any]
    source: str


class SignShape(Shape):
    says: str
    group: str
    danger: bool = False
    lingers: bool = False
    everyday: str | None = None
    emergency_word: bool = False
    source: str = ""
    asked: str | dict[Literal["en", "es"], str] = {}  # a question, own words, or why nobody asks


class AnswersShape(Shape):
    """How the own question of a sign ends, in a text and on the telephone."""

    text: dict[str, str] = {}
    spoken: dict[str, str] = {}


class LimitShape(Shape):
    gives: str
    at_least: float | None = None
    at_most: float | None = None


class ContextShape(Shape):
    limits: dict[str, list[LimitShape]] = {}
    mentions: dict[str, dict[str, str]] = {}
    flags: dict[str, str] = {}
    missing: dict[str, list[str]] = {}


class WorseShape(Shape):
    """Which way each number is worse; `within` is inside its limits against outside."""

    measured: dict[str, Direction] = {}
    context: dict[str, Direction] = {}
    alarm: dict[str, Direction] = {}


class FindingsShape(Headed):
    answers: AnswersShape = AnswersShape()
    findings: dict[str, SignShape]
    measured: dict[str, list[LimitShape]]
    context: ContextShape
    alarm: dict[str, list[LimitShape]]
    worse: WorseShape = WorseShape()


class WordsShape(Headed):
    """One language. Lists are written in one text, words apart by blanks, phrases by semicolons."""

    language: str
    everyday: str
    plain: str = ""
    ours: str = ""
    letters: str = ""
    fillers: str = ""
    cut_before: str = ""
    cut_joining: str = ""
    cut_subjects: str = ""
    spellings: dict[str, str] = {}
    families: dict[str, str] = {}
    manners: dict[str, str] = {}
    measures: dict[str, str] = {}
    not_signs: str = ""
    phrases: dict[str, str] = {}
    reserved: str = ""


class ConditionShape(Shape):
    all: list[str | ConditionShape] = []
    any: list[str | ConditionShape] = []
    at_least: AtLeastShape | None = None
    not_: list[str | ConditionShape] = Field(default=[], alias="not")


class AtLeastShape(Shape):
    n: int = Field(ge=1)
    of: list[str | ConditionShape]


ConditionShape.model_rebuild()


class ThenShape(Shape):
    leans: dict[Literal["withdrawal", "overdose", "cannot_tell", "device", "infection", "other", "none"], int] = {}
    urgency: Literal["emergency", "urgent", "same_day", "routine"] | None = None
    advice: Literal["call_911", "go_now", "wait_for_call", "office"] | None = None


class ExampleShape(Shape):
    text: str | list[str] | None = None
    keys: list[str] | None = None
    alarm: dict[str, Any] | None = None
    codes: list[str] | None = None  # for what only the program itself can find
    context: dict[str, Any] = {}


class ExamplesShape(Shape):
    fires: dict[str, list[str | ExampleShape]]
    silent: dict[str, list[str | ExampleShape]]


class RuleShape(Shape):
    id: str
    says: str
    when: ConditionShape
    then: ThenShape
    source: str
    examples: ExamplesShape


class RulesShape(Headed):
    rules: list[RuleShape]


class SpanShape(Shape):
    at_least: float | None = None
    at_most: float | None = None


class NumbersShape(Shape):
    measured: dict[str, SpanShape] = {}
    context: dict[str, SpanShape] = {}
    alarm: dict[str, SpanShape] = {}


class RedFlagShape(Shape):
    id: str
    says: str
    when: ConditionShape = ConditionShape()
    numbers: NumbersShape = NumbersShape()
    source: str


class RedFlagsShape(Headed):
    red_flags: list[RedFlagShape]


class PumpShape(Shape):
    model: str
    values: dict[str, dict[str, str | list[str]]]


class AlarmsShape(RulesShape):
    every_pump: dict[str, dict[str, str | list[str]]]
    pumps: list[PumpShape]
    unknown_pump: PumpShape
    known_fields: list[str]
    free_text: list[str]
    log_phrases: dict[str, list[str]] = {}
    unknown_value: str
    unreadable: str


class AnswerShape(Shape):
    present: list[str] = []
    not_sure: list[str] = []
    denied: list[str] = []


class QuestionShape(Shape):
    code: str
    core: bool = False
    text: dict[str, str]
    spoken: dict[str, str]
    keys: dict[str, AnswerShape]
    number: Literal["temperature_c"] | None = None


class UnionShape(Shape):
    code: str
    of: list[str]


class MenuShape(Shape):
    yes: list[str]
    no: list[str]
    not_sure: list[str]
    same: list[str]
    well: dict[str, list[str]] = {}
    ill: list[str] = []
    ended: list[str] = []
    temperature: list[str]
    labels: dict[str, list[str]] = {}
    errands: dict[str, list[str]] = {}
    around_errands: list[str] = []
    idle: list[str] = []
    riddle: str
    unions: list[UnionShape]
    instead: dict[str, str] = {}
    person: str
    staff: str
    silent: str
    hung_up: str


class QuestionsShape(Headed):
    questions: list[QuestionShape]
    anybodys_menu: MenuShape
