"""What reaches the line, and what was heard in it.

A `Report` is one thing that arrived: a text, a call, a pump alarm, a nurse's note. It is kept raw for ever,
because the clinician reads the family's own words. A `Finding` is one observation drawn from it, with the words
that carried it. Deliberately not here: what a finding means (`triage`), and whose case it is (`case`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Heard(Enum):
    """How a sign was spoken of. NOT_SURE counts as present everywhere (RULINGS 1)."""

    PRESENT = "present"
    NOT_SURE = "not_sure"
    DENIED = "denied"
    NOT_SAID = "not_said"

    @property
    def counts(self) -> bool:
        """Whether the sign must be acted on."""
        return self in (Heard.PRESENT, Heard.NOT_SURE)


class Source(Enum):
    """The door through which a report came."""

    TEXT = "text"
    CALL = "call"
    ALARM = "alarm"
    STAFF = "staff"  # "New call" on the board, or key 8: speaks for a family (RULINGS 10)
    CALENDAR = "calendar"  # the house itself: a date or a task passed


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation. `code` stands in rules/findings.yaml; `evidence` is the words, key or fact that carried it."""

    code: str
    heard: Heard
    evidence: str


class EnclosureKind(Enum):
    """What comes beside words."""

    RECORDING = "recording"  # the announced message of at most 30 seconds
    MEDIA = "media"  # a picture, a voice note, whatever a telephone can attach to a text


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A recording or picture that the carrier holds. `id` is its name there, `source` the path of its REST address."""

    id: str
    kind: EnclosureKind
    source: str
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One thing that reached us, as it came. `received_at` is UTC, `raw` is never edited, `language` is BCP 47."""

    id: str
    source: Source
    received_at: datetime
    raw: str
    sender: str | None = None
    patient: str | None = None
    language: str = "en"
