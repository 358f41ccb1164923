"""The in-memory twin of the register: the same contract without a disk, for tests and rehearsals.

Rows lie in dictionaries by table and key; a change that fails is taken back whole. `view` is what an in-
memory journal reads inside its write. Deliberately not here: durability.
"""

from __future__ import annotations

from datetime import datetime

from oncall.adapters.register import assembling
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.register.memory_rows import MemoryRows
from oncall.adapters.register.notice_rows import slots_of
from oncall.adapters.register.store import Result, Work
from oncall.core.case.facts import Directory
from oncall.core.people import Caller, Hospital, Patient
from oncall.service.ports.timepiece import Timepiece


class MemoryStore:
    """Runs work on the rows at once; a failing change works on a copy that is thrown away."""

    def __init__(self) -> None:
        self.rows = MemoryRows()

    async def read(self, work: Work[Result]) -> Result:
        return work(self.rows)

    async def write(self, work: Work[Result]) -> Result:
        changed = self.rows.copy()
        result = work(changed)
        self.rows = changed
        return result

    async def close(self) -> None:
        return None


class MemoryView:
    """The register as an in-memory journal sees it inside its write."""

    def __init__(self, store: MemoryStore, hospital: Hospital) -> None:
        self._store = store
        self._hospital = hospital
        self._remembered = assembling.Remembered()
        self._read: tuple[MemoryRows, datetime] | None = None
        self._callers: dict[str, Caller | None] = {}
        self._patients: dict[str, Patient | None] = {}

    def directory(self) -> Directory:
        return assembling.directory_of(self._store.rows, self._hospital, self._remembered)

    def caller(self, number: str, at: datetime) -> Caller | None:
        self._forgets_before(at)
        if number not in self._callers:
            self._callers[number] = assembling.caller_of(self._store.rows, self._hospital, number, at)
        return self._callers[number]

    def patient(self, patient_id: str, at: datetime) -> Patient | None:
        self._forgets_before(at)
        if patient_id not in self._patients:
            self._patients[patient_id] = assembling.patient_of(self._store.rows, self._hospital, patient_id, at)
        return self._patients[patient_id]

    def _forgets_before(self, at: datetime) -> None:
        """What was read holds for this instant and these rows: a clock that stands still writes much in one instant."""
        rows = self._store.rows
        if self._read is None or self._read[0] is not rows or self._read[1] != at:
            self._read = rows, at
            self._callers.clear()
            self._patients.clear()

    def is_not_a_patient(self, number: str, at: datetime) -> bool:
        return assembling.is_not_a_patient(self._store.rows, number, at)

    def notice_slots(self, person: str, since: datetime) -> frozenset[int]:
        return slots_of(self._store.rows, person, since)


class MemoryRegister(KeptRegister):
    """See the module."""

    def __init__(self, hospital: Hospital, clock: Timepiece) -> None:
        store = MemoryStore()
        super().__init__(store, hospital, clock)
        self.store = store
        self.view = MemoryView(store, hospital)
