"""The people of the line: those who are paged, those who call, those who carry a pump, and the hospital itself.

These are facts as the register holds them at one instant. Deliberately not here: who is on call (`rota`), and any
rule about what to do with a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Phone:
    """One number (E.164). `proven_at` is when a human key proved it; `stopped` means texts to it are blocked.

    `in_use_at` is since when one that was added on a page is paged; None for one of an import.
    """

    number: str
    proven_at: datetime | None = None
    takes_texts: bool = True
    stopped: bool = False
    in_use_at: datetime | None = None

    @property
    def can_be_texted(self) -> bool:
        return self.takes_texts and not self.stopped


@dataclass(frozen=True, slots=True)
class Clinician:
    """Somebody who may be paged. `role` is clinician, coordinator or shared (a charge phone, RULINGS 4)."""

    id: str
    name: str
    spoken: str
    role: str
    phones: tuple[Phone, ...] = ()
    email: str | None = None

    @property
    def is_shared(self) -> bool:
        return self.role == "shared"

    @property
    def is_proven(self) -> bool:
        return self.proven_at is not None

    @property
    def proven_at(self) -> datetime | None:
        """When a human key or reply last came from any of the phones."""
        return max((phone.proven_at for phone in self.phones if phone.proven_at is not None), default=None)


@dataclass(frozen=True, slots=True)
class Patient:
    """A person with a pump. `label` is what clinicians see (initials and age); `context` feeds triage (RULINGS 13);
    `phones` are the enrolled numbers of the family."""

    id: str
    label: str
    name: str = ""
    language: str = "en"
    device_serial: str | None = None
    context: Mapping[str, object] = field(default_factory=dict)
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """An enrolled family phone and everybody it may be about: siblings and group homes share one."""

    number: str
    relation: str
    language: str
    patients: tuple[Patient, ...]
    phone: Phone


@dataclass(frozen=True, slots=True)
class NumberMark:
    """`by`, the id of a person, says that a number is no patient's. It lapses at `until`."""

    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Hospital:
    """What the hospital's configuration says about itself. `line` is the number that families ring, `interpreter`
    the one where interpreters are had."""

    name: str
    zone: str
    emergency_number: str
    operator: str
    line: str
    public_url: str
    secret: bytes = field(repr=False, default=b"")
    interpreter: str | None = None
