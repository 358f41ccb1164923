"""rules/phrases.yaml and rules/checklists.yaml: what a clinician sends by one click, and first steps with sources.

A phrase that does not fit one text, lacks a language, soothes or names a dose is a fault, and so is a step without a
known source. Deliberately not here: what is done with them (`core.triage.at_hand`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from oncall.adapters.handbook.escalation_file import is_signed
from oncall.adapters.handbook.reading import Fault, Sheet, read_shape, read_sheet
from oncall.core.triage.assessment import Leaning
from oncall.core.triage.at_hand import AtHand, Checklist, CheckStep, Phrase
from oncall.service.rules.text_measures import is_gsm

BLANKS = {"name": "Dr Okonkwo-Featherly", "emergency": "911"}  # a long name
ONE_TEXT = 160
SOOTHES = re.compile(
    r"worry|can wait|no rush|calm|\bfine\b|all right|not serious|preocup|tranquil|puede esperar|no es grave", re.I
)
DOSES = re.compile(r"\d\s*(mcg|µg|mg|g|ml|units?)\b|\bdos(e|is) of\b", re.I)
Text = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Phrase(_Strict):
    title: Text
    source: Text
    must_arrive: bool
    en: Text
    es: Text


class PhrasesFile(_Strict):
    signed: Any
    source: Text
    phrases: dict[str, _Phrase]


class _Step(_Strict):
    do: Text
    sources: Annotated[list[str], Field(min_length=1)]


class _Checklist(_Strict):
    title: Text
    steps: Annotated[list[_Step], Field(min_length=1)]


class _Checklists(_Strict):
    withdrawal: _Checklist
    overdose: _Checklist
    device: _Checklist
    infection: _Checklist


class ChecklistsFile(_Strict):
    signed: Any
    source: Text
    sources: dict[str, Text]
    checklists: _Checklists


def read_at_hand(rules: Path) -> tuple[AtHand | None, dict[str, bool], tuple[Fault, ...]]:
    """Both files as one value, which of them is signed, and the faults."""
    said, lists = _read(rules / "phrases.yaml", PhrasesFile), _read(rules / "checklists.yaml", ChecklistsFile)
    faults = (*said[2], *lists[2])
    if said[1] is None or lists[1] is None:
        return None, {}, faults
    phrases, checklists = said[1], lists[1]
    faults = (*faults, *_phrase_faults(said[0], phrases), *_step_faults(lists[0], checklists))
    signed = {"phrases": is_signed(phrases.signed), "checklists": is_signed(checklists.signed)}
    return (None if faults else _at_hand(phrases, checklists)), signed, faults


def _read(path: Path, shape: Any) -> tuple[Any, Any, tuple[Fault, ...]]:
    sheet, faults = read_sheet(path)
    if sheet is None:
        return None, None, faults
    return sheet, *read_shape(sheet, shape)


def _at_hand(said: PhrasesFile, lists: ChecklistsFile) -> AtHand:
    return AtHand(
        phrases=tuple(
            Phrase(code, one.title, {"en": one.en, "es": one.es}, one.source, one.must_arrive)
            for code, one in said.phrases.items()
        ),
        checklists=tuple(
            Checklist(Leaning(name), one.title, tuple(_step(step, lists) for step in one.steps))
            for name, one in lists.checklists
        ),
        phrases_signed=_by_whom(said.signed),
        checklists_signed=_by_whom(lists.signed),
    )


def _step(step: _Step, lists: ChecklistsFile) -> CheckStep:
    return CheckStep(step.do, tuple(lists.sources[name] for name in step.sources))


def _by_whom(signed: Any) -> str:
    return f"{signed['by']}, {signed.get('on', 'undated')}" if is_signed(signed) else ""


# --- faults of meaning -----------------------------------------------------------------------------------------------


def _phrase_faults(sheet: Sheet, said: PhrasesFile) -> Iterator[Fault]:
    for code, phrase in said.phrases.items():
        tongues: tuple[tuple[Literal["en", "es"], str], ...] = (("en", phrase.en), ("es", phrase.es))
        for tongue, text in tongues:
            place = ("phrases", code, tongue)
            if extra := sorted(_blanks(text) - BLANKS.keys()):
                yield sheet.fault(place, extra, "only the blanks name and emergency")
            elif tongue == "en" and not _is_one_text(text.format(**BLANKS)):
                yield sheet.fault(place, f"{len(text.format(**BLANKS))} letters", "one text: at most 160 GSM letters")
            yield from _wrong_words(sheet, place, text)


def _step_faults(sheet: Sheet, lists: ChecklistsFile) -> Iterator[Fault]:
    for name, checklist in lists.checklists:
        for number, step in enumerate(checklist.steps):
            place = ("checklists", name, "steps", number)
            if unknown := sorted(set(step.sources) - lists.sources.keys()):
                yield sheet.fault((*place, "sources"), unknown, "names that stand under sources")
            if found := DOSES.search(step.do):
                yield sheet.fault((*place, "do"), found[0], "no dose: it is a specialist's decision")


def _wrong_words(sheet: Sheet, place: tuple[str, ...], text: str) -> Iterator[Fault]:
    if found := SOOTHES.search(text):
        yield sheet.fault(place, found[0], "nothing that soothes a family")
    if found := DOSES.search(text):
        yield sheet.fault(place, found[0], "no dose to a family")


def _is_one_text(text: str) -> bool:
    return is_gsm(text) and len(text) <= ONE_TEXT


def _blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
