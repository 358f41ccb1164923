"""The register of people and families, and what staff are told or asked outside of cases."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from oncall.core.case.case import FollowUp
from oncall.core.case.facts import Directory
from oncall.core.case.refusals import Mark
from oncall.core.notices import Notice
from oncall.core.people import Caller, Clinician, NumberMark, Patient


class MarkRefused(Exception):
    """This number is somebody's, and the sentence says whose: it cannot be marked as no patient's."""


class Register(Protocol):
    """People, phones and proofs, patients and their pumps, tasks: plain audited rows, not a journal."""

    async def directory(self) -> Directory: ...

    async def caller(self, number: str) -> Caller | None:
        """Who is enrolled with this E.164 number, with all their patients."""
        ...

    async def clinician_by_number(self, number: str) -> Clinician | None: ...

    async def is_retired(self, number: str) -> bool:
        """Whether it was a number of somebody of the team, and is no more."""
        ...

    async def patient(self, patient_id: str) -> Patient | None: ...

    async def patient_by_serial(self, serial: str) -> Patient | None: ...

    async def set_stopped(self, number: str, stopped: bool, at: datetime) -> None:
        """Remember STOP (True) or START (False) from this number, whoever owns it."""
        ...

    async def prove_phone(self, number: str, at: datetime) -> bool:
        """A human key or reply came from this number of a clinician: it is proven. False for anybody else's."""
        ...

    async def number_mark(self, number: str) -> NumberMark | None:
        """Who says that this number is no patient's, and until when (RULINGS 3); None once it is somebody's."""
        ...

    async def mark_not_a_patient(self, number: str, until: datetime | None, who: str) -> None:
        """A named person says so, audited; `until` None takes it back. Raises MarkRefused for a number of somebody."""
        ...

    async def mark_phone(self, number: str, mark: Mark, at: datetime) -> None:
        """The carrier says this of the number: remembered, audited, and a task for the coordinator.

        Opted out and landline take no more texts; one that no carrier knows counts as not proven.
        """
        ...

    async def leave_follow_up(self, task: FollowUp, task_id: str, case_id: str, patient: str | None, who: str) -> None:
        """A task that `who` leaves when closing a case; one that is known by its id stays as it is."""
        ...

    async def sender_by_token(self, token: str) -> Sender | None:
        """The API sender that holds this bearer token; tokens are stored hashed."""
        ...

    async def close(self) -> None: ...


class Notices(Protocol):
    """What is told to or asked of staff outside of cases: audited rows beside the register's (law 3)."""

    async def put(self, notice: Notice, taken: Collection[int]) -> Notice:
        """Write it down with a slot that is not in `taken` and that no notice of this person has had for seven days.

        One that is known by its id is left alone and returned as it stands.
        """
        ...

    async def change(self, notice_id: str, move: Callable[[Notice], Notice]) -> Notice | None:
        """Read, move and write in one commit; what stands afterwards, None for an unknown id."""
        ...

    async def reslot(self, notice_id: str, taken: Collection[int]) -> Notice | None:
        """Another slot in place of one that a page has, as long as nothing was sent."""
        ...

    async def get(self, notice_id: str) -> Notice | None: ...

    async def open(self) -> list[Notice]:
        """To be sent, or waiting for an answer; oldest first."""
        ...

    async def unheard(self) -> list[Notice]:
        """Settled, and whoever ordered them has not been told."""
        ...

    async def about(self, kind: str, reference: str | None = None) -> list[Notice]:
        """All of one kind, or of one thing; oldest first."""
        ...

    async def between(self, since: datetime, until: datetime, kind: str = "", limit: int = 1000) -> list[Notice]:
        """At most `limit`, ordered at `since` or later and before `until`, newest first; of one kind, or of all."""
        ...

    async def of_person(self, person: str) -> list[Notice]:
        """Ordered within seven days or still open; newest first."""
        ...

    async def answered(self, kind: str, limit: int) -> list[Notice]:
        """Those of one kind that somebody has answered, the newest answer first."""
        ...

    async def tests(self, since: datetime, until: datetime) -> list[Notice]:
        """Marked as tests and ordered at `since` or later and before `until`; oldest first."""
        ...

    async def sent_to(self, number: str, kind: str) -> list[Notice]:
        """All of one kind to one number; oldest first."""
        ...

    async def answered_by(self, reply_sid: str) -> Notice | None:
        """The notice that this very text has answered."""
        ...


class Tasks(Protocol):
    """Work for the day, as chores leave it and take it back; the register keeps it."""

    async def directory(self) -> Directory: ...

    async def leave_task(self, task_id: str, title: str, due_at: datetime, who: str) -> None:
        """One that is known is left as it is, done or not."""
        ...

    async def finish_task(self, task_id: str, who: str) -> bool: ...

    async def finished_by(self, task_id: str, who: str) -> datetime | None:
        """When `who` finished it; None for one that is open or unknown, or that somebody else finished."""
        ...

    async def open_again(self, task_id: str, who: str) -> None:
        """What `who` finished is to be done after all; what somebody else finished stays done."""
        ...

    async def open_task_ids(self, start: str) -> frozenset[str]:
        """Those whose id begins so."""
        ...

    async def finished_at(self, start: str) -> list[datetime]:
        """When those whose id begins so were done."""
        ...


@dataclass(frozen=True, slots=True)
class Sender:
    """A program that may call the API. Acting tokens are bound to one person; device tokens are not (RULINGS 10).

    `scope`: what more it may, "patients" or nothing."""

    name: str
    person: str | None = None
    scope: str = ""
