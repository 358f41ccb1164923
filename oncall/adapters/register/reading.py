"""The register as read on the journal's own connection, inside its write.

`decide` must see who is who in the same commit in which it writes, so these are plain functions of a
connection; no thread, no await, no transaction of their own. `RegisterReading` binds them to one connection
and remembers the directory for as long as the version row stands still. Deliberately not here: any writing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime

from oncall.adapters.register import assembling
from oncall.adapters.register.assembling import Remembered
from oncall.adapters.register.sql_rows import SqlRows
from oncall.core.case.facts import Directory
from oncall.core.people import Caller, Hospital, Patient


def read_directory(
    connection: sqlite3.Connection, hospital: Hospital, remembered: Remembered | None = None
) -> Directory:
    """Everybody who can be paged; the one `remembered` when nobody has changed since."""
    return assembling.directory_of(SqlRows(connection), hospital, remembered or Remembered())


def read_proven(connection: sqlite3.Connection, hospital: Hospital) -> frozenset[str]:
    """Who has a proven telephone; also in a database that an older program has left."""
    return assembling.proven_of(SqlRows(connection), hospital)


def read_caller(connection: sqlite3.Connection, hospital: Hospital, number: str, at: datetime) -> Caller | None:
    """Who is enrolled with this number, with all their patients."""
    return assembling.caller_of(SqlRows(connection), hospital, number, at)


def read_patient(connection: sqlite3.Connection, hospital: Hospital, patient_id: str, at: datetime) -> Patient | None:
    """The patient with what the record says at `at`."""
    return assembling.patient_of(SqlRows(connection), hospital, patient_id, at)


def read_patient_by_serial(
    connection: sqlite3.Connection, hospital: Hospital, serial: str, at: datetime
) -> Patient | None:
    """Whose pump has this serial number."""
    return assembling.patient_by_serial_of(SqlRows(connection), hospital, serial, at)


class RegisterReading:
    """The functions above on one connection."""

    def __init__(self, connection: sqlite3.Connection, hospital: Hospital, remembered: Remembered) -> None:
        self._connection = connection
        self._hospital = hospital
        self._remembered = remembered

    def directory(self) -> Directory:
        return read_directory(self._connection, self._hospital, self._remembered)

    def caller(self, number: str, at: datetime) -> Caller | None:
        return read_caller(self._connection, self._hospital, number, at)

    def patient(self, patient_id: str, at: datetime) -> Patient | None:
        return read_patient(self._connection, self._hospital, patient_id, at)

    def is_not_a_patient(self, number: str, at: datetime) -> bool:
        return assembling.is_not_a_patient(SqlRows(self._connection), number, at)

    def notice_slots(self, person: str, since: datetime) -> frozenset[int]:
        """As `notice_rows.slots_of`, without making a notice of each row: every page asks, and notices are many."""
        found = self._connection.execute(
            "SELECT slot FROM notices WHERE person = ? AND slot IS NOT NULL AND (is_open OR ordered_at > ?)",
            (person, since.astimezone(UTC).isoformat()),
        )
        return frozenset(slot for (slot,) in found)


def reads_for(hospital: Hospital) -> Callable[[sqlite3.Connection], RegisterReading]:
    """What a journal calls in each write with its connection; all its writes share one memory."""
    remembered = Remembered()
    return lambda connection: RegisterReading(connection, hospital, remembered)
