"""The sentences that families and clinicians receive, as the hospital declared them in rules/advice.yaml.

Templates are plain `{name}` blanks in each language; a missing language falls back to English and Spanish together,
never to silence. Deliberately not here: which sentence when (`wording`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SPOKEN = ("en", "es")  # languages whose replies a native clinician can sign today (RULINGS 5)


@dataclass(frozen=True, slots=True)
class Advice:
    """Sentences by key and language, for texts and for speech."""

    texts: Mapping[str, Mapping[str, str]]

    def say(self, key: str, language: str, when: str = "when_by", **blanks: str) -> str:
        """The sentence `key` filled in; its blank `{when}`, if it has one, is the sentence named `when`.

        Raises KeyError for an unknown key or blank: both are loading faults.
        """
        versions = self.texts[key]
        tongues = (language,) if language in versions else tuple(t for t in SPOKEN if t in versions)
        return " / ".join(self._filled(key, tongue, when, blanks) for tongue in tongues)

    def _filled(self, key: str, tongue: str, when: str, blanks: Mapping[str, str]) -> str:
        sentence = self.texts[key][tongue]
        if "{when}" in sentence:
            blanks = {**blanks, "when": self.texts[when][tongue].format_map(blanks)}
        return sentence.format_map(blanks)
