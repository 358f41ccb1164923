"""How one delivery is written, the same for every store.

A `Shelf` is what a store must be able to do inside one transaction; `write_delivery` is the one sequence of acts on
it: key seen before, find the case, replay, decide, append, derive. The in-memory twin and SQLite differ only in their
shelves. Deliberately not here: transactions, threads, and reading for pages.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import Any, Protocol

from oncall.core.as_json import quoted
from oncall.core.case.case import Case
from oncall.core.case.codec import encode
from oncall.core.case.commands import Command, TakeReport
from oncall.core.case.decide import Decide, Decision
from oncall.core.case.duties import Duties, duties_of
from oncall.core.case.entries import Recorded
from oncall.core.case.facts import Directory, Facts
from oncall.core.case.messages import MessageState, Progress
from oncall.core.people import Caller, Patient
from oncall.core.reports import Report
from oncall.service.ports.journal import Tombstone, Written

SLOT_REST = timedelta(days=7)  # a slot is not given to the same person again for this long (RULINGS 5)
LONGEST_PUSH = timedelta(seconds=60)  # as the watch puts off; further away is from before a backward clock step
GENESIS = "0" * 64


class RegisterView(Protocol):
    """The register as seen from inside the write."""

    def directory(self) -> Directory: ...

    def caller(self, number: str, at: datetime) -> Caller | None: ...

    def patient(self, patient_id: str, at: datetime) -> Patient | None: ...

    def is_not_a_patient(self, number: str, at: datetime) -> bool:
        """Whether a named person's mark on this number stands, and nobody is enrolled with it."""
        ...

    def notice_slots(self, person: str, since: datetime) -> frozenset[int]:
        """Slots by which this person answers notices, or has since then: no page may have the same."""
        ...


class Shelf(Protocol):
    """One store inside one transaction."""

    def seen(self, key: str) -> tuple[Mapping[str, Any], tuple[str, ...]] | None: ...

    def remember(self, key: str, at: datetime, answer: Mapping[str, Any], cases: Sequence[str]) -> None: ...

    def case_of_key(self, key: str) -> str | None:
        """The open case that holds this key."""
        ...

    def replayed(self, case_id: str) -> tuple[Case, str]:
        """The case by replay, and its last hash (GENESIS for none)."""
        ...

    def append(self, case_id: str, rows: Sequence[tuple[Recorded, str, int, str, str]]) -> None:
        """Entries with kind, version, body and hash."""
        ...

    def derive(self, case: Case, before: Duties, after: Duties) -> None: ...

    def file(self, case_id: str, report: Report) -> None: ...

    def taken_slots(self, person: str, since: datetime) -> frozenset[int]:
        """Slots this person has had since then, or has in a case that is still open."""
        ...

    def taken_codes(self) -> Set[str]:
        """Codes of open cases; may be the shelf's own set, true for this transaction."""
        ...

    def busy(self, except_case: str) -> frozenset[str]: ...

    def held_by(self, person: str, except_case: str) -> int:
        """How many other open cases this person holds."""
        ...

    def register(self) -> RegisterView: ...


def write_delivery(shelf: Shelf, commands: Sequence[Command], decide: Decide, key: str | None, at: datetime) -> Written:
    """All commands of one delivery, or the first answer again when its key has been seen."""
    if key is not None and (known := shelf.seen(key)) is not None:
        answer, case_ids = known
        return Written(tuple(shelf.replayed(case_id)[0] for case_id in case_ids), answer, repeated=True)
    decisions = [_write_one(shelf, command, decide, at) for command in commands]
    answer = decisions[0].answer if len(decisions) == 1 else {"reports": [dict(d.answer) for d in decisions]}
    cases = tuple(decision.case for decision in decisions)
    if key is not None:
        shelf.remember(key, at, answer, [case.id for case in cases])
    return Written(cases, answer, entries=tuple(entry for d in decisions for entry in d.entries))


def _write_one(shelf: Shelf, command: Command, decide: Decide, at: datetime) -> Decision:
    case, last_hash = shelf.replayed(case_id_for(shelf, command))
    decision = decide(case, command, at, facts_for(shelf, command, case, at))
    if decision.entries:
        shelf.append(case.id, chained(case.id, last_hash, decision.entries))
        shelf.derive(decision.case, duties_of(case), duties_of(decision.case))
    for report in decision.reports:
        shelf.file(case.id, report)
    return decision


def case_id_for(shelf: Shelf, command: Command) -> str:
    """The case a command is about: named, or the open one of its key, or a new one named after the report."""
    if not isinstance(command, TakeReport):
        return command.case
    return command.case or shelf.case_of_key(command.key) or f"c{command.report.id}"


def facts_for(shelf: Shelf, command: Command, case: Case, at: datetime) -> Facts:
    """The snapshot that `decide` sees, read in this write (RULINGS 10)."""
    register = shelf.register()
    number = case.phone or (command.number if isinstance(command, TakeReport) else None)
    patient = case.patient or _patient_of(command)
    return Facts(
        directory=register.directory(),
        caller=register.caller(number, at) if number else None,
        patient=register.patient(patient, at) if patient else None,
        busy=shelf.busy(case.id),
        taken_slots=_SlotsWhenAsked(shelf, at - SLOT_REST),
        taken_codes=shelf.taken_codes() if case.version == 0 else frozenset(),
        holding=_HoldingWhenAsked(shelf, case.id),
        not_a_patient=_is_marked(register, command, at),
    )


def _is_marked(register: RegisterView, command: Command, at: datetime) -> bool:
    """Looked up only where it may matter."""
    if not isinstance(command, TakeReport) or not command.idle or command.number is None:
        return False
    return register.is_not_a_patient(command.number, at)


class _SlotsWhenAsked(Mapping[str, frozenset[int]]):
    """Taken slots, looked up in this transaction only for the people who are being paged."""

    def __init__(self, shelf: Shelf, since: datetime) -> None:
        self._shelf, self._since = shelf, since

    def __getitem__(self, person: str) -> frozenset[int]:
        noticed = self._shelf.register().notice_slots(person, self._since)
        return self._shelf.taken_slots(person, self._since) | noticed

    def __iter__(self) -> Iterator[str]:
        return iter(self._shelf.register().directory().clinicians)

    def __len__(self) -> int:
        return len(self._shelf.register().directory().clinicians)


class _HoldingWhenAsked(Mapping[str, int]):
    """How many other open cases a person holds, looked up in this transaction only for who is being paged."""

    def __init__(self, shelf: Shelf, except_case: str) -> None:
        self._shelf, self._except = shelf, except_case

    def __getitem__(self, person: str) -> int:
        return self._shelf.held_by(person, self._except)

    def __iter__(self) -> Iterator[str]:
        return iter(self._shelf.register().directory().clinicians)

    def __len__(self) -> int:
        return len(self._shelf.register().directory().clinicians)


def _patient_of(command: Command) -> str | None:
    if isinstance(command, TakeReport) and command.key.startswith("patient:"):
        return command.key.removeprefix("patient:")
    return None


def is_settled(state: MessageState, now: datetime) -> bool:
    """Whether the worker that leased this message is done with it: handed over, dropped, or held back until later.

    A message whose wait is over may have been leased again, so its lease is left alone.
    """
    if not state.is_owed:
        return True
    return state.progress is Progress.OWED and state.not_before is not None and state.not_before > now


def owes_follow_up(case: Case, before: Duties) -> bool:
    """Whether this closed the case, and something is left to do."""
    return case.closed is not None and case.closed.follow_up is not None and before.key is not None


def chained(case_id: str, last_hash: str, entries: Sequence[Recorded]) -> list[tuple[Recorded, str, int, str, str]]:
    """Each entry with its stored form and the hash that ties it to everything before it in the case."""
    rows = []
    for recorded in entries:
        kind, version, body = encode(recorded.entry)
        last_hash = entry_hash(last_hash, case_id, recorded.seq, recorded.at, kind, version, body)
        rows.append((recorded, kind, version, body, last_hash))
    return rows


def entry_hash(before: str, case_id: str, seq: int, at: datetime, kind: str, version: int, body: str) -> str:
    """Over what JSON makes of these in a list."""
    told = f'["{before}", {quoted(case_id)}, {seq}, "{at.isoformat()}", {quoted(kind)}, {version}, {quoted(body)}]'
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def tombstone_hash(before: str, stone: Tombstone) -> str:
    """Each tombstone is tied to the one before it, so that none can be taken away unseen."""
    told = [before, stone.case, stone.code, stone.entries, stone.last_hash, stone.closed_at.isoformat()]
    told += [stone.purged_at.isoformat(), stone.purged_by, stone.export_sha256]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()
