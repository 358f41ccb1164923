"""What the register and the journal say right now, frozen for one decision.

`decide` may not ask the world; it is handed this snapshot, read inside the same write (RULINGS 10). What it chooses
from it (slot, people, numbers, wording) is resolved into the entries, so replay never needs the snapshot again.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime

from oncall.core.people import Caller, Clinician, Hospital, Patient


@dataclass(frozen=True, slots=True)
class Replacement:
    """Somebody who cannot go on, on "rotation/layer", and whoever was asked to take over and has not (RULINGS 8);
    `asked` is empty where nobody is left to ask."""

    tier: str
    holder: str
    asked: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Directory:
    """Everybody who can be paged, who of them is being replaced, and the hospital. The same for every case."""

    hospital: Hospital
    clinicians: Mapping[str, Clinician]
    replacing: tuple[Replacement, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """The directory, whose phone and which patient this is about, and what the other cases occupy. `not_a_patient`: a
    named person says so of the number of an idle report, for now (RULINGS 3)."""

    directory: Directory
    caller: Caller | None = None
    patient: Patient | None = None
    busy: frozenset[str] = frozenset()  # people on one of our calls
    taken_slots: Mapping[str, frozenset[int]] = field(default_factory=dict)  # per person, last seven days
    taken_codes: Set[str] = frozenset()  # codes of open cases
    holding: Mapping[str, int] = field(default_factory=dict)  # how many other open cases a person holds
    not_a_patient: bool = False

    @property
    def hospital(self) -> Hospital:
        return self.directory.hospital

    def clinician(self, person: str) -> Clinician | None:
        return self.directory.clinicians.get(person)

    def name_of(self, person: str) -> str:
        known = self.clinician(person)
        return known.name if known else person
