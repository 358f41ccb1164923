"""What the files in `rules/` mean: shapes become signs, rules, limits, tables and questions.

Beside each conversion stand the faults of meaning: codes that are not in the vocabulary, rules with the same id, a
`not` outside the office rules (it would let a sign lower another), a sign no rule acts on. Deliberately not here:
reading the files and running the examples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from oncall.adapters.handbook.reading import Fault, Sheet
from oncall.adapters.handbook.rules_asking import asking_of, brought_up_by, numbers_of
from oncall.adapters.handbook.rules_shapes import (
    AlarmsShape,
    ConditionShape,
    ContextShape,
    FindingsShape,
    LimitShape,
    PumpShape,
    QuestionsShape,
    RedFlagsShape,
    RuleShape,
    RulesShape,
    WordsShape,
)
from oncall.core.reports import Heard
from oncall.core.triage.alarms import AlarmTables, PumpTables
from oncall.core.triage.assessment import Condition, Leaning, Rule, Urgency
from oncall.core.triage.context import Reading
from oncall.core.triage.key_prompts import KeyMeanings, Union
from oncall.core.triage.questions import Answer, Question
from oncall.core.triage.thresholds import Limit, Limits
from oncall.core.triage.vocabulary import BACKGROUND_GROUPS, Sign
from oncall.core.triage.words import fold

GROUPS = frozenset(
    (
        *("withdrawal", "overdose", "both", "device", "infection", "other"),
        *("flow", "unread", "background", "office", "well"),
    )
)
NO_RULE_NEEDED = BACKGROUND_GROUPS | {"well"}
NEEDED = (  # codes that the program itself gives
    "caller_silent",
    "caller_hung_up",
    "asked_for_person",
    "hospital_staff",
    "menu_sleepy_or_breathing",
    "menu_stiff_itchy_hot_jerking",
    "menu_beep_or_other",
    "reserved_word",
    "empty_message",
    "emoji_only",
    "unreadable",
    "unknown_language",
    "photo_sent",
    "called_911",
    "cannot_call_911",
    "unreadable_alarm",
    "getting_worse",
    "repeat_contact_24h",
    "thanks_only",
    "wrong_number",
    "emergency_word_mentioned",
    "language_raises_only",
    "not_understood",
    "possible_sign",
    "refill_overdue",
    "task_untaken",
)


@dataclass(frozen=True, slots=True)
class Given:
    """The read files, each with its sheet for line numbers."""

    findings: tuple[Sheet, FindingsShape]
    alarms: tuple[Sheet, AlarmsShape]
    questions: tuple[Sheet, QuestionsShape]
    rules: tuple[tuple[Sheet, RulesShape], ...]
    words: tuple[tuple[Sheet, WordsShape], ...]
    red_flags: tuple[Sheet, RedFlagsShape] | None = None

    @property
    def signed(self) -> bool:
        """Whether somebody has signed every file."""
        files = (self.findings[1], self.alarms[1], self.questions[1], *(shape for _, shape in self.rules))
        more = (*(shape for _, shape in self.words), *([self.red_flags[1]] if self.red_flags else ()))
        return all(not isinstance(shape.signed, str) for shape in (*files, *more))


def signs_of(given: Given) -> dict[str, Sign]:
    return {
        code: Sign(
            code=code,
            sentence=shape.says,
            group=shape.group,
            danger=shape.danger,
            lingers=shape.lingers,
            everyday=shape.everyday,
            emergency_word=shape.emergency_word,
            source=shape.source,
            asking=asking_of(shape, given.findings[1], given.questions[1]),
        )
        for code, shape in given.findings[1].findings.items()
    }


def limits_of(spans: Mapping[str, Sequence[LimitShape]]) -> Limits:
    return {
        name: tuple(Limit(span.gives, span.at_least, span.at_most) for span in listed) for name, listed in spans.items()
    }


def reading_of(given: Given) -> Reading:
    context = given.findings[1].context
    return Reading(
        limits=limits_of(context.limits),
        mentions={
            field: {" ".join(fold(word) for word in piece.split()): code for piece, code in pieces.items()}
            for field, pieces in context.mentions.items()
        },
        flags=context.flags,
        missing={code: tuple(fields) for code, fields in context.missing.items()},
    )


def alarm_tables(given: Given) -> AlarmTables:
    shape = given.alarms[1]
    return AlarmTables(
        pumps=tuple(_pump(pump, shape) for pump in shape.pumps),
        unknown_pump=_pump(shape.unknown_pump, shape),
        known_fields=frozenset(shape.known_fields),
        free_text=tuple(shape.free_text),
        log_phrases={
            code: tuple(frozenset(phrase.split()) for phrase in listed) for code, listed in shape.log_phrases.items()
        },
        unknown_value=shape.unknown_value,
        unreadable=shape.unreadable,
        limits=limits_of(given.findings[1].alarm),
    )


def _pump(shape: PumpShape, tables: AlarmsShape) -> PumpTables:
    """The tables of one model: those of every pump, with its own in their place."""
    return PumpTables(
        shape.model,
        {
            field: {value: (code,) if isinstance(code, str) else tuple(code) for value, code in table.items()}
            for field, table in {**tables.every_pump, **shape.values}.items()
        },
    )


def questions_of(given: Given) -> tuple[Question, ...]:
    return tuple(
        Question(
            code=shape.code,
            core=shape.core,
            text=shape.text,
            keys={key: tuple(_answers(answer.model_dump())) for key, answer in shape.keys.items()},
            number=shape.number,
            spoken=shape.spoken,
            may_mean=brought_up_by(shape, given.findings[1], given.questions[1]),
            numbers=numbers_of(shape, given.findings[1]),
        )
        for shape in given.questions[1].questions
    )


def _answers(said: Mapping[str, Sequence[str]]) -> Iterator[Answer]:
    for heard in (Heard.PRESENT, Heard.NOT_SURE, Heard.DENIED):
        yield from (Answer(code, heard) for code in said[heard.value])


def key_meanings(given: Given) -> KeyMeanings:
    menu = given.questions[1].anybodys_menu

    def folded(listed: Sequence[str]) -> frozenset[str]:
        return frozenset(" ".join(fold(word) for word in phrase.split()) for phrase in listed)

    return KeyMeanings(
        yes=folded(menu.yes),
        no=folded(menu.no),
        not_sure=folded(menu.not_sure),
        same=folded(menu.same),
        well={code: folded(listed) for code, listed in menu.well.items()},
        ended=folded(menu.ended),
        ill=folded(menu.ill),
        temperature=folded(menu.temperature),
        labels={code: folded(listed) for code, listed in menu.labels.items()},
        errands={code: folded(listed) for code, listed in menu.errands.items()},
        around_errands=folded(menu.around_errands),
        unions=tuple(Union(union.code, frozenset(union.of)) for union in menu.unions),
        instead=menu.instead,
        person=menu.person,
        staff=menu.staff,
        silent=menu.silent,
        hung_up=menu.hung_up,
        riddle=menu.riddle,
        idle=folded(menu.idle),
    )


def rules_of(given: Given) -> tuple[Rule, ...]:
    return tuple(_rule(shape) for _, sheet in given.rules for shape in sheet.rules)


def _rule(shape: RuleShape) -> Rule:
    return Rule(
        id=shape.id,
        says=shape.says,
        when=condition_of(shape.when),
        leans={Leaning(name): weight for name, weight in shape.then.leans.items()},
        urgency=Urgency[shape.then.urgency.upper()] if shape.then.urgency else None,
        advice=shape.then.advice,
        source=shape.source,
    )


def condition_of(shape: ConditionShape) -> Condition:
    return Condition(
        all=_parts(shape.all),
        any=_parts(shape.any),
        at_least=shape.at_least.n if shape.at_least else 0,
        of=_parts(shape.at_least.of) if shape.at_least else (),
        none=_parts(shape.not_),
    )


def _parts(parts: Sequence[str | ConditionShape]) -> tuple[Condition | str, ...]:
    return tuple(part if isinstance(part, str) else condition_of(part) for part in parts)


def meaning_faults(given: Given) -> Iterable[Fault]:
    """Everything that has the right shape and cannot be meant."""
    codes = frozenset(given.findings[1].findings)
    yield from _vocabulary_faults(given, codes)
    yield from _code_faults(given, codes)
    yield from _rule_faults(given, codes)


def _vocabulary_faults(given: Given, codes: frozenset[str]) -> Iterable[Fault]:
    sheet, shape = given.findings
    for code in NEEDED:
        if code not in codes:
            yield sheet.fault(("findings",), f"no {code}", "every code that the program itself gives")
    rules = rules_of(given)
    for code, sign in shape.findings.items():
        if sign.group not in GROUPS:
            yield sheet.fault(("findings", code, "group"), sign.group, f"one of {', '.join(sorted(GROUPS))}")
        if sign.everyday and sign.everyday not in codes:
            yield sheet.fault(("findings", code, "everyday"), sign.everyday, "a code of this file")
        alone = frozenset({code})
        acted_on = any(rule.urgency is not None and rule.when.holds(alone) for rule in rules)
        if sign.group not in NO_RULE_NEEDED and not acted_on:
            yield sheet.fault(("findings", code), code, "a rule with an urgency that holds for this sign alone")


def _code_faults(given: Given, codes: frozenset[str]) -> Iterable[Fault]:
    """Codes used outside the rules that the vocabulary does not hold."""
    sheet, shape = given.findings
    for section, spans in (("measured", shape.measured), ("alarm", shape.alarm)):
        for name, listed in spans.items():
            for place, span in enumerate(listed):
                if span.gives not in codes:
                    yield sheet.fault((section, name, place), span.gives, "a code of the vocabulary")
    for location, code in _context_codes(shape.context):
        if code not in codes:
            yield sheet.fault(("context", *location), code, "a code of the vocabulary")
    yield from _table_faults(given, codes)
    yield from _question_faults(given, codes)


def _context_codes(context: ContextShape) -> Iterable[tuple[tuple[str | int, ...], str]]:
    for name, spans in context.limits.items():
        yield from ((("limits", name, place), span.gives) for place, span in enumerate(spans))
    for name, said in context.mentions.items():
        yield from ((("mentions", name, piece), code) for piece, code in said.items())
    yield from ((("flags", name), code) for name, code in context.flags.items())
    yield from ((("missing", code), code) for code in context.missing)


def _table_faults(given: Given, codes: frozenset[str]) -> Iterable[Fault]:
    sheet, shape = given.alarms
    tables: list[tuple[tuple[str | int, ...], Mapping[str, Mapping[str, str | list[str]]]]]
    tables = [(("pumps", place, "values"), pump.values) for place, pump in enumerate(shape.pumps)]
    tables += [(("every_pump",), shape.every_pump), (("unknown_pump", "values"), shape.unknown_pump.values)]
    for where, fields in tables:
        for name, table in fields.items():
            for value, said in table.items():
                for code in [said] if isinstance(said, str) else said:
                    if code not in codes:
                        yield sheet.fault((*where, name, value), code, "a code of the vocabulary")
    for name in ("unknown_value", "unreadable"):
        if getattr(shape, name) not in codes:
            yield sheet.fault((name,), getattr(shape, name), "a code of the vocabulary")


def _question_faults(given: Given, codes: frozenset[str]) -> Iterable[Fault]:
    sheet, shape = given.questions
    for place, question in enumerate(shape.questions):
        for key, answer in question.keys.items():
            for code in (*answer.present, *answer.not_sure, *answer.denied):
                if code not in codes:
                    yield sheet.fault(("questions", place, "keys", key), code, "a code of the vocabulary")
        if len(question.text.get("en", "")) > 160:
            yield sheet.fault(("questions", place, "text", "en"), len(question.text["en"]), "at most 160 letters")
    menu = shape.anybodys_menu
    for name in ("person", "staff", "silent", "hung_up"):
        if getattr(menu, name) not in codes:
            yield sheet.fault(("anybodys_menu", name), getattr(menu, name), "a code of the vocabulary")
    for place, union in enumerate(menu.unions):
        for code in (union.code, *union.of):
            if code not in codes:
                yield sheet.fault(("anybodys_menu", "unions", place), code, "a code of the vocabulary")


def _rule_faults(given: Given, codes: frozenset[str]) -> Iterable[Fault]:
    seen: set[str] = set()
    for sheet, shape in given.rules:
        for place, rule in enumerate(shape.rules):
            here = ("rules", place)
            if rule.id in seen:
                yield sheet.fault((*here, "id"), rule.id, "an id that no other rule has")
            seen.add(rule.id)
            condition = condition_of(rule.when)
            for code in sorted(all_codes(condition) - codes):
                yield sheet.fault((*here, "when"), code, "a code of findings.yaml")
            if not condition.mentions():
                yield sheet.fault((*here, "when"), "nothing that must be present", "at least one code")
            if says_not(condition) and rule.then.urgency != "routine":
                yield sheet.fault((*here, "when"), "not", "no `not` outside routine rules: a sign never lowers")


def all_codes(condition: Condition) -> frozenset[str]:
    """Every code it names, those under `not` too."""
    parts = (*condition.all, *condition.any, *condition.of, *condition.none)
    return frozenset().union(*(frozenset({p}) if isinstance(p, str) else all_codes(p) for p in parts))


def says_not(condition: Condition) -> bool:
    """Whether a `not` stands anywhere in it."""
    parts = (*condition.all, *condition.any, *condition.of)
    return bool(condition.none) or any(says_not(part) for part in parts if isinstance(part, Condition))
