"""What a schedule from elsewhere says, before anybody asks what it means for our rota.

Persons and tiers are still the words of the file. A time without an offset is the wall clock of `zone` (the hospital's,
if that is empty); one with an offset is an instant. Deliberately not here: reading any format, and our own names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

LARGEST = 5 * 2**20  # bytes of a file: a year of a large hospital is a tenth of it
MOST = 20_000  # rows or entries


@dataclass(frozen=True, slots=True)
class ImportedShift:
    """One shift as the file says it. `tier` None: `person_text` is free text in which the tier may stand too."""

    row: int
    person_text: str
    tier: str | None
    starts_at: datetime
    ends_at: datetime
    zone: str = ""


@dataclass(frozen=True, slots=True, order=True)
class RowError:
    """Something to mend: where (0 is the file as a whole), what stands there, and what would be understood."""

    row: int
    found: str
    wanted: str

    def __str__(self) -> str:
        place = f"row {self.row}" if self.row else "the file"
        return f"{place}: found {self.found}; wanted {self.wanted}"


@dataclass(frozen=True, slots=True)
class Reading:
    """All shifts of a file, what could not be read, and what its reader should know; of a table with a row for each
    shift also its headings, and which of them was read as what."""

    shifts: tuple[ImportedShift, ...] = ()
    errors: tuple[RowError, ...] = ()
    remarks: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What the coordinator says about the file: which column is what ("person": "Doctor"), the hours of a day that has
    none ("07:00-19:00"), whether dates begin with the month ("mdy") or the day ("dmy"), and the hospital's zone."""

    zone: str = "UTC"
    columns: tuple[tuple[str, str], ...] = ()
    hours: str = ""
    dates: str = ""


class Unreadable(ValueError):
    """The file as a whole cannot be read; the sentence says what would be."""
