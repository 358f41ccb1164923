"""Editions that wait for a test page, over whichever store holds the register's rows.

The contract is `when_proven.WaitingShelf`; each move is one write with its line in the audit. Deliberately not here:
what a move means (`core.rota.waiting`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from oncall.adapters.register.keeping import keep
from oncall.adapters.register.rows import Rows
from oncall.adapters.register.waiting_rows import WaitingRow, row_of, waiting_of
from oncall.core.rota.waiting import Waiting
from oncall.service.ports.timepiece import Timepiece

if TYPE_CHECKING:
    from oncall.adapters.register.store import Store


class KeptWaiting:
    """See the module."""

    def __init__(self, store: Store, clock: Timepiece) -> None:
        self._store, self._clock = store, clock

    async def begin(self, waiting: Waiting) -> Waiting | None:
        at = self._clock.now()

        def work(rows: Rows) -> Waiting | None:
            if rows.find(WaitingRow, author=waiting.author, is_open=True):
                return None
            keep(rows, row_of(waiting), waiting.by, at)
            return waiting

        return await self._store.write(work)

    async def change(self, id: str, move: Callable[[Waiting], Waiting], who: str) -> Waiting | None:
        at = self._clock.now()

        def work(rows: Rows) -> Waiting | None:
            for row in rows.find(WaitingRow, id=id):
                after = move(waiting_of(row))
                keep(rows, row_of(after), who, at)
                return after
            return None

        return await self._store.write(work)

    async def get(self, id: str) -> Waiting | None:
        found = await self._store.read(lambda rows: rows.find(WaitingRow, id=id))
        return waiting_of(found[0]) if found else None

    async def open(self) -> list[Waiting]:
        found = await self._store.read(lambda rows: rows.find(WaitingRow, is_open=True))
        return sorted((waiting_of(row) for row in found), key=lambda waiting: waiting.asked_at)

    async def newest_of(self, author: str) -> Waiting | None:
        found = await self._store.read(lambda rows: rows.newest(WaitingRow, "asked_at", 1, author=author))
        return waiting_of(found[0]) if found else None
