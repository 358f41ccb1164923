"""Reads the folder `rules/` into one Rulebook, or says every fault at once with file, line, found and wanted.

Clinicians write these files; a code that does not exist, a "not" in a clinical rule, a sign that no rule would act
on, or an example that no longer holds is found here and not at three in the morning. The edition is the hash of
the files' own text. Deliberately not here: advice and escalation, which have loaders of their own, and the
meaning of each file (`rules_parts`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from oncall.adapters.handbook.reading import Fault, HandbookFaults, Sheet, read_shape, read_sheet
from oncall.adapters.handbook.rules_asking import asking_faults
from oncall.adapters.handbook.rules_examples import chapters_of, example_faults, language_faults
from oncall.adapters.handbook.rules_parts import (
    Given,
    alarm_tables,
    key_meanings,
    limits_of,
    meaning_faults,
    questions_of,
    reading_of,
    rules_of,
    signs_of,
)
from oncall.adapters.handbook.rules_safety import directions_of, missing_safety, red_flags_of, safety_faults
from oncall.adapters.handbook.rules_shapes import (
    AlarmsShape,
    FindingsShape,
    QuestionsShape,
    RedFlagsShape,
    RulesShape,
    Shape,
    WordsShape,
)
from oncall.adapters.handbook.rules_words import compiled_lexicon, reserved_words, word_faults
from oncall.core.triage.assessment import Ruleset
from oncall.core.triage.rulebook import Rulebook
from oncall.core.triage.vocabulary import ABSENT_GROUPS, Sign

RULE_FILES = ("withdrawal", "overdose", "device", "infection", "other", "office")
Wanted = TypeVar("Wanted", bound=Shape)


def load_rulebook(directory: Path) -> Rulebook:
    """The rulebook of this folder; raises HandbookFaults when anything in it is wrong."""
    rulebook, _, faults = _load(directory)
    if rulebook is None or faults:
        raise HandbookFaults(faults)
    return rulebook


def check_rules(directory: Path) -> tuple[Fault, ...]:
    """Every fault of this folder, the examples inside the rules and the origin of every sign included."""
    rulebook, given, faults = _load(directory)
    if rulebook is None or given is None:
        return tuple(sorted(faults))
    origins = asking_faults(given.findings, given.questions)
    told = (*example_faults(given, rulebook), *language_faults(given))
    return tuple(sorted((*origins, *told, *missing_safety(given))))


def read_rules(directory: Path) -> Given:
    """The files as they were written, before they are compiled. Raises HandbookFaults."""
    given, folder = _read(directory)
    if given is None:
        raise HandbookFaults(folder.faults)
    return given


@dataclass(slots=True)
class _Folder:
    """What was read so far, and what was wrong with it."""

    directory: Path
    faults: list[Fault] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def read(self, name: str, shape: type[Wanted]) -> tuple[Sheet, Wanted] | None:
        path = self.directory / f"{name}.yaml"
        sheet, faults = read_sheet(path)
        self.faults.extend(faults)
        if sheet is None:
            return None
        self.texts.append(f"{path.name}\n{path.read_text(encoding='utf-8')}")
        found, faults = read_shape(sheet, shape)
        self.faults.extend(faults)
        return (sheet, found) if found is not None else None


def _read(directory: Path) -> tuple[Given | None, _Folder]:
    folder = _Folder(directory)
    findings = folder.read("findings", FindingsShape)
    alarms = folder.read("alarms", AlarmsShape)
    questions = folder.read("questions", QuestionsShape)
    rules = [folder.read(name, RulesShape) for name in RULE_FILES]
    red_flags = folder.read("red-flags", RedFlagsShape) if (directory / "red-flags.yaml").exists() else None
    words = [folder.read(path.stem, WordsShape) for path in sorted(directory.glob("words-*.yaml"))]
    if not words:
        folder.faults.append(Fault(str(directory), 1, "no words-*.yaml", "one file of words for each language"))
    if findings is None or alarms is None or questions is None or None in rules or None in words:
        return None, folder
    all_rules = tuple(pair for pair in (*rules, alarms) if pair is not None)
    all_words = tuple(pair for pair in words if pair is not None)
    return Given(findings, alarms, questions, all_rules, all_words, red_flags), folder


def _load(directory: Path) -> tuple[Rulebook | None, Given | None, list[Fault]]:
    given, folder = _read(directory)
    if given is None:
        return None, None, folder.faults
    codes = frozenset(given.findings[1].findings)
    folder.faults.extend((*meaning_faults(given), *safety_faults(given), *word_faults(given.words, codes)))
    return (None if folder.faults else _rulebook(given, folder)), given, folder.faults


def _rulebook(given: Given, folder: _Folder) -> Rulebook:
    edition = hashlib.sha256("\n".join(sorted(folder.texts)).encode()).hexdigest()
    signs, questions = signs_of(given), questions_of(given)
    lexicon = compiled_lexicon(given.words, limits_of(given.findings[1].measured), _clinical(signs))
    return Rulebook(
        vocabulary=signs,
        lexicon=lexicon,
        rules=Ruleset(rules_of(given), signs, edition, tuple(question.could_say for question in questions)),
        questions=questions,
        alarms=alarm_tables(given),
        thresholds=reading_of(given),
        keys=key_meanings(given),
        reserved_words=reserved_words(given.words),
        edition=edition,
        signed=given.signed,
        chapters=chapters_of(given),
        red_flags=red_flags_of(given),
        worse=directions_of(given),
    )


def _clinical(signs: Mapping[str, Sign]) -> frozenset[str]:
    """The codes whose words a misspelling may be mended to; an office word is not worth a guess."""
    return frozenset(code for code, sign in signs.items() if sign.group not in ABSENT_GROUPS)
