"""A family's telephone call as a graph that the hospital declares: what is said at each node and where a key leads.

The graph stands in rules/calls.yaml, so that clinicians read and sign the conversation as they sign the rules. `*`
says a node again and `9` says it in Spanish, at every node. Deliberately not here: walking it (`walking`) and the
sentences themselves (rules/advice.yaml).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from oncall.core.triage.questions import Answer

AGAIN, SPANISH, PERSON = "*", "9", "0"
STATE, PAGING = "state", "paging"  # stand among a node's sentences: where the case is, and whom we are paging


class Takes(Enum):
    """What a node waits for."""

    KEY = "key"
    WORDS = "words"  # "tell me exactly what's happened": speech, and any key ends it
    RECORDING = "recording"  # the caller's own voice, at most 30 seconds, announced; any key ends it
    NUMBER = "number"  # digits up to `#`; `**` is a person
    EXTENSION = "extension"  # the same, of hospital staff
    QUESTIONS = "questions"  # what is left of rules/questions.yaml, one at a time
    WAIT = "wait"  # stays on the line until a clinician is there
    END = "end"  # the one place where we hang up, after the caller chose it


@dataclass(frozen=True, slots=True)
class Choice:
    """One key: what it says, where it leads, and what is said on the way. `another` opens a second person's case;
    `about` says whether this call is about the person whose telephone this is: usual, other or unsure."""

    to: str
    answers: tuple[Answer, ...] = ()
    say: tuple[str, ...] = ()
    another: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """`then` follows words, an entered number, the second silence, and a node that is skipped.

    `question` borrows the words and keys of one of rules/questions.yaml. An `until_taken` node is skipped as soon as
    somebody has the case or 911 has been called. Who hangs up at a `settled` node has not been cut off. `unread` is
    where words lead that nobody understood, and no words at all. An `enrolled` node is for telephones of exactly one
    patient, and is skipped once it is answered.
    """

    name: str
    takes: Takes = Takes.KEY
    say: tuple[str, ...] = ()
    keys: Mapping[str, Choice] = field(default_factory=dict)
    then: str = ""
    question: str | None = None
    speech: bool = False
    until_taken: bool = False
    settled: bool = False
    unread: str = ""
    enrolled: bool = False


@dataclass(frozen=True, slots=True)
class CallGraph:
    """`start` is the first question of a call, `danger` the node after any sign that means 911, `redial` where a
    caller comes back to, `hidden` where a withheld number is asked for, `wait` where everybody may stay."""

    start: str
    danger: str
    redial: str
    hidden: str
    readback: str
    questions: str
    wait: str
    always: Mapping[str, Choice]
    nodes: Mapping[str, Node]

    def choice(self, name: str, key: str) -> Choice | None:
        """What this key means at this node; `0` and `8` mean the same everywhere."""
        node = self.nodes.get(name)
        return (node.keys.get(key) if node else None) or self.always.get(key)
