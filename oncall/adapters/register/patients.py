"""Patients with their pumps and phones, over whichever store holds the register's rows; see `service.patients.shelf`.

Whether somebody else was faster is seen in the commit that writes. Deliberately not here: how a field is written
(`service.patients.fields`), and what triage makes of the dates (`core.pump_facts`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from typing import Any

from oncall.adapters.register.assembling import links_of, plain_serial
from oncall.adapters.register.keeping import RegisterRefused, keep, plain_words
from oncall.adapters.register.rows import FamilyPhoneRow, NumberRow, PatientPhoneRow, PatientRow, Rows, Wanted
from oncall.adapters.register.store import Result, Store
from oncall.service.patients.shelf import FamilyPhone, Kept, PatientRefused, Record
from oncall.service.ports.timepiece import Timepiece

_RECORD = tuple(field.name for field in fields(Record))
_PHONE = ("number", "relation", "name", "language", "takes_texts", "prefers", "verified_at")
LIST = ("found_by", "id")


class KeptPatients:
    """See the module."""

    def __init__(self, store: Store, clock: Timepiece) -> None:
        self._store, self._clock = store, clock

    # --- looking ---------------------------------------------------------------------------------------------------

    async def page(self, after: str, left: bool, limit: int) -> list[Record]:
        def work(rows: Rows) -> list[Record]:
            place = next(((row.found_by, row.id) for row in rows.find(PatientRow, id=after)), ()) if after else ()
            wanted = Wanted(LIST, limit, place, empty="" if left else "left_at", filled="left_at" if left else "")
            return [_record(row) for row in rows.some(PatientRow, wanted)]

        return await self._store.read(work)

    async def find(self, words: Sequence[str], limit: int) -> list[Record]:
        told = tuple(plain_words(word) for word in words)

        def work(rows: Rows) -> list[Record]:
            here = rows.some(PatientRow, Wanted(LIST, limit, within="found_by", words=told, empty="left_at"))
            left = rows.some(PatientRow, Wanted(LIST, limit, within="found_by", words=told, filled="left_at"))
            serial = rows.find(PatientRow, serial=plain_serial("".join(words)))
            return [_record(row) for row in dict.fromkeys((*serial, *here, *left))][:limit]

        return await self._store.read(work)

    async def at_number(self, digits: str, limit: int) -> list[tuple[Record, str]]:
        wanted = Wanted(("number",), limit, within="number", words=(digits,), empty="retired_at")

        def work(rows: Rows) -> list[tuple[Record, str]]:
            phones = [row.number for row in rows.some(FamilyPhoneRow, wanted) if row.number.endswith(digits)]
            links = [(link.patient, n) for n in phones for link in _live(rows.find(PatientPhoneRow, number=n))]
            return [(_record(row), n) for patient, n in links for row in rows.find(PatientRow, id=patient)][:limit]

        return await self._store.read(work)

    async def changed_since(self, since: datetime, after: str, limit: int) -> list[Kept]:
        place = (since.astimezone(UTC).isoformat(), after)

        def work(rows: Rows) -> list[Kept]:
            found = rows.some(PatientRow, Wanted(("changed_at", "id"), limit, place))
            return [_kept(rows, row) for row in found]

        return await self._store.read(work)

    async def get(self, patient: str) -> Kept | None:
        found = await self._store.read(lambda rows: [_kept(rows, row) for row in rows.find(PatientRow, id=patient)])
        return found[0] if found else None

    async def phone(self, number: str) -> FamilyPhone | None:
        def work(rows: Rows) -> FamilyPhone | None:
            known = _enrolled(rows, number)
            return _phone(rows, known, "") if known else None

        return await self._store.read(work)

    # --- changing --------------------------------------------------------------------------------------------------

    async def put(self, record: Record, seen: Record | None, who: str) -> Record | None:
        def work(rows: Rows, at: datetime) -> Record | None:
            known = next(iter(rows.find(PatientRow, id=record.id)), None)
            standing = _record(known) if known else None
            if _said(standing) != _said(seen):
                return standing
            row = PatientRow(**_plain(record)) if known is None else replace(known, **_plain(record))
            keep(rows, row, who, at)
            return None

        return await self._write(work)

    async def leave(self, patient: str, who: str) -> None:
        await self._mark(patient, lambda row, at: replace(row, left_at=row.left_at or at), who)

    async def bring_back(self, patient: str, who: str) -> None:
        await self._mark(patient, lambda row, _: replace(row, left_at=None), who)

    async def change_phone(
        self, patient: str, number: str, change: Callable[[FamilyPhone | None], FamilyPhone], who: str
    ) -> None:
        def work(rows: Rows, at: datetime) -> None:
            known = _enrolled(rows, number)
            _keep_phone(rows, change(_phone(rows, known, patient) if known else None), who, at)
            _link(rows, patient, number, None, who, at)

        await self._write(work)

    async def drop_phone(self, patient: str, number: str, who: str) -> None:
        await self._write(lambda rows, at: _drop(rows, patient, number, who, at))

    async def ring_first(self, patient: str, number: str, who: str) -> None:
        def work(rows: Rows, at: datetime) -> None:
            links = sorted(links_of(rows, patient), key=lambda link: link.number != number)
            for position, link in enumerate(links, start=1):
                keep(rows, replace(link, position=position), who, at)

        await self._write(work)

    async def set_phones(self, patient: str, phones: Sequence[FamilyPhone], who: str) -> None:
        def work(rows: Rows, at: datetime) -> None:
            wanted = {phone.number for phone in phones}
            for link in links_of(rows, patient):
                if link.number not in wanted:
                    _drop(rows, patient, link.number, who, at)
            for position, phone in enumerate(phones, start=1):
                _keep_phone(rows, phone, who, at)
                _link(rows, patient, phone.number, position, who, at)

        await self._write(work)

    async def _mark(self, patient: str, change: Callable[[PatientRow, datetime], PatientRow], who: str) -> None:
        def work(rows: Rows, at: datetime) -> None:
            for row in rows.find(PatientRow, id=patient):
                keep(rows, change(row, at), who, at)

        await self._write(work)

    async def _write(self, work: Callable[[Rows, datetime], Result]) -> Result:
        at = self._clock.now()
        try:
            return await self._store.write(lambda rows: work(rows, at))
        except RegisterRefused as refused:
            raise PatientRefused("serial", str(refused)) from None


def _plain(record: Record) -> dict[str, Any]:
    """Without what the register sets itself."""
    return {name: value for name, value in asdict(record).items() if name != "changed_at"}


def _said(record: Record | None) -> Record | None:
    return replace(record, changed_at=None) if record else None


def _record(row: PatientRow) -> Record:
    return Record(**{name: getattr(row, name) for name in _RECORD})


def _kept(rows: Rows, row: PatientRow) -> Kept:
    phones = (phone for link in links_of(rows, row.id) for phone in rows.find(FamilyPhoneRow, number=link.number))
    return Kept(_record(row), tuple(_phone(rows, phone, row.id) for phone in phones if phone.retired_at is None))


def _phone(rows: Rows, row: FamilyPhoneRow, patient: str) -> FamilyPhone:
    stopped = next((known.stopped_at for known in rows.find(NumberRow, number=row.number)), None)
    links = [link for link in _live(rows.find(PatientPhoneRow, number=row.number)) if link.patient != patient]
    others = tuple((known.id, known.name) for link in links for known in rows.find(PatientRow, id=link.patient))
    return FamilyPhone(**{name: getattr(row, name) for name in _PHONE}, stopped_at=stopped, others=others)


def _enrolled(rows: Rows, number: str) -> FamilyPhoneRow | None:
    return next((row for row in rows.find(FamilyPhoneRow, number=number) if row.retired_at is None), None)


def _keep_phone(rows: Rows, phone: FamilyPhone, who: str, at: datetime) -> None:
    said = {name: getattr(phone, name) for name in _PHONE}
    known = next(iter(rows.find(FamilyPhoneRow, number=phone.number)), None)
    keep(rows, replace(known, **said, retired_at=None) if known else FamilyPhoneRow(**said), who, at)


def _link(rows: Rows, patient: str, number: str, position: int | None, who: str, at: datetime) -> None:
    """Without a place it keeps the one it has."""
    known = next(iter(rows.find(PatientPhoneRow, patient=patient, number=number)), None)
    row = replace(known, retired_at=None) if known else PatientPhoneRow(patient=patient, number=number)
    keep(rows, row if position is None else replace(row, position=position), who, at)


def _drop(rows: Rows, patient: str, number: str, who: str, at: datetime) -> None:
    for link in _live(rows.find(PatientPhoneRow, patient=patient, number=number)):
        keep(rows, replace(link, retired_at=at), who, at)
    if not _live(rows.find(PatientPhoneRow, number=number)):
        for phone in rows.find(FamilyPhoneRow, number=number):
            keep(rows, replace(phone, retired_at=phone.retired_at or at), who, at)


def _live(links: Sequence[PatientPhoneRow]) -> list[PatientPhoneRow]:
    return [link for link in links if link.retired_at is None]
