"""The register as the duty desk and the pages use it, over whichever store holds its rows.

Every read is one moment and every change is one commit with its audit line; the two stores differ only in
how they run such a piece of work. Instants of patients' facts come from the clock given here. Deliberately
not here: the journal's own view of the register inside its write (`reading`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any

from oncall.adapters.register import assembling, calendar_book, keeping, phone_marks
from oncall.adapters.register.accounts import KeptAccounts
from oncall.adapters.register.calendar_rows import CalendarLinkRow
from oncall.adapters.register.dangers import KeptDangers
from oncall.adapters.register.kiosks import KeptKiosks
from oncall.adapters.register.memory_rows import MemoryRows
from oncall.adapters.register.notices import KeptNotices
from oncall.adapters.register.patients import KeptPatients
from oncall.adapters.register.proposals import KeptProposals
from oncall.adapters.register.rota_drafts import KeptRotaDrafts
from oncall.adapters.register.rota_requests import KeptRequests
from oncall.adapters.register.rota_waiting import KeptWaiting
from oncall.adapters.register.rows import (
    KINDS,
    AuditRow,
    PersonPhoneRow,
    Row,
    Rows,
    RowType,
    SenderRow,
    TaskRow,
    kind_of,
)
from oncall.adapters.register.sealing import Seal
from oncall.adapters.register.store import Store
from oncall.adapters.register.task_list import KeptTaskList
from oncall.adapters.register.team import KeptTeam
from oncall.core.case.case import FollowUp
from oncall.core.case.facts import Directory
from oncall.core.case.refusals import Mark
from oncall.core.people import Caller, Clinician, Hospital, NumberMark, Patient
from oncall.service.ports.register import MarkRefused, Sender
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota.calendars import CalendarLink, KnownLink, WatchedFeed

MARKED_AS_SAMPLE = ("people", "person_phones", "family_phones", "patients", "tasks", "api_senders", "accounts")


@dataclass(frozen=True, slots=True)
class Existing:
    """What the register holds at one instant, apart from the live rows."""

    rows: Rows
    hospital: Hospital
    at: datetime


class KeptRegister:
    """See the module; the contract is `ports.Register`, with what pages and commands need besides."""

    def __init__(self, store: Store, hospital: Hospital, clock: Timepiece) -> None:
        self._store = store
        self._hospital = hospital
        self._clock = clock
        self._remembered = assembling.Remembered()
        self._seal = Seal(hospital.secret)
        self.notices = KeptNotices(store, clock)

    @property
    def accounts(self) -> KeptAccounts:
        """Who may sign in, over the same store."""
        return KeptAccounts(self._store, self._seal)

    @property
    def proposals(self) -> KeptProposals:
        """Rules that wait for a second person, over the same store."""
        return KeptProposals(self._store)

    @property
    def rota_drafts(self) -> KeptRotaDrafts:
        """What coordinators mean to publish, over the same store."""
        return KeptRotaDrafts(self._store, self._clock)

    @property
    def team(self) -> KeptTeam:
        """The people with their numbers, over the same store."""
        return KeptTeam(self._store, self._clock)

    @property
    def patients(self) -> KeptPatients:
        """The people with a pump and their families' phones, over the same store."""
        return KeptPatients(self._store, self._clock)

    @property
    def rota_requests(self) -> KeptRequests:
        """Swaps, leave and cover as they were asked, over the same store."""
        return KeptRequests(self._store, self._clock)

    @property
    def rota_waiting(self) -> KeptWaiting:
        """Editions that wait for a test page, over the same store."""
        return KeptWaiting(self._store, self._clock)

    @property
    def dangers(self) -> KeptDangers:
        """The dates of pumps and what is done about them, over the same store."""
        return KeptDangers(self._store, self._clock)

    @property
    def kiosks(self) -> KeptKiosks:
        """Links of screens on a wall, over the same store."""
        return KeptKiosks(self._store, self._clock)

    @property
    def task_list(self) -> KeptTaskList:
        """The tasks of the day as people work on them, over the same store."""
        return KeptTaskList(self._store, self._clock)

    # --- the port -----------------------------------------------------------------------------------------

    async def directory(self) -> Directory:
        return await self._store.read(self._directory)

    async def caller(self, number: str) -> Caller | None:
        at = self._clock.now()
        return await self._store.read(lambda rows: assembling.caller_of(rows, self._hospital, number, at))

    async def clinician_by_number(self, number: str) -> Clinician | None:
        return assembling.clinician_by_number_of(await self.directory(), number)

    async def is_retired(self, number: str) -> bool:
        found = await self._store.read(lambda rows: rows.find(PersonPhoneRow, number=number))
        return any(row.retired_at is not None for row in found)

    async def patient(self, patient_id: str) -> Patient | None:
        at = self._clock.now()
        return await self._store.read(lambda rows: assembling.patient_of(rows, self._hospital, patient_id, at))

    async def patient_by_serial(self, serial: str) -> Patient | None:
        at = self._clock.now()
        work = partial(assembling.patient_by_serial_of, hospital=self._hospital, serial=serial, at=at)
        return await self._store.read(work)

    async def set_stopped(self, number: str, stopped: bool, at: datetime) -> None:
        await self._store.write(lambda rows: keeping.set_stopped(rows, number, stopped, at))

    async def mark_phone(self, number: str, mark: Mark, at: datetime) -> None:
        zone = self._hospital.zone
        await self._store.write(lambda rows: phone_marks.mark_phone(rows, number, mark, at, zone))

    async def sender_by_token(self, token: str) -> Sender | None:
        wanted = keeping.hashed(token)
        found = await self._store.read(lambda rows: rows.find(SenderRow, token_sha256=wanted))
        return next((Sender(row.name, row.person, row.scope) for row in found if row.revoked_at is None), None)

    async def close(self) -> None:
        await self._store.close()

    # --- people and numbers -------------------------------------------------------------------------------

    async def prove_phone(self, number: str, at: datetime) -> bool:
        """A human key was pressed on this number; whether it is anybody's."""
        return await self._store.write(lambda rows: keeping.prove_phone(rows, number, at))

    async def mark_not_a_patient(self, number: str, until: datetime | None, who: str) -> None:
        at = self._clock.now()
        try:
            await self._store.write(lambda rows: keeping.mark_not_a_patient(rows, number, until, who, at))
        except keeping.RegisterRefused as refused:
            raise MarkRefused(str(refused)) from None

    async def number_mark(self, number: str) -> NumberMark | None:
        at = self._clock.now()
        return await self._store.read(lambda rows: assembling.mark_of(rows, number, at))

    async def deactivate(self, person: str, who: str) -> None:
        """This person is paged no more; rows and history stay."""
        at = self._clock.now()
        await self._store.write(lambda rows: keeping.deactivate(rows, person, who, at))

    async def note(self, who: str, what: str) -> None:
        """A line of the audit for what no row of the register shows."""
        at = self._clock.now()
        await self._store.write(lambda rows: rows.record(AuditRow(at=at, who=who, what=what, row="{}")))

    # --- API senders --------------------------------------------------------------------------------------

    async def add_sender(
        self,
        name: str,
        person: str | None,
        token: str,
        *,
        who: str = "setup",
        is_sample: bool = False,
        scope: str = "",
    ) -> str:
        """The token is handed back to be shown once; only its hash is kept. A known name gets a new token."""
        at, hashed = self._clock.now(), keeping.hashed(token)
        row = SenderRow(name=name, person=person, token_sha256=hashed, added_at=at, is_sample=is_sample, scope=scope)
        await self._store.write(lambda rows: keeping.add_sender(rows, row, who, at))
        return token

    async def revoke_sender(self, name: str, who: str) -> None:
        at = self._clock.now()
        await self._store.write(lambda rows: keeping.revoke_sender(rows, name, who, at))

    # --- calendars ----------------------------------------------------------------------------------------

    async def add_calendar_link(self, link: CalendarLink, token: str, who: str) -> None:
        """Only the token's hash is kept."""
        at = self._clock.now()
        row = CalendarLinkRow(
            id=link.id,
            token_sha256=keeping.hashed(token),
            person=link.person,
            rotation=link.rotation,
            made_at=at,
            made_by=who,
        )
        await self._store.write(lambda rows: keeping.keep(rows, row, who, at))

    async def calendar_link(self, token: str) -> CalendarLink | None:
        return await self._store.read(lambda rows: calendar_book.link_by_token(rows, token))

    async def links_of(self, person: str) -> list[KnownLink]:
        return await self._store.read(lambda rows: calendar_book.links_of(rows, person))

    async def revoke_calendar_link(self, id: str, who: str) -> bool:
        """Whether there was such a link in use."""
        at = self._clock.now()
        return await self._store.write(lambda rows: calendar_book.revoke_link(rows, id, who, at))

    async def watched_feed(self, name: str) -> WatchedFeed:
        return await self._store.read(lambda rows: calendar_book.feed_of(rows, name))

    async def keep_watched_feed(self, feed: WatchedFeed) -> None:
        await self._store.write(lambda rows: calendar_book.note_feed(rows, feed))

    async def take_feed_anyway(self, name: str, who: str) -> None:
        at = self._clock.now()
        await self._store.write(lambda rows: calendar_book.take_feed_anyway(rows, name, who, at))

    # --- tasks --------------------------------------------------------------------------------------------

    async def open_tasks(self) -> list[TaskRow]:
        """What is still to be done, the earliest due first."""
        found = await self._store.read(lambda rows: rows.find(TaskRow, done_at=None))
        return sorted(found, key=lambda task: task.due_at)

    async def finish_task(self, task_id: str, who: str) -> bool:
        at = self._clock.now()
        return await self._store.write(lambda rows: keeping.finish_task(rows, task_id, who, at))

    async def finished_by(self, task_id: str, who: str) -> datetime | None:
        """None for a task that is open or unknown, or that somebody else finished."""
        found = await self._store.read(lambda rows: rows.find(TaskRow, id=task_id, done_by=who))
        return found[0].done_at if found else None

    async def open_again(self, task_id: str, who: str) -> None:
        at = self._clock.now()
        await self._store.write(lambda rows: keeping.open_task_again(rows, task_id, who, at))

    async def leave_task(self, task_id: str, title: str, due_at: datetime, who: str) -> None:
        """One that is known is left as it is, done or not."""
        at, task = self._clock.now(), TaskRow(id=task_id, title=title, due_at=due_at)

        def work(rows: Rows) -> None:
            if not rows.find(TaskRow, id=task_id):
                keeping.keep(rows, task, who, at)

        await self._store.write(work)

    async def leave_follow_up(self, task: FollowUp, task_id: str, case_id: str, patient: str | None, who: str) -> None:
        """What a closed case leaves to do; one that is known is left as it is."""
        at = self._clock.now()
        row = TaskRow(
            id=task_id, title=task.title, due_at=task.due_at, owner=task.owner, case_id=case_id, patient=patient
        )

        def work(rows: Rows) -> None:
            if not rows.find(TaskRow, id=task_id):
                keeping.keep(rows, row, who, at)

        await self._store.write(work)

    async def open_task_ids(self, start: str) -> frozenset[str]:
        found = await self._store.read(lambda rows: rows.find(TaskRow, done_at=None))
        return frozenset(task.id for task in found if task.id.startswith(start))

    async def finished_at(self, start: str) -> list[datetime]:
        found = await self._store.read(lambda rows: rows.find(TaskRow))
        return [task.done_at for task in found if task.done_at is not None and task.id.startswith(start)]

    # --- whole tables: pages, imports, the sample ward ----------------------------------------------------

    async def table(self, name: str) -> list[dict[str, Any]]:
        """All rows of one table as plain values, also of those who left; never a secret's hash."""
        found = await self._store.read(lambda rows: rows.find(kind_of(name)))
        return [_plain(row) for row in found]

    async def rows(self, kind: type[RowType]) -> list[RowType]:
        return await self._store.read(lambda rows: rows.find(kind))

    async def put(self, wanted: Iterable[Row], who: str) -> int:
        """Write rows in one commit; how many were not already so."""
        at, listed = self._clock.now(), list(wanted)
        return await self._store.write(lambda rows: keeping.keep_all(rows, listed, who, at))

    async def put_if(self, wanted: Iterable[Row], still: Callable[[Rows], bool], who: str) -> bool:
        """The same, unless in that commit it is not `still` so; whether it was written."""
        at, listed = self._clock.now(), list(wanted)

        def work(rows: Rows) -> bool:
            return still(rows) and keeping.keep_all(rows, listed, who, at) >= 0

        return await self._store.write(work)

    async def put_plain(self, tables: Mapping[str, Iterable[Mapping[str, Any]]], who: str) -> int:
        """The same, given as table name -> rows of plain values; columns left out take their default."""
        return await self.put([kind_of(table)(**row) for table, rows in tables.items() for row in rows], who)

    async def existing(self) -> Existing:
        """Everything at one moment, for an import to compare with."""
        found = await self._store.read(lambda rows: [row for kind in KINDS for row in rows.find(kind)])
        return Existing(MemoryRows(found), self._hospital, self._clock.now())

    async def has_sample_people(self) -> bool:
        """Whether anybody of the made-up ward is still here: `serve` with a real carrier refuses that."""
        return await self._store.read(_has_sample)

    async def audit(self, limit: int = 200) -> list[AuditRow]:
        """Who changed what, newest first."""
        return await self._store.read(lambda rows: rows.audit(limit))

    def _directory(self, rows: Rows) -> Directory:
        return assembling.directory_of(rows, self._hospital, self._remembered)


def _plain(row: Row) -> dict[str, Any]:
    columns = asdict(row)  # type: ignore[call-overload]
    return {name: value for name, value in columns.items() if name not in keeping.SECRET}


def _has_sample(rows: Rows) -> bool:
    return any(rows.find(kind_of(table), is_sample=True) for table in MARKED_AS_SAMPLE)
