"""The notices of the hospital over whichever store holds the register's rows; the contract is `ports.Notices`.

Each change is one commit with its line in the audit. Deliberately not here: the table (`notice_rows`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from oncall.adapters.register.keeping import keep
from oncall.adapters.register.notice_rows import SLOT_REST, NoticeRow, notice_of, row_of, slots_of
from oncall.adapters.register.rows import Rows, Value
from oncall.core.case.rounds import SLOTS
from oncall.core.notices import Notice, Standing, free_notice_slot, ordered, with_slot
from oncall.service.ports.timepiece import Timepiece

if TYPE_CHECKING:
    from oncall.adapters.register.store import Store

WHO = "the messenger"
MOST_TESTS = 100_000  # of one span that is reported on


class KeptNotices:
    """See the module."""

    def __init__(self, store: Store, clock: Timepiece) -> None:
        self._store, self._clock = store, clock

    async def put(self, notice: Notice, taken: Collection[int]) -> Notice:
        at = self._clock.now()

        def work(rows: Rows) -> Notice:
            for known in rows.find(NoticeRow, id=notice.id):
                return notice_of(known)
            placed = ordered(notice, at, _free_slot(rows, notice, taken, at))
            keep(rows, row_of(placed), notice.ordered_by, at)
            return placed

        return await self._store.write(work)

    async def change(self, notice_id: str, move: Callable[[Notice], Notice]) -> Notice | None:
        return await self._moved(notice_id, lambda rows, notice, at: move(notice))

    async def reslot(self, notice_id: str, taken: Collection[int]) -> Notice | None:
        return await self._moved(
            notice_id, lambda rows, notice, at: with_slot(notice, _free_slot(rows, notice, taken, at))
        )

    async def _moved(self, notice_id: str, move: Callable[[Rows, Notice, datetime], Notice]) -> Notice | None:
        at = self._clock.now()

        def work(rows: Rows) -> Notice | None:
            for row in rows.find(NoticeRow, id=notice_id):
                moved = move(rows, notice_of(row), at)
                keep(rows, row_of(moved), WHO, at)
                return moved
            return None

        return await self._store.write(work)

    async def get(self, notice_id: str) -> Notice | None:
        found = await self._found(id=notice_id)
        return found[0] if found else None

    async def open(self) -> list[Notice]:
        return await self._found(is_open=True)

    async def unheard(self) -> list[Notice]:
        return await self._found(is_open=False, is_heard=False)

    async def about(self, kind: str, reference: str | None = None) -> list[Notice]:
        if reference is None:
            return await self._found(about_kind=kind)
        return await self._found(about_kind=kind, about_ref=reference)

    async def between(self, since: datetime, until: datetime, kind: str = "", limit: int = 1000) -> list[Notice]:
        of_kind: dict[str, Value] = {"about_kind": kind} if kind else {}
        found = await self._store.read(
            lambda rows: rows.between(NoticeRow, "ordered_at", since, until, limit, **of_kind)
        )
        return [notice_of(row) for row in found]

    async def of_person(self, person: str) -> list[Notice]:
        since = self._clock.now() - SLOT_REST
        found = await self._found(person=person)
        return [n for n in reversed(found) if n.is_open or (n.ordered_at is not None and n.ordered_at > since)]

    async def answered(self, kind: str, limit: int) -> list[Notice]:
        standing = Standing.ANSWERED.value
        rows = await self._store.read(
            lambda rows: rows.newest(NoticeRow, "answered_at", limit, about_kind=kind, standing=standing)
        )
        return [notice_of(row) for row in rows]

    async def tests(self, since: datetime, until: datetime) -> list[Notice]:
        rows = await self._store.read(
            lambda rows: rows.between(NoticeRow, "ordered_at", since, until, MOST_TESTS, is_test=True)
        )
        rows.reverse()
        return [notice_of(row) for row in rows]

    async def sent_to(self, number: str, kind: str) -> list[Notice]:
        return await self._found(sent_to=number, about_kind=kind)

    async def answered_by(self, reply_sid: str) -> Notice | None:
        found = await self._found(reply_sid=reply_sid)
        return found[0] if found else None

    async def _found(self, **equal: Value) -> list[Notice]:
        rows = await self._store.read(lambda rows: rows.find(NoticeRow, **equal))
        return [notice_of(row) for row in _oldest_first(rows)]


def _oldest_first(rows: Iterable[NoticeRow]) -> list[NoticeRow]:
    return sorted(rows, key=lambda row: (row.ordered_at, row.id))


def _free_slot(rows: Rows, notice: Notice, taken: Collection[int], at: datetime) -> int | None:
    if not notice.needs_slot:
        return None
    used = slots_of(rows, notice.person, at - SLOT_REST)
    return free_notice_slot(SLOTS, used | set(taken))
