"""What a stored edition lacks because it is older than the program: lent from the files shipped with it.

A stored edition must never keep a house from starting, nor fail at the first sentence it does not have. What the
program needs and the edition has not is taken from the shipped files: the graph of a call, sentences, waits, codes
that the program itself gives, fields that today's shapes demand (`lending_fields`). The edition's own texts, and so
its name, are not touched: only the readings beside them are completed (decision 0015). Deliberately not here: folders
that somebody edits; there a missing part is a fault.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from oncall.adapters.handbook.at_hand_file import ChecklistsFile, PhrasesFile
from oncall.adapters.handbook.calls_file import CallsFile
from oncall.adapters.handbook.dangers_file import DangersFile
from oncall.adapters.handbook.escalation_file import AdviceFile, EscalationFile
from oncall.adapters.handbook.lending_fields import completed
from oncall.adapters.handbook.reading import data_of, reading_of
from oncall.adapters.handbook.rules_files import RULE_FILES
from oncall.adapters.handbook.rules_parts import NEEDED
from oncall.adapters.handbook.rules_shapes import (
    AlarmsShape,
    FindingsShape,
    QuestionsShape,
    RedFlagsShape,
    RulesShape,
    WordsShape,
)
from oncall.core.case.escalation import Waits

INSTALLED, CHECKED_OUT = Path(__file__).parents[2] / "handbook_default", Path(__file__).parents[3]
CALLS, DANGERS = "rules/calls.yaml", "rules/dangers.yaml"
PHRASES, CHECKLISTS = "rules/phrases.yaml", "rules/checklists.yaml"
WHOLE = (DANGERS, PHRASES, CHECKLISTS)  # lent as they are shipped, where an edition is from before them
HEARD = ("present", "not_sure", "denied")


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a file that must hold these names; None for all that the shipped file has."""

    file: str
    name: str
    wanted: Collection[str] | None = None

    def lacks(self, has: Mapping[str, Any]) -> bool:
        return self.wanted is None or not has.keys() >= set(self.wanted)

    def lent(self, has: Mapping[str, Any]) -> dict[str, Any]:
        shipped = data_of(_shipped(self.file))[self.name]
        wanted = shipped.keys() if self.wanted is None else set(self.wanted)
        return {key: said for key, said in shipped.items() if key in wanted and key not in has}


PARTS = (
    _Part("rules/advice.yaml", "sentences"),
    _Part("rules/escalation.yaml", "waits", tuple(field.name for field in fields(Waits))),
    _Part("rules/findings.yaml", "findings", NEEDED),
)
SHAPES: Mapping[str, type[BaseModel]] = {
    "rules/advice.yaml": AdviceFile,
    "rules/alarms.yaml": AlarmsShape,
    "rules/escalation.yaml": EscalationFile,
    "rules/findings.yaml": FindingsShape,
    "rules/questions.yaml": QuestionsShape,
    "rules/red-flags.yaml": RedFlagsShape,
    CALLS: CallsFile,
    PHRASES: PhrasesFile,
    CHECKLISTS: ChecklistsFile,
    DANGERS: DangersFile,
    **{f"rules/{name}.yaml": RulesShape for name in RULE_FILES},
    **{f"rules/words-{tongue}.yaml": WordsShape for tongue in ("en", "es", "ht", "pt")},
}


def lent_to(files: Mapping[str, str]) -> dict[str, str]:
    """The texts and readings that complete a stored edition, by name; empty for one that lacks nothing."""
    lent: dict[str, str] = {}
    for name, shape in SHAPES.items():
        before = _data(name, files) if files.get(name) != _shipped(name) else None
        if not isinstance(before, Mapping):
            continue
        data = completed(_with_parts(name, before), shape, data_of(_shipped(name)))
        if data is not before:
            lent[f"{name}.json"] = reading_of(files[name], data)
    lent |= {name: _shipped(name) for name in WHOLE if name not in files}
    return lent if CALLS in files else {**lent, **_lent_graph({**files, **lent})}


def _with_parts(name: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same data where no part of it lacks a name."""
    for part in PARTS:
        has = data.get(part.name) if part.file == name else None
        if isinstance(has, Mapping) and part.lacks(has) and (more := part.lent(has)):
            data = {**data, part.name: {**has, **more}}
    return data


def _lent_graph(files: Mapping[str, str]) -> dict[str, str]:
    """The shipped graph of a call, cut to the codes and questions of these files."""
    text = _shipped(CALLS)
    findings, questions = _data("rules/findings.yaml", files) or {}, _data("rules/questions.yaml", files) or {}
    codes = frozenset(findings.get("findings", ()))
    asked = frozenset(question["code"] for question in questions.get("questions", ()))
    return {CALLS: text, f"{CALLS}.json": reading_of(text, fitted(data_of(text), codes, asked))}


def _data(name: str, files: Mapping[str, str]) -> Any:
    """None for a file that is not there or cannot be read: its loader says so."""
    return data_of(files[name], files.get(f"{name}.json")) if name in files else None


def _shipped(name: str) -> str:
    base = INSTALLED if INSTALLED.is_dir() else CHECKED_OUT
    return (base / name).read_bytes().decode()


def fitted(calls: Mapping[str, Any], codes: Collection[str], questions: Collection[str]) -> dict[str, Any]:
    """A graph for rules that lack some of its codes and questions: such a key still leads on, such a node is passed
    over."""
    nodes: Mapping[str, Any] = calls["nodes"]

    def past(name: str) -> str:
        while nodes[name].get("question") not in (None, *questions):
            name = nodes[name]["then"]
        return name

    def choice(told: Mapping[str, Any]) -> dict[str, Any]:
        known = {heard: [code for code in said if code in codes] for heard, said in told.items() if heard in HEARD}
        return {**told, **known, "to": past(told["to"])}

    def node(told: Mapping[str, Any]) -> dict[str, Any]:
        keys = {key: choice(one) for key, one in told.get("keys", {}).items()}
        return {**told, "keys": keys, **{way: past(told[way]) for way in ("then", "unread") if way in told}}

    kept = {name: node(told) for name, told in nodes.items() if past(name) == name}
    return {**calls, "always": {key: choice(one) for key, one in calls["always"].items()}, "nodes": kept}
