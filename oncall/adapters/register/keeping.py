"""Changes the register's rows, each change with its line in the audit.

A row that is already so is left alone and leaves no line, which makes every change safe to repeat. Who did
it is always named: a person, a program, or the phone itself. Deliberately not here: transactions (the
stores) and what a spreadsheet may say (`importing`).
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any

from oncall.adapters.register.assembling import owner_of, plain_serial
from oncall.adapters.register.calendar_rows import CalendarLinkRow
from oncall.adapters.register.rows import (
    ALL_KINDS,
    AuditRow,
    FamilyPhoneRow,
    NumberRow,
    PatientPhoneRow,
    PatientRow,
    PersonPhoneRow,
    PersonRow,
    Row,
    Rows,
    SenderRow,
    TaskRow,
)
from oncall.adapters.register.sign_in_rows import AccountRow, SessionRow

SECRET = frozenset(
    {"token_sha256", "password", "totp_secret", "recovery_codes", "text", "brought"}
)  # columns that no audit line and no listing shows

DERIVED = frozenset({"changed_at", "found_by"})  # set here, and told by the line itself

_UNTOLD = SECRET | DERIVED


class RegisterRefused(Exception):
    """This change cannot be made; the sentence says why."""


def keep(rows: Rows, row: Row, who: str, at: datetime) -> bool:
    """Write one row unless it is already so; whether anything changed."""
    row = _checked(rows, row)
    before = current(rows, row)
    if isinstance(row, PatientRow):
        row = replace(row, changed_at=before.changed_at if isinstance(before, PatientRow) else None)
    if before == row:
        return False
    rows.save(replace(row, changed_at=at) if isinstance(row, PatientRow) else row)
    _stamp(rows, row, at)
    rows.record(AuditRow(at=at, who=who, what=_told(before, row), row=_difference(before, row)))
    return True


def _stamp(rows: Rows, row: Row, at: datetime) -> None:
    """What changes a patient's phones shows in the patient's `changed_at`, and in no audit line of its own."""
    match row:
        case PatientPhoneRow():
            found = [row.patient]
        case FamilyPhoneRow():
            found = [link.patient for link in rows.find(PatientPhoneRow, number=row.number)]
        case _:
            return
    for patient in found:
        for known in rows.find(PatientRow, id=patient):
            rows.save(replace(known, changed_at=at))


def plain_words(*told: str | None) -> str:
    """Small letters without accents, as a search compares them."""
    decomposed = unicodedata.normalize("NFKD", " ".join(part for part in told if part).casefold())
    return " ".join("".join(letter for letter in decomposed if not unicodedata.combining(letter)).split())


def keep_all(rows: Rows, wanted: Iterable[Row], who: str, at: datetime) -> int:
    """Write rows in the order in which they refer to each other; how many changed."""
    order = {kind: place for place, kind in enumerate(ALL_KINDS)}
    return sum(keep(rows, row, who, at) for row in sorted(wanted, key=lambda row: order[type(row)]))


def set_stopped(rows: Rows, number: str, stopped: bool, at: datetime) -> None:
    """STOP or START came from this phone; the first STOP keeps its instant."""
    known = number_of(rows, number)
    if (known.stopped_at is not None) != stopped:
        keep(rows, replace(known, stopped_at=at if stopped else None), f"phone {number}", at)


def mark_not_a_patient(rows: Rows, number: str, until: datetime | None, who: str, at: datetime) -> None:
    """A named person says that this number is nobody's with a pump, for a while; None takes it back.

    Raises RegisterRefused for a number that is somebody's.
    """
    if until is not None and (owner := owner_of(rows, number)):
        raise RegisterRefused(f"This is {owner}: what comes from it always pages, and it cannot be marked.")
    marked_by = None if until is None else who
    keep(rows, replace(number_of(rows, number), not_a_patient_until=until, marked_by=marked_by), who, at)


def prove_phone(rows: Rows, number: str, at: datetime) -> bool:
    """A human key was pressed on this number; whether it is anybody's."""
    found = [phone for phone in rows.find(PersonPhoneRow, number=number) if phone.retired_at is None]
    for phone in found:
        keep(rows, replace(phone, proven_at=at), f"phone {number}", at)
    return bool(found)


def deactivate(rows: Rows, person: str, who: str, at: datetime) -> None:
    """This person is paged no more; rows and history stay; tokens, account, sessions and calendar links end."""
    for row in rows.find(PersonRow, id=person):
        keep(rows, replace(row, left_at=row.left_at or at), who, at)
    for sender in rows.find(SenderRow, person=person):
        keep(rows, replace(sender, revoked_at=sender.revoked_at or at), who, at)
    for account in rows.find(AccountRow, person=person):
        keep(rows, replace(account, ended_at=account.ended_at or at), who, at)
    for link in rows.find(CalendarLinkRow, person=person):
        keep(rows, replace(link, revoked_at=link.revoked_at or at), who, at)
    end_sessions(rows, person, who, at)


def end_sessions(rows: Rows, person: str, who: str, at: datetime, spared: str = "") -> int:
    """Sign this person out everywhere but in the session `spared`; how many sessions ended."""
    found = [row for row in rows.find(SessionRow, person=person) if row.ended_at is None and row.id != spared]
    return sum(keep(rows, replace(row, ended_at=at), who, at) for row in found)


def add_sender(rows: Rows, sender: SenderRow, who: str, at: datetime) -> None:
    """A new token for this sender; the old one, if any, ends here."""
    if sender.person is not None and not rows.find(PersonRow, id=sender.person):
        raise RegisterRefused(f"Nobody in the register has the id {sender.person}: add the person first.")
    keep(rows, sender, who, at)


def revoke_sender(rows: Rows, name: str, who: str, at: datetime) -> None:
    for sender in rows.find(SenderRow, name=name):
        keep(rows, replace(sender, revoked_at=sender.revoked_at or at), who, at)


def finish_task(rows: Rows, task_id: str, who: str, at: datetime) -> bool:
    """The first to finish it is the one who did; whether there was such an open task."""
    found = [task for task in rows.find(TaskRow, id=task_id) if task.done_at is None]
    for task in found:
        keep(rows, replace(task, done_at=at, done_by=who), who, at)
    return bool(found)


def open_task_again(rows: Rows, task_id: str, who: str, at: datetime) -> None:
    """Only what `who` finished: a person who did it is believed."""
    for task in rows.find(TaskRow, id=task_id, done_by=who):
        keep(rows, replace(task, done_at=None, done_by=None), who, at)


def number_of(rows: Rows, number: str) -> NumberRow:
    return next(iter(rows.find(NumberRow, number=number)), NumberRow(number=number))


def hashed(token: str) -> str:
    """Tokens have 32 random bytes, so a plain hash cannot be guessed backwards. Bytes of a cookie that are no text
    have a hash too, which nobody's token has."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _checked(rows: Rows, row: Row) -> Row:
    if not isinstance(row, PatientRow):
        return row
    serial = plain_serial(row.serial or "") or None
    row = replace(row, serial=serial, found_by=plain_words(row.name, row.id, serial))
    if serial is None:
        return row
    others = [other for other in rows.find(PatientRow, serial=row.serial) if other.left_at is None]
    if any(other.id != row.id for other in others) and row.left_at is None:
        raise RegisterRefused(f"Pump {row.serial} is already {others[0].id}'s: a pump has one patient.")
    return row


def current(rows: Rows, row: Row) -> Row | None:
    """The row of the same key as it stands."""
    found: Sequence[Row] = rows.find(type(row), **{name: getattr(row, name) for name in row.key})
    return found[0] if found else None


def _told(before: Row | None, row: Row) -> str:
    name = " ".join(str(getattr(row, column)) for column in row.key)
    return f"{row.table} {name} {'added' if before is None else 'changed'}"


def _difference(before: Row | None, row: Row) -> str:
    new, old = _columns(row), _columns(before)
    changed = new if before is None else {n: [old[n], new[n]] for n in new if old[n] != new[n]}
    return json.dumps(changed, default=_as_text, ensure_ascii=False)


def _columns(row: Row | None) -> dict[str, Any]:
    names = () if row is None else (field.name for field in fields(row))  # type: ignore[arg-type]
    return {name: getattr(row, name) for name in names if name not in _UNTOLD}


def _as_text(value: date | datetime) -> str:
    return value.isoformat()
