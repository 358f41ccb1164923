"""The chapters of the rules as pages show them, what stands in each, and how a long one is cut into parts.

A chapter is a file of the edition: rules, questions, limits and clocks in sentences, word lists and texts as written.
Every entry has an anchor, so that a search or a case leads to it. Deliberately not here: the sentences
(`service.rules`) and the pages (`rules_pages`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from markupsafe import Markup

from oncall.adapters.web.rendering import environment
from oncall.core.case.staff_calls import TONGUES
from oncall.core.handbook import Handbook
from oncall.core.triage.assessment import Urgency
from oncall.service.rules.clock_lines import clocks_of
from oncall.service.rules.files_shown import FileHead, blocks_of, head_of
from oncall.service.rules.red_flag_lines import flag_cards
from oncall.service.rules.sentences import found, limit_lines, plain, question_cards, rule_cards, sign_words

PART = 64_000  # bytes of entries; the frame of a page and its ribbons come on top
TITLES = {  # of the files that hold rules
    "withdrawal": "Too little drug",
    "overdose": "Too much drug",
    "device": "The pump or catheter",
    "infection": "An infection",
    "other": "Something else",
    "office": "Office matters",
    "alarms": "Pump alarms, rules and tables",
}
SENTENCES = {  # file -> its title and what it holds
    "red-flags": ("Red flags", "pictures that are always an emergency; the rules are proved against them"),
    "questions": ("Questions to the family", "asked one at a time after the page has gone out, the core ones first"),
    "findings": ("Limits of numbers", "a number becomes a sign here and nowhere else"),
    "escalation": ("Clocks", "whom each urgency pages when, what the family is promised, and every wait"),
    "phrases": ("Texts to families", "sent by a clinician by one click from the page of a case"),
    "checklists": ("First steps for clinicians", "shown on the page of a case by what it leans to; no doses"),
}
AS_WRITTEN = {
    "advice": ("What the line says", "every sentence to families and clinicians, as written"),
    "calls": ("What a call walks through", "the steps of a telephone call, as written"),
    "alarms": ("Tables of pump alarms", "what each pump's values mean, as written"),  # beside the rules of that file
    "dangers": ("Dates of danger", "from which day a date is listed, soon or near, as written"),
}
WORDS, WORDS_SAY = "words-", "phrases by the sign that they mean, as written"


@dataclass(frozen=True, slots=True)
class Chapter:
    name: str
    title: str
    says: str
    head: FileHead
    has_rules: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind` chooses how `shown` is drawn. `group`: the urgency of a rule, which heads it."""

    chapter: str
    anchor: str
    title: str
    searched: str
    kind: str
    shown: Any
    group: Urgency | None = None

    @property
    def address(self) -> str:
        return f"/rules/chapter/{self.chapter}?at={self.anchor}#{self.anchor}"


@dataclass(frozen=True, slots=True)
class Contents:
    """An edition and its files as they were published; no files: it was read from a folder and not published."""

    handbook: Handbook
    files: Mapping[str, str]

    def chapters(self) -> Iterator[Chapter]:
        rulebook = self.handbook.rulebook
        for one in rulebook.chapters:
            title = TITLES.get(one.name, plain(one.name).capitalize())
            yield Chapter(one.name, title, f"{len(one.rules)} rules", FileHead(one.signed, one.source), True)
        tongues = {
            f"{WORDS}{tongue}": (f"Words of families: {TONGUES.get(tongue, tongue)}", WORDS_SAY)
            for tongue in rulebook.lexicon.tongues
        }
        with_rules = {one.name for one in rulebook.chapters}
        for name, (title, says) in {**SENTENCES, **AS_WRITTEN, **tongues}.items():
            if name not in with_rules:
                yield Chapter(name, title, says, head_of(self.files, name))

    def chapter(self, name: str) -> Chapter | None:
        return next((one for one in self.chapters() if one.name == name), None)

    def entries(self, name: str) -> tuple[Entry, ...]:
        rules = (entry for entry in rule_entries(self.handbook) if entry.chapter == name)
        return (*rules, *self._beside(name))

    def holding(self, words: str) -> tuple[Entry, ...]:
        """Every entry in which all these words stand, rules first."""
        others = (entry for one in self.chapters() for entry in self._beside(one.name))
        return found((*rule_entries(self.handbook), *others), words)

    def _beside(self, name: str) -> Iterable[Entry]:
        """What stands in a chapter that is no rule."""
        if name in SENTENCES:
            return _SENTENCES[name](self.handbook)
        return self._blocks(name) if name in AS_WRITTEN or name.startswith(WORDS) else ()

    def _blocks(self, name: str) -> Iterator[Entry]:
        signs = self.handbook.rulebook.vocabulary
        for block in blocks_of(self.files.get(f"rules/{name}.yaml", "")):
            title = sign_words(block.code, signs) if block.code else "Beginning"
            searched = f"{block.code} {title} {block.text}".lower()
            yield Entry(name, f"block-{block.anchor}", title, searched, "block", block)


def rule_entries(handbook: Handbook) -> Iterator[Entry]:
    for card in rule_cards(handbook.rulebook):
        yield Entry(card.chapter, f"rule-{card.id}", card.says, card.searched, "rule", card, card.urgency)


# --- what is said in sentences -------------------------------------------------------------------------------------


def _flags(handbook: Handbook) -> Iterator[Entry]:
    for card in flag_cards(handbook.rulebook):
        words = f"{card.id} {card.says} {''.join(piece.text for piece in card.condition)} {card.source}"
        yield Entry("red-flags", f"flag-{card.id}", card.says, words.lower(), "flag", card)


def _questions(handbook: Handbook) -> Iterator[Entry]:
    for card in question_cards(handbook.rulebook):
        words = f"{card.code} {card.text} {card.spanish} {' '.join(key.meaning for key in card.keys)}"
        yield Entry("questions", f"question-{card.code}", card.text, words.lower(), "question", card)


def _limits(handbook: Handbook) -> Iterator[Entry]:
    for place, (where, lines) in enumerate(limit_lines(handbook.rulebook).items(), start=1):
        words = " ".join(f"{line.measure} {line.span} {line.gives}" for line in lines)
        yield Entry("findings", f"limits-{place}", f"From {where}", words.lower(), "limits", lines)


def _clocks(handbook: Handbook) -> Iterator[Entry]:
    for clocks in clocks_of(handbook.table, handbook.rota):
        words = f"{clocks.title} {' '.join(clocks.lines)}"
        yield Entry("escalation", f"clocks-{clocks.code}", clocks.title, words.lower(), "clocks", clocks)


def _phrases(handbook: Handbook) -> Iterator[Entry]:
    for phrase in handbook.at_hand.phrases:
        words = f"{phrase.code} {phrase.title} {' '.join(phrase.texts.values())} {phrase.source}"
        yield Entry("phrases", f"phrase-{phrase.code}", phrase.title, words.lower(), "phrase", phrase)


def _steps(handbook: Handbook) -> Iterator[Entry]:
    for one in handbook.at_hand.checklists:
        words = f"{one.title} {' '.join(step.do for step in one.steps)}"
        yield Entry("checklists", f"steps-{one.leaning.value}", one.title, words.lower(), "steps", one)


_SENTENCES = {
    "red-flags": _flags,
    "questions": _questions,
    "findings": _limits,
    "escalation": _clocks,
    "phrases": _phrases,
    "checklists": _steps,
}

# --- parts ---------------------------------------------------------------------------------------------------------

Part = list[tuple[Entry, Markup]]


def parts_of(entries: Iterable[Entry]) -> list[Part]:
    """The drawn entries in order, as many on a part as stay under `PART`; an entry is never cut."""
    parts: list[Part] = [[]]
    size = 0
    for entry in entries:
        drawn = Markup(environment.get_template("rule_item.html").render(entry=entry, card=entry.shown))
        weight = len(drawn.encode())
        if parts[-1] and size + weight > PART:
            parts.append([])
            size = 0
        parts[-1].append((entry, drawn))
        size += weight
    return parts


def part_wanted(parts: list[Part], query: Mapping[str, str]) -> int:
    """From 1: where `at` stands, else the `part` asked for, else the first."""
    anchor, asked = query.get("at", ""), query.get("part", "")
    for number, part in enumerate(parts, start=1):
        if any(entry.anchor == anchor for entry, _ in part):
            return number
    return min(max(int(asked), 1), len(parts)) if re.fullmatch("[0-9]{1,4}", asked) else 1


def grouped(part: Part) -> list[tuple[bool, Urgency | None, list[Markup]]]:
    """The rules of a part by urgency (None: they only lean), then whatever else stands there."""
    runs = groupby(part, key=lambda one: (one[0].kind == "rule", one[0].group))
    return [(rules, group, [drawn for _, drawn in run]) for (rules, group), run in runs]
