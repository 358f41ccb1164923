"""Keys pressed in anybody's phone menu, read by the meaning of the prompt.

A recorded line says what was asked and which key came: "Is it hard to wake them? 1 yes 2 no 3 not sure | KEY: 3".
The legend inside the prompt says what the digit meant there, the lexicon says which signs were asked about, and a
union says which single finding stands for "one of these". Silence, a hang-up and a key without a meaning are "not
sure"; a yes to a question that nobody here recognises is read by a person. "Do they wake easily?" turns yes and no
about. Deliberately not here: our own live prompts (`questions`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from oncall.core.reports import Finding, Heard
from oncall.core.triage.measurements import keyed_celsius
from oncall.core.triage.thresholds import Limits, codes_for
from oncall.core.triage.words import fold

_LINE = re.compile(r"^\s*PROMPT\s*:\s*(?P<prompt>.*?)\s*\|\s*KEYS?\s*:\s*(?P<key>.*?)\s*$", re.IGNORECASE | re.DOTALL)
_PRESS = (
    r"(?:press|push|dial|hit|enter|choose|select|oprima|oprime|presione|presiona|marque|marca|pulse|pulsa|digite|teclee|"
    r"elija|pressione|aperte|tecle|disque|escolha|peze)"
)
_KEY_FIRST = re.compile(
    rf"(?:(?<=^)|(?<=[\s,;.?!(:/])){_PRESS}?\s*(?P<key>[0-9])\s*(?:=|:|-|\))?\s*(?:(?:for|para|pou|is|means|es|significa)\s)?\s*"
    rf"(?P<label>[^\d]*?)(?=[,;.)/]?\s*(?:\b(?:or|o|ou)\s+)?{_PRESS}?\s*[0-9]\b|[.;?]|$)",
    re.IGNORECASE,
)
_KEY_LAST = re.compile(rf"(?P<label>[^.?!;]*?),?\s+{_PRESS}\s+(?P<key>[0-9])\b(?!\s*(?:for|para|pou))", re.IGNORECASE)
_BARE_KEY_LAST = re.compile(r"(?P<label>[^\d.?!;,]+?)\s+(?P<key>[0-9])\b(?=[.;,]|\s*$)")
_LEAD = re.compile(r"^(?:(?:if|si|se|for|para|pou|is|es|when|cuando|quando)\s+)+(?=\S)")


@dataclass(frozen=True, slots=True)
class Union:
    """One finding that stands for "at least one of these signs"."""

    code: str
    of: frozenset[str]


@dataclass(frozen=True, slots=True)
class KeyMeanings:
    """What keys and labels mean (rules/questions.yaml, `anybodys_menu`)."""

    yes: frozenset[str]
    no: frozenset[str]
    not_sure: frozenset[str]
    same: frozenset[str]
    well: Mapping[str, frozenset[str]]  # sign -> "wake easily": a question or a label that tells that it is absent
    ill: frozenset[str]  # words that make such a question doubtful
    ended: frozenset[str]  # "did the seizure stop": whatever the answer, there was one
    temperature: frozenset[str]
    labels: Mapping[str, frozenset[str]]  # code -> phrases of a label that name it although the lexicon hears none
    errands: Mapping[str, frozenset[str]]  # office code -> words that name it
    around_errands: frozenset[str]  # the words that may stand beside those, and no others
    unions: tuple[Union, ...]
    instead: Mapping[str, str]  # what a sign means when it was the answer to a question
    person: str
    staff: str
    silent: str
    hung_up: str
    riddle: str  # an answer to a question in which nothing was recognised
    idle: frozenset[str]  # labels that say nothing of anybody ("English", "repeat")


@dataclass(frozen=True, slots=True)
class Pressed:
    """One recorded line: what was asked, and what came."""

    prompt: str
    key: str


def read_line(line: str) -> Pressed | None:
    """The line, or None when it is not of this form."""
    found = _LINE.match(line)
    return Pressed(found["prompt"], found["key"].strip().upper()) if found else None


def findings_from_key(
    pressed: Pressed, codes_in: Callable[[str], Sequence[str]], meanings: KeyMeanings, limits: Limits
) -> tuple[Finding, ...]:
    """What this key says. Never empty for a prompt that asked about a sign."""
    asked = _named(codes_in(pressed.prompt), meanings) or _well(_question(pressed.prompt), meanings)
    labels = legend(pressed.prompt)
    evidence = f"{pressed.prompt[:60]} -> {pressed.key}"
    key = re.split(r"[:\s]", pressed.key)[0]
    if key in ("SILENCE", "HANGUP", ""):
        return _no_answer(key, asked, meanings, evidence)
    if key in labels:
        label = _LEAD.sub("", _folded(labels[key].rpartition(":")[2]))
        if label in meanings.idle:
            return ()
        if asked and _says(_question(pressed.prompt), meanings.ended):
            return _heard(asked, Heard.PRESENT, evidence)
        told = _labelled(label, asked, _turned(pressed.prompt, meanings), codes_in, meanings, evidence)
        told = told or _person(key, meanings, evidence)
        return told or (() if _denies(label, meanings) else (Finding(meanings.riddle, Heard.PRESENT, evidence),))
    if special := _person(key, meanings, evidence):
        return special
    if key in ("9", "*", "#"):
        return ()
    measured = keyed_celsius(key) if _asks_temperature(pressed.prompt, meanings) else None
    if measured is not None:
        return _measured(measured, asked, limits, evidence)
    return _heard(asked, Heard.NOT_SURE, evidence) or (Finding(meanings.riddle, Heard.PRESENT, evidence),)


@lru_cache(maxsize=4096)
def legend(prompt: str) -> Mapping[str, str]:
    """What each key meant in this prompt, in the prompt's own words: the way of reading that explains most keys."""
    readings = [
        {found["key"]: label for found in form.finditer(prompt) if (label := found["label"].strip(" ,.:=-"))}
        for form in (_KEY_LAST, _BARE_KEY_LAST, _KEY_FIRST)
    ]
    return max(readings, key=len)


def _person(key: str, meanings: KeyMeanings, evidence: str) -> tuple[Finding, ...]:
    code = {"0": meanings.person, "8": meanings.staff}.get(key)
    return (Finding(code, Heard.PRESENT, evidence),) if code else ()


def _folded(text: str) -> str:
    return " ".join(fold(word.strip(".,;:!?()¿¡")) for word in text.split())


def _denies(words: str, meanings: KeyMeanings) -> bool:
    return _opens(words, meanings.no) or _says(words, meanings.same)


def _opens(words: str, answers: frozenset[str]) -> bool:
    """Whether a label is such an answer or begins with one ("no, he is not")."""
    return words in answers or words.partition(" ")[0] in answers


def _labelled(
    words: str,
    asked: Sequence[str],
    turned: Heard | None,
    codes_in: Callable[[str], Sequence[str]],
    meanings: KeyMeanings,
    evidence: str,
) -> tuple[Finding, ...]:
    """`turned`: what a yes means when the question asks whether all is well; None when it asks for a sign."""
    if _says(words, meanings.not_sure):
        return _heard(_named(codes_in(words), meanings) or asked, Heard.NOT_SURE, evidence)
    if _opens(words, meanings.yes):
        return _heard(asked, turned or Heard.PRESENT, evidence)
    if _opens(words, meanings.no):
        return _heard(asked, Heard.PRESENT if turned else Heard.DENIED, evidence)
    named = _named(codes_in(words), meanings) or _labels(words, meanings)
    if named:
        return _heard(named, Heard.PRESENT, evidence)
    unchanged = _says(words, meanings.same) or _well(words, meanings)
    return _heard(asked, Heard.DENIED if unchanged else Heard.NOT_SURE, evidence)


def _turned(prompt: str, meanings: KeyMeanings) -> Heard | None:
    """Whether the question is "is all well?": then yes denies, and is not sure where the question is mixed."""
    question = _question(prompt)
    if not _well(question, meanings):
        return None
    return Heard.DENIED if meanings.ill.isdisjoint(question.split()) else Heard.NOT_SURE


def _labels(words: str, meanings: KeyMeanings) -> tuple[str, ...]:
    """What a label names that is no sign: a scan to come, or an errand of which every word is an errand's word."""
    said = frozenset(words.split())
    errands = tuple(code for code, named in meanings.errands.items() if not named.isdisjoint(said))
    allowed = meanings.around_errands.union(*meanings.errands.values())
    if errands and said <= allowed:
        return errands
    return tuple(code for code, phrases in meanings.labels.items() if any(f" {p} " in f" {words} " for p in phrases))


def _question(prompt: str) -> str:
    return _folded(prompt.partition("?")[0])


def _well(words: str, meanings: KeyMeanings) -> tuple[str, ...]:
    return tuple(code for code, phrases in meanings.well.items() if _says(words, phrases))


def _says(words: str, phrases: frozenset[str]) -> bool:
    return any(f" {phrase} " in f" {words} " for phrase in phrases)


def _named(codes: Sequence[str], meanings: KeyMeanings) -> tuple[str, ...]:
    return _united([meanings.instead.get(code, code) for code in codes], meanings.unions)


def _united(codes: Sequence[str], unions: Sequence[Union]) -> tuple[str, ...]:
    """The union that covers all the codes asked about; the codes themselves when one, or when none covers them."""
    asked = frozenset(codes)
    if len(asked) <= 1:
        return tuple(codes)
    covering = next((union for union in unions if asked <= union.of), None)
    return (covering.code,) if covering else tuple(codes)


def _no_answer(key: str, asked: Sequence[str], meanings: KeyMeanings, evidence: str) -> tuple[Finding, ...]:
    said = meanings.hung_up if key == "HANGUP" else meanings.silent
    return (Finding(said, Heard.PRESENT, evidence), *_heard(asked, Heard.NOT_SURE, evidence))


def _asks_temperature(prompt: str, meanings: KeyMeanings) -> bool:
    return not meanings.temperature.isdisjoint(fold(word.strip(".,;:!?()")) for word in prompt.split())


def _measured(celsius: float, asked: Sequence[str], limits: Limits, evidence: str) -> tuple[Finding, ...]:
    codes = codes_for("temperature_c", celsius, limits)
    return _heard(codes, Heard.PRESENT, evidence) or _heard(asked, Heard.DENIED, evidence)


def _heard(codes: Sequence[str], heard: Heard, evidence: str) -> tuple[Finding, ...]:
    return tuple(Finding(code, heard, evidence) for code in codes)
