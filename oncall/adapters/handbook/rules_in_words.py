"""One edition of the rules in plain words: every declared thing with its properties, ready to be laid beside another.

A clinician who signs a change wants to read "urgency EMERGENCY -> URGENT", not a patch of a file. So each rule,
finding, limit, question, sentence, list of phrases and clock becomes a name with properties in words; lists stay
lists, so that what was added and removed can be said. Deliberately not here: the comparing (`rules_difference`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from oncall.adapters.handbook.escalation_file import read_advice, read_escalation
from oncall.adapters.handbook.reading import read_sheet
from oncall.adapters.handbook.rules_parts import Given
from oncall.adapters.handbook.rules_shapes import ConditionShape, LimitShape, RuleShape, WordsShape
from oncall.adapters.handbook.rules_words import split
from oncall.core.case.escalation import EscalationTable, Policy

Said = str | tuple[str, ...]
Subject = tuple[str, str]  # what kind of thing, and its name
Described = dict[Subject, dict[str, Said]]
BY_SEMICOLON = ("phrases", "not_signs")  # lists of phrases; the other lists of a word file are single words


def described(given: Given, rules: Path) -> Described:
    """Everything that the folder `rules` declares; `given` is the same folder, read without a fault."""
    told: Described = {}
    for _, shape in given.rules:
        told |= {("rule", rule.id): _rule(rule) for rule in shape.rules}
    told |= _red_flags(given)
    told |= _clocks(read_escalation(rules / "escalation.yaml")[0])
    told |= _findings(given)
    told |= _alarms(given)
    told |= _questions(given)
    told |= _advice(rules)
    for _, words in given.words:
        told |= _words(words)
    return told | _heads(given, rules)


def _rule(rule: RuleShape) -> dict[str, Said]:
    told: dict[str, Said] = {
        "sentence": rule.says,
        "when": condition_in_words(rule.when),
        "urgency": (rule.then.urgency or "none of its own").upper().replace("_", " "),
        "advice": rule.then.advice or "as the urgency says",
        "leans": ", ".join(f"{name} {weight:+}" for name, weight in sorted(rule.then.leans.items())) or "nowhere",
        "source": rule.source,
    }
    for kind, listed in (("must fire for", rule.examples.fires), ("must be silent for", rule.examples.silent)):
        for language, examples in listed.items():
            told[f"{kind} ({language})"] = tuple(
                example if isinstance(example, str) else in_words(example.model_dump(exclude_defaults=True))
                for example in examples
            )
    return told


def _red_flags(given: Given) -> Described:
    flags = given.red_flags[1].red_flags if given.red_flags else []
    return {
        ("red flag", flag.id): {
            "sentence": flag.says,
            "when": condition_in_words(flag.when) or "whatever is said",
            **dict(flat(flag.numbers.model_dump(exclude_defaults=True))),
            "source": flag.source,
        }
        for flag in flags
    }


def condition_in_words(shape: ConditionShape) -> str:
    """Codes as words: "itching and one of (fever, spasms)"."""
    parts = [_part(part) for part in shape.all]
    if shape.any:
        parts.append(f"one of ({', '.join(map(_part, shape.any))})")
    if shape.at_least:
        parts.append(f"at least {shape.at_least.n} of ({', '.join(map(_part, shape.at_least.of))})")
    if shape.not_:
        parts.append(f"none of ({', '.join(map(_part, shape.not_))})")
    return " and ".join(parts)


def _part(part: str | ConditionShape) -> str:
    return part.replace("_", " ") if isinstance(part, str) else f"({condition_in_words(part)})"


def _clocks(table: EscalationTable | None) -> Described:
    if table is None:
        return {}
    policies = {"EMERGENCY": table.emergency, "URGENT": table.urgent, "SAME DAY": table.same_day}
    told: Described = {("clock", name): _policy(policy) for name, policy in policies.items()}
    told[("clock", "hours of day")] = dict(flat(asdict(table.hours)))
    told[("clock", "waits")] = dict(flat(asdict(table.waits)))
    return told


def _policy(policy: Policy) -> dict[str, Said]:
    told: dict[str, Said] = {}
    for step in policy.steps:
        tiers = " and ".join(step.tiers)
        told[f"{tiers} after"] = in_words(step.after)
        told[f"{tiers}: text"] = in_words(step.text)
        told[f"{tiers}: voice"] = "no call" if step.voice is None else in_words(step.voice)
        told[f"{tiers}: informs"] = ", ".join(step.inform) or "nobody"
    for name in ("voice_again", "promise", "next_round", "reach_family", "raise_after"):
        told[name.replace("_", " ")] = in_words(getattr(policy, name))
    return told


def _findings(given: Given) -> Described:
    shape = given.findings[1]
    told: Described = {("finding", code): dict(flat(sign.model_dump())) for code, sign in shape.findings.items()}
    limits = {"": shape.measured, " in the record": shape.context.limits, " in an alarm": shape.alarm}
    for where, spans in limits.items():
        for name, listed in spans.items():
            told[("threshold", f"{name}{where}")] = _limits(listed)
    others = shape.context.model_dump(exclude={"limits"})
    told |= {("record", name): dict(flat(value)) for name, value in others.items()}
    return told | {("threshold", "which way is worse"): dict(flat(shape.worse.model_dump()))}


def _limits(listed: Sequence[LimitShape]) -> dict[str, Said]:
    """What each code of one measure asks for; several spans of one code stand side by side."""
    told: dict[str, Said] = {}
    for span in listed:
        ends = (("at least", span.at_least), ("at most", span.at_most))
        said = " and ".join(f"{word} {in_words(end)}" for word, end in ends if end is not None) or "any value"
        told[span.gives] = f"{told[span.gives]} or {said}" if span.gives in told else said
    return told


def _alarms(given: Given) -> Described:
    shape = given.alarms[1]
    pumps = {"every pump": shape.every_pump, "unknown pump": shape.unknown_pump.values}
    pumps |= {pump.model: pump.values for pump in shape.pumps}
    told: Described = {("alarm table", name): dict(flat(values)) for name, values in pumps.items()}
    rest = shape.model_dump(include={"known_fields", "free_text", "unknown_value", "unreadable"})
    return told | {("alarm table", "all fields"): dict(flat(rest))}


def _questions(given: Given) -> Described:
    shape = given.questions[1]
    told: Described = {
        ("question", question.code): dict(flat(question.model_dump(exclude={"code"}))) for question in shape.questions
    }
    return told | {("question", "anybody's menu"): dict(flat(shape.anybodys_menu.model_dump()))}


def _advice(rules: Path) -> Described:
    advice = read_advice(rules / "advice.yaml")[0]
    return {("sentence", key): dict(versions) for key, versions in advice.texts.items()} if advice else {}


def _words(shape: WordsShape) -> Described:
    """Lists of one language by section, those with codes by code."""
    told: Described = {}
    for section, value in shape.model_dump(exclude={"language", "signed", "source"}).items():
        lists = value if isinstance(value, Mapping) else {"": value}
        told[("words", f"{section} in {shape.language}")] = {
            name: tuple(split(str(said)) if section in BY_SEMICOLON else str(said).split())
            for name, said in lists.items()
        }
    return told


def _heads(given: Given, rules: Path) -> Described:
    """Who has signed each file, and where it comes from."""
    sheets = [given.findings, given.alarms, given.questions, *given.rules, *given.words]
    sheets += [given.red_flags] if given.red_flags else []
    told: Described = {("file", Path(sheet.name).name): _head(vars(shape)) for sheet, shape in sheets}
    for name in ("advice.yaml", "escalation.yaml", "phrases.yaml", "checklists.yaml"):
        sheet, _ = read_sheet(rules / name)
        told[("file", name)] = _head(sheet.data if sheet else {})
    return told


def _head(said: Mapping[str, Any]) -> dict[str, Said]:
    return {name: in_words(said.get(name)) for name in ("signed", "source")}


def flat(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Said]]:
    """Nested properties side by side, "text en" for `text: {en: ...}`; lists of words stay lists."""
    for key, inner in value.items():
        name = f"{before}{key}".replace("_", " ").strip()
        if isinstance(inner, Mapping):
            yield from flat(inner, f"{name} ")
        elif isinstance(inner, list | tuple) and all(isinstance(item, str) for item in inner):
            yield name, tuple(inner)
        else:
            yield name, in_words(inner)


def in_words(value: object) -> str:
    """Any declared value as a reader would say it."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case timedelta():
            return _span(value)
        case time():
            return value.strftime("%H:%M")
        case Mapping():
            return ", ".join(f"{key}: {in_words(inner)}" for key, inner in value.items())
        case list() | tuple():
            return "; ".join(in_words(inner) for inner in value)
        case float() if value.is_integer():
            return str(int(value))
    return str(value)


def _span(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    units: Sequence[tuple[int, str]] = ((seconds // 3600, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    return " ".join(f"{amount} {unit}" for amount, unit in units if amount) or "at once"
