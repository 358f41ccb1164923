"""rules/calls.yaml: the graph of a family's telephone call, read and checked.

A key that leads nowhere, a menu with too many keys, a sentence that does not exist or cannot be filled, a language
without its words: each would be dead air at three in the morning, so each is a fault with its line. Deliberately not
here: walking the graph (`core.case.walking`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from string import Formatter
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from oncall.adapters.handbook.escalation_file import is_signed
from oncall.adapters.handbook.reading import Fault, Sheet, read_shape, read_sheet
from oncall.core.case.call_graph import PAGING, PERSON, STATE, CallGraph, Choice, Node, Takes
from oncall.core.reports import Heard
from oncall.core.triage.advice import SPOKEN, Advice
from oncall.core.triage.questions import Answer
from oncall.core.triage.rulebook import Rulebook

MOST_KEYS = 3  # of a menu's own, beside 0, 8, 9 and * (RULINGS 5)
EVERYWHERE = frozenset("089*#")
BLANKS = frozenset({"emergency_spoken", "who", "number", "time"})
HEADS = ("start", "danger", "redial", "readback", "hidden", "questions", "wait")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Choice(_Strict):
    to: str
    present: list[str] = []
    not_sure: list[str] = []
    denied: list[str] = []
    say: list[str] = []
    another: bool = False
    about: Literal["", "usual", "other", "unsure"] = ""


class _Node(_Strict):
    takes: Takes = Takes.KEY
    say: list[str] = []
    keys: dict[str, _Choice] = {}
    then: str = ""
    question: str | None = None
    speech: bool = False
    until_taken: bool = False
    settled: bool = False
    unread: str = ""
    enrolled: bool = False


class CallsFile(_Strict):
    signed: Any
    source: str
    start: str
    danger: str
    redial: str
    readback: str
    hidden: str
    questions: str
    wait: str
    always: dict[str, _Choice]
    nodes: dict[str, _Node]


def read_calls(
    path: Path, advice: Advice | None, rulebook: Rulebook | None
) -> tuple[CallGraph | None, bool, tuple[Fault, ...]]:
    """The graph, whether it is signed, and the faults; sentences and codes are checked where they could be read."""
    sheet, faults = read_sheet(path)
    if sheet is None:
        return None, False, faults
    shape, faults = read_shape(sheet, CallsFile)
    if shape is None:
        return None, False, faults
    found = (*_road_faults(sheet, shape), *_key_faults(sheet, shape))
    if advice is not None:
        found = (*found, *_sentence_faults(sheet, shape, advice))
    if rulebook is not None:
        found = (*found, *_code_faults(sheet, shape, rulebook))
    return (None if found else _graph(shape)), is_signed(shape.signed), found


def _graph(shape: CallsFile) -> CallGraph:
    return CallGraph(
        **{head: getattr(shape, head) for head in HEADS},
        always={key: _choice(choice) for key, choice in shape.always.items()},
        nodes={name: _node(name, node) for name, node in shape.nodes.items()},
    )


def _node(name: str, node: _Node) -> Node:
    return Node(
        name=name,
        takes=node.takes,
        say=tuple(node.say),
        keys={key: _choice(choice) for key, choice in node.keys.items()},
        then=node.then,
        question=node.question,
        speech=node.speech,
        until_taken=node.until_taken,
        settled=node.settled,
        unread=node.unread,
        enrolled=node.enrolled,
    )


def _choice(choice: _Choice) -> Choice:
    answers = tuple(Answer(code, heard) for heard in _HEARD for code in getattr(choice, heard.value))
    return Choice(choice.to, answers, tuple(choice.say), choice.another, choice.about)


_HEARD = (Heard.PRESENT, Heard.NOT_SURE, Heard.DENIED)


# --- faults ----------------------------------------------------------------------------------------------------------


def _road_faults(sheet: Sheet, shape: CallsFile) -> Iterable[Fault]:
    """Every road leads to a node that exists, and none of the skipped or silent ways goes round for ever."""
    names = shape.nodes.keys()
    wanted = f"one of {', '.join(sorted(names))}"
    for head in HEADS:
        if getattr(shape, head) not in names:
            yield sheet.fault((head,), getattr(shape, head), wanted)
    for place, choice in _choices(shape):
        if choice.to not in names:
            yield sheet.fault((*place, "to"), choice.to, wanted)
    for name, node in shape.nodes.items():
        ends = node.takes in (Takes.WAIT, Takes.END)
        if ends == bool(node.then):
            yield sheet.fault(
                ("nodes", name), f"then: {node.then or 'nothing'}", "`then`, unless the node waits or ends"
            )
        elif node.then and node.then not in names:
            yield sheet.fault(("nodes", name, "then"), node.then, wanted)
        elif node.unread and (node.unread not in names or node.takes is not Takes.WORDS):
            yield sheet.fault(("nodes", name, "unread"), node.unread, f"after words, {wanted}")
        elif node.then and _goes_round(name, shape.nodes):
            yield sheet.fault(("nodes", name, "then"), node.then, "a way that ends at a node that waits")


def _goes_round(name: str, nodes: Mapping[str, _Node]) -> bool:
    seen: set[str] = set()
    while name in nodes and nodes[name].then:
        if name in seen:
            return True
        seen.add(name)
        name = nodes[name].then
    return False


def _key_faults(sheet: Sheet, shape: CallsFile) -> Iterable[Fault]:
    if PERSON not in shape.always:
        yield sheet.fault(("always",), "no 0", "0, a person now")
    for name, node in shape.nodes.items():
        here = ("nodes", name)
        if len(node.keys) > MOST_KEYS:
            yield sheet.fault((*here, "keys"), len(node.keys), f"at most {MOST_KEYS} keys")
        if taken := sorted(EVERYWHERE & node.keys.keys()):
            yield sheet.fault((*here, "keys"), ", ".join(taken), "keys that do not mean something else everywhere")
        if node.takes is Takes.KEY and not node.keys and node.question is None:
            yield sheet.fault(here, "no key", "keys, a question, or another `takes`")
        if not node.say and node.question is None and node.takes is not Takes.QUESTIONS:
            yield sheet.fault(here, "nothing to say", "at least one sentence: dead air is a fault")


def _sentence_faults(sheet: Sheet, shape: CallsFile, advice: Advice) -> Iterable[Fault]:
    said = [(("nodes", name, "say"), key) for name, node in shape.nodes.items() for key in node.say]
    said += [((*place, "say"), key) for place, choice in _choices(shape) for key in choice.say]
    for place, key in said:
        if key in (STATE, PAGING):
            continue
        versions = advice.texts.get(key, {})
        if missing := [tongue for tongue in SPOKEN if tongue not in versions]:
            yield sheet.fault(
                place, f"{key} without {', '.join(missing)}", "a sentence of advice.yaml in every language"
            )
        elif extra := sorted(_blanks(versions.values()) - BLANKS):
            yield sheet.fault(place, f"{key} with {extra}", f"only the blanks {sorted(BLANKS)}")


def _blanks(sentences: Collection[str]) -> set[str]:
    return {name for sentence in sentences for _, name, _, _ in Formatter().parse(sentence) if name}


def _code_faults(sheet: Sheet, shape: CallsFile, rulebook: Rulebook) -> Iterable[Fault]:
    for place, choice in _choices(shape):
        for code in (*choice.present, *choice.not_sure, *choice.denied):
            if code not in rulebook.vocabulary:
                yield sheet.fault(place, code, "a code of findings.yaml")
    questions = {question.code for question in rulebook.questions}
    for name, node in shape.nodes.items():
        if node.question is not None and node.question not in questions:
            yield sheet.fault(("nodes", name, "question"), node.question, "a question of questions.yaml")
        if name in questions and name != node.question:
            yield sheet.fault(("nodes", name), name, "a name that no question has")


def _choices(shape: CallsFile) -> Iterable[tuple[tuple[str | int, ...], _Choice]]:
    yield from ((("always", key), choice) for key, choice in shape.always.items())
    for name, node in shape.nodes.items():
        yield from ((("nodes", name, "keys", key), choice) for key, choice in node.keys.items())
