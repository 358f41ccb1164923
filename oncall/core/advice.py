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

    def say(self, key: str, language: str, **blanks: str) -> str:
        """The sentence `key` filled in. Raises KeyError for an unknown key or blank: both are loading faults."""
        versions = self.texts[key]
        if language in versions:
            return versions[language].format_map(blanks)
        return " / ".join(versions[tongue].format_map(blanks) for tongue in SPOKEN if tongue in versions)
