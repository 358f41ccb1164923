"""What lies at hand for a clinician on a case: texts for the family to be sent by one click, and first steps.

Both are declared by the hospital (rules/phrases.yaml, rules/checklists.yaml) and signed like every clinical content.
Nothing is sent or ticked by itself. Deliberately not here: sending (`saying`), and where they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oncall.core.triage.advice import SPOKEN
from oncall.core.triage.assessment import Leaning


@dataclass(frozen=True, slots=True)
class Phrase:
    """`texts` by language, with the blanks {name} and {emergency}. `must_arrive`: a call follows a text that nobody
    saw arrive."""

    code: str
    title: str
    texts: Mapping[str, str]
    source: str
    must_arrive: bool = False

    def said(self, language: str, name: str, emergency: str) -> str:
        """In the family's language; in both that can be signed where there is none (RULINGS 5)."""
        tongues = (language,) if language in self.texts else tuple(t for t in SPOKEN if t in self.texts)
        return " / ".join(self.texts[tongue].format(name=name, emergency=emergency) for tongue in tongues)


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One thing to do, and the sources that say so, in words."""

    do: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checklist:
    leaning: Leaning
    title: str
    steps: tuple[CheckStep, ...]


@dataclass(frozen=True, slots=True)
class AtHand:
    """See the module. The two `signed` say by whom and when; empty: by nobody yet."""

    phrases: tuple[Phrase, ...] = ()
    checklists: tuple[Checklist, ...] = ()
    phrases_signed: str = ""
    checklists_signed: str = ""

    def phrase(self, code: str) -> Phrase | None:
        return next((phrase for phrase in self.phrases if phrase.code == code), None)

    def lists_for(self, leanings: Sequence[Leaning]) -> tuple[Checklist, ...]:
        """The lists of these leanings, likeliest first; both directions where nobody can tell."""
        wanted = dict.fromkeys(each for leaning in leanings for each in TO_CHECK.get(leaning, (leaning,)))
        by_leaning = {one.leaning: one for one in self.checklists}
        return tuple(by_leaning[leaning] for leaning in wanted if leaning in by_leaning)


NOTHING_AT_HAND = AtHand()
TO_CHECK = {Leaning.CANNOT_TELL: (Leaning.WITHDRAWAL, Leaning.OVERDOSE)}
