"""Published editions as a history that people read: who, when, why, and what changed.

What changed is what the author saw and answered for, stored with the edition at that moment; it is never worked out
again by a newer program. Deliberately not here: comparing two editions, and restoring one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from oncall.service.ports.journal import Edition


@dataclass(frozen=True, slots=True)
class PastEdition:
    """One edition; `number` 1 is the first. `lines` empty: nothing was stored when it was published."""

    number: int
    name: str
    at: datetime
    author: str
    second: str
    reason: str
    lines: tuple[str, ...]


def history_of(editions: Sequence[Edition]) -> tuple[PastEdition, ...]:
    """Newest first, as they come from the journal."""
    return tuple(
        PastEdition(len(editions) - place, e.name, e.at, e.author, e.second, e.reason, tuple(_lines(e.difference)))
        for place, e in enumerate(editions)
    )


def _lines(stored: str) -> Iterator[str]:
    """The stored difference in words; what an older or newer program stored otherwise is left out, not guessed."""
    told = _read(stored)
    if note := told.get("note"):
        yield str(note)
    for change in _listed(told, "changes"):
        for line in change.get("lines") or (str(change.get("what", "")),):
            yield f"{change.get('kind', '')} {change.get('name', '')}: {line}".strip()
    for case in (*_listed(told, "saved_changes"), *_listed(told, "past_changes")):
        yield f"{case.get('said', '')}: {case.get('was', '')} becomes {case.get('becomes', '')}"
    for file in _listed(told, "files"):
        lines = f"+{file.get('lines_added', 0)} −{file.get('lines_removed', 0)} lines"
        yield f"{file.get('what', '')}: {file.get('name', '')} ({lines})"


def _read(stored: str) -> Mapping[str, Any]:
    try:
        told = json.loads(stored or "{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _listed(told: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = told.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
