"""A schedule from elsewhere as its coordinator sees it before anything is added: what it says, and what is not clear.

She says which column is what and who is meant by a name; the answer is the whole difference in words, or every line
that needs mending. Deliberately not here: formats and names (`adapters/calendars`), and drafts (`desk`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from oncall.core.rota.edits import AddCovers
from oncall.core.rota.on_call import Rota
from oncall.service.rota.preview import Staff


@dataclass(frozen=True, slots=True)
class Said:
    """What the coordinator says about a file: columns by what they are, tiers and people by the file's words ("" leaves
    one out), the tier of a file that names none, hours for days without, and the order of dates."""

    columns: Mapping[str, str] = field(default_factory=dict)
    tiers: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    tier: str = ""
    hours: str = ""
    dates: str = ""


@dataclass(frozen=True, slots=True)
class Mending:
    """A line to mend; 0 is the file as a whole."""

    line: int
    found: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Named:
    """A name of the file. `kind` is person or tier; `id` is whom or what it means here, None while that is not clear;
    then `could_be` are the nearest."""

    kind: str
    text: str
    id: str | None
    lines: tuple[int, ...] = ()
    could_be: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenSchedule:
    """`headings` are the file's, `columns` which of them was read as what; `edit` is None while something needs
    mending, and where the rota says all of it already."""

    lines: tuple[str, ...]
    mendings: tuple[Mending, ...]
    named: tuple[Named, ...]
    headings: tuple[str, ...]
    columns: Mapping[str, str]
    edit: AddCovers | None


LookAtSchedule = Callable[[bytes, str, Said, Rota, Staff], Awaitable[SeenSchedule]]
"""The bytes, what people call them, what was said of them, the rota that it is held against, and the staff."""
