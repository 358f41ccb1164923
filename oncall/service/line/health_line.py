"""One line of the page of health: a mark, what it is about, what was found, and what to do where it is not well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Mark(Enum):
    """CLOSE works today and will not for long."""

    GOOD = "good"
    CLOSE = "close"
    BAD = "bad"
    UNUSED = "not in use"


@dataclass(frozen=True, slots=True)
class HealthLine:
    """`proven_at` None: never, or it is of now. `do` says what to do; empty where nothing is."""

    mark: Mark
    what: str
    told: str
    proven_at: datetime | None = None
    do: str = ""
